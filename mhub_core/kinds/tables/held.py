"""The tidy rows of a table: in memory, or in a Parquet file of which one column or some rows are read at a time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

_GROUP_ROWS = 125_000
_FAST = 1  # of zstd: a tenth quicker than its usual 3, and a fiftieth larger


class Held(Protocol):
    """Rows of which columns are asked for by name."""

    columns: list[str]
    height: int

    def __getitem__(self, name: str) -> pl.Series:
        """Return a column."""

    def pieces(self, names: list[str], rows: int) -> Iterator[pl.DataFrame]:
        """Give some columns of all rows, so many rows at a time."""


class Frame:
    """Rows in memory."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.columns, self.height = frame.columns, frame.height
        self._frame = frame

    def __getitem__(self, name: str) -> pl.Series:
        """Return a column."""
        return self._frame[name]

    def pieces(self, names: list[str], rows: int) -> Iterator[pl.DataFrame]:
        """Give some rows at a time."""
        return self._frame.select(names).iter_slices(rows)


class File:
    """Rows in a Parquet file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with pq.ParquetFile(path) as file:
            self.columns, self.height = list(file.schema_arrow.names), int(file.metadata.num_rows)

    def __getitem__(self, name: str) -> pl.Series:
        """Read a column."""
        return pl.read_parquet(self._path, columns=[name])[name]

    def pieces(self, names: list[str], rows: int) -> Iterator[pl.DataFrame]:
        """Read some rows at a time."""
        with pq.ParquetFile(self._path) as file:
            for batch in file.iter_batches(rows, columns=names):
                yield pl.DataFrame(pl.from_arrow(batch))


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
        if sum(one.height for one in self._waiting) >= _GROUP_ROWS:
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
        table = pl.concat(pieces).to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._file is None:
            texts = [field.name for field in table.schema if pa.types.is_large_string(field.type)]
            options = {"compression": "zstd", "compression_level": _FAST, "use_dictionary": texts}
            self._file = pq.ParquetWriter(self._path, table.schema, **options)
        self._file.write_table(table)
