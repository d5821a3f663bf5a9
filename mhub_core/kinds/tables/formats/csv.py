"""Text with one row per line: CSV, TSV, and what else people call so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from mhub_core import settings
from mhub_core.data.records import Progress
from mhub_core.errors import TooLarge
from mhub_core.kinds.tables import dialect, odd_rows
from mhub_core.kinds.tables.formats.format import Head, Long, Refusals, Whole
from mhub_core.kinds.tables.formats.kept import Rows, refused
from mhub_core.kinds.tables.lines import Changed, pieces
from mhub_core.kinds.tables.rows import batches

FIRST_BYTES = 16 << 20  # a longer file is read in pieces; the types of its columns are first guessed of these


class Csv:
    """Cells of text between separators. All columns come as text."""

    name = "csv"
    words = "a CSV file"
    endings: tuple[str, ...] = (".csv", ".tsv", ".txt", ".tab", ".data", ".dat")
    head_is_enough = True
    reads_pieces = True

    def __init__(self, min_columns: int = 2, keeps_empty: bool = False) -> None:
        self._find: dict[str, Any] = {"min_columns": min_columns, "keeps_empty": keeps_empty}

    def accepts(self, path: Path, head: bytes, file_name: str) -> bool:
        """Take every file: the reader says what is wrong with one that is no table."""
        return True

    def look(self, path: Path, chosen: dict[str, Any]) -> Head:
        """Read the first lines."""
        size = path.stat().st_size
        with path.open("rb") as file:
            found = dialect.find(file, chosen, **self._find)
            whole = _rows(file, _Reading(found, chosen), lambda *_: None, size, dialect.HEAD_BYTES)
        options = (*found.options, *odd_rows.last_options(whole.refusals.reasons, chosen))
        notes = (*whole.notes, *refused(whole.refusals, size > dialect.HEAD_BYTES))
        return Head(whole.frame, options, notes, min(1.0, dialect.HEAD_BYTES / max(size, 1)))

    def read(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> Whole:
        """Read all rows."""
        with path.open("rb") as file:
            return _rows(file, _Reading(dialect.find(file, chosen, **self._find), chosen), progress, path.stat().st_size)

    def long(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> Long | None:
        """Read the first rows of a long file."""
        size = path.stat().st_size
        if size <= FIRST_BYTES:
            return None
        with path.open("rb") as file:
            reading = _Reading(dialect.find(file, chosen, **self._find), chosen)
            return _Pieces(path, reading, _rows(file, reading, lambda *_: None, size, FIRST_BYTES).frame)


class _Pieces:
    """A file of more than `FIRST_BYTES`."""

    def __init__(self, path: Path, reading: _Reading, first: pl.DataFrame) -> None:
        self.first = first
        self._path, self._reading = path, reading
        self._changed, self.refusals = Changed(), Refusals()

    def pieces(self, progress: Progress) -> Iterator[pl.DataFrame]:
        """Give all rows."""
        self._changed, self.refusals = Changed(), Refusals()
        with self._path.open("rb") as file:
            yield from _pieces(file, self._reading, self._changed, self.refusals, progress, self._path.stat().st_size)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found when all was read."""
        return (*self._reading.found.notes, *self._changed.sentences())

    def close(self) -> None:
        """Let go of the first rows; the file is that of the upload."""
        self.first = self.first.clear()


@dataclass(frozen=True)
class _Reading:
    """How a file is read, and what a person chose."""

    found: dialect.Dialect
    chosen: dict[str, Any]


def _rows(file: BinaryIO, reading: _Reading, progress: Progress, size: int, at_most: int | None = None) -> Whole:
    """Return the rows of a file, or of its first bytes. Raises TooLarge for too many."""
    changed, refusals = Changed(), Refusals()
    frame = pl.concat(list(_pieces(file, reading, changed, refusals, progress, size, at_most)))
    return Whole(frame, refusals, (*reading.found.notes, *changed.sentences()))


def _pieces(
    file: BinaryIO,
    reading: _Reading,
    changed: Changed,
    refusals: Refusals,
    progress: Progress,
    size: int,
    at_most: int | None = None,
) -> Iterator[pl.DataFrame]:
    found, is_whole = reading.found, at_most is None or size <= at_most
    limit = settings.number("MHUB_MAX_ROWS")
    is_seen = size <= dialect.HEAD_BYTES  # what a person is not shown before is not left out
    rows = Rows(found.names, found.shape.separator, refusals, odd_rows.leaves_totals(reading.chosen) and is_seen)
    read = found.form.pieces(pieces(file, found.encoding, changed, None if is_whole else at_most))
    for batch in batches(read, found.shape, changed, is_whole):
        batch.frame.columns = list(found.names)
        frame = rows.take(found.form.frame(batch.frame), batch.refused)
        if rows.kept > limit:
            raise TooLarge(f"The table has more than {limit:,} rows.", mend="Upload only a part of it.")
        progress(file.tell(), size, "Reading rows")
        yield frame
    yield rows.end()
