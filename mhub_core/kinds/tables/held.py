"""The tidy rows of a table: in memory, or in a Parquet file of which one column or some rows are read at a time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow.parquet as pq

_GROUP_ROWS = 125_000
_GROUP_BYTES = 128 << 20
_REPEATED = 8  # times that each value occurs, on the average: then a dictionary is quicker to write, and smaller
_FAST = 1  # of zstd: a tenth quicker than its usual 3, and a fiftieth larger


class Held(Protocol):
    """Rows of which columns are asked for by name."""

    columns: list[str]
    height: int

    def __getitem__(self, name: str) -> pl.Series:
        """Return a column."""

    def spans(self, most: int) -> Iterator[range]:
        """Give the numbers of all rows in spans that are quickly read, of about so many rows or fewer."""

    def rows(self, names: list[str], span: range) -> pl.DataFrame:
        """Return some columns of a span. Several threads may ask at once."""


class Frame:
    """Rows in memory."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.columns, self.height = frame.columns, frame.height
        self._frame = frame

    def __getitem__(self, name: str) -> pl.Series:
        """Return a column."""
        return self._frame[name]

    def spans(self, most: int) -> Iterator[range]:
        """Give spans of equal length."""
        return _parts(range(self.height), most)

    def rows(self, names: list[str], span: range) -> pl.DataFrame:
        """Return some rows."""
        return self._frame.select(names).slice(span.start, len(span))


class File:
    """Rows in a Parquet file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with pq.ParquetFile(path) as file:
            self.columns, self.height = list(file.schema_arrow.names), int(file.metadata.num_rows)
            self._groups = [int(file.metadata.row_group(number).num_rows) for number in range(file.num_row_groups)]

    def __getitem__(self, name: str) -> pl.Series:
        """Read a column."""
        return pl.read_parquet(self._path, columns=[name])[name]

    def spans(self, most: int) -> Iterator[range]:
        """Give the groups of rows as they were written, and parts of long ones."""
        first = 0
        for num_rows in self._groups:
            yield from _parts(range(first, first + num_rows), max(most, _GROUP_ROWS * 2))
            first += num_rows

    def rows(self, names: list[str], span: range) -> pl.DataFrame:
        """Read some rows."""
        return pl.scan_parquet(self._path, glob=False).slice(span.start, len(span)).select(names).collect()


def _parts(span: range, most: int) -> Iterator[range]:
    return (span[first : first + most] for first in range(0, len(span), most))


class Writer:
    """Writes pieces of a table into a Parquet file, in a thread of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: pq.ParquetWriter | None = None
        self._waiting: list[pl.DataFrame] = []
        self._pool = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None

    def write(self, piece: pl.DataFrame) -> None:
        """Take a piece; it is written when there are enough rows."""
        self._waiting.append(piece)
        rows, num_bytes = (sum(map(of, self._waiting)) for of in (len, pl.DataFrame.estimated_size))
        if rows >= _GROUP_ROWS or num_bytes >= _GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what is left."""
        self._flush()
        self._pool.shutdown()
        self._await()
        if self._file:
            self._file.close()

    def _flush(self) -> None:
        if not self._waiting:
            return
        self._await()
        self._writing, self._waiting = self._pool.submit(self._write, self._waiting), []

    def _await(self) -> None:
        """Wait until the rows before are written: no more than two lots lie in memory."""
        if self._writing:
            self._writing.result()

    def _write(self, pieces: list[pl.DataFrame]) -> None:
        frame = pl.concat(pieces)
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._file is None:
            repeated = [values.name for values in frame.get_columns() if values.n_unique() * _REPEATED < frame.height]
            options = {"compression": "zstd", "compression_level": _FAST, "use_dictionary": repeated}
            self._file = pq.ParquetWriter(self._path, table.schema, **options)
        self._file.write_table(table)
