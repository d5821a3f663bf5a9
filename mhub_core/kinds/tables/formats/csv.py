"""Text with one row per line: CSV, TSV, and what else people call so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from mhub_core import settings
from mhub_core.data.records import Progress
from mhub_core.errors import TooLarge
from mhub_core.kinds.tables import dialect
from mhub_core.kinds.tables.formats.format import Head, Long, Refusals, Whole
from mhub_core.kinds.tables.lines import Changed, pieces
from mhub_core.kinds.tables.rows import batches

FIRST_BYTES = 16 << 20  # a longer file is read in pieces; the types of its columns are first guessed of these


class Csv:
    """Cells of text between separators. All columns come as text."""

    name = "csv"
    words = "a CSV file"
    endings: tuple[str, ...] = (".csv", ".tsv", ".txt")
    head_is_enough = True
    reads_pieces = True

    def accepts(self, path: Path, head: bytes, file_name: str) -> bool:
        """Take every file: the reader says what is wrong with one that is no table."""
        return True

    def look(self, path: Path, chosen: dict[str, Any]) -> Head:
        """Read the first lines."""
        size = path.stat().st_size
        with path.open("rb") as file:
            found = dialect.find(file, chosen)
            whole = _rows(file, found, lambda *_: None, size, dialect.HEAD_BYTES)
        return Head(
            whole.frame, found.options, (*whole.notes, *_refused(whole.refusals)), min(1.0, dialect.HEAD_BYTES / max(size, 1))
        )

    def read(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> Whole:
        """Read all rows."""
        with path.open("rb") as file:
            return _rows(file, dialect.find(file, chosen), progress, path.stat().st_size)

    def long(self, path: Path, chosen: dict[str, Any], folder: Path, progress: Progress) -> Long | None:
        """Read the first rows of a long file."""
        size = path.stat().st_size
        if size <= FIRST_BYTES:
            return None
        with path.open("rb") as file:
            found = dialect.find(file, chosen)
            return _Pieces(path, found, _rows(file, found, lambda *_: None, size, FIRST_BYTES).frame)


class _Pieces:
    """A file of more than `FIRST_BYTES`."""

    def __init__(self, path: Path, found: dialect.Dialect, first: pl.DataFrame) -> None:
        self.first = first
        self._path, self._found = path, found
        self._changed, self.refusals = Changed(), Refusals()

    def pieces(self, progress: Progress) -> Iterator[pl.DataFrame]:
        """Give all rows."""
        self._changed, self.refusals = Changed(), Refusals()
        with self._path.open("rb") as file:
            yield from _pieces(file, self._found, self._changed, self.refusals, progress, self._path.stat().st_size)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found when all was read."""
        return (*self._found.notes, *self._changed.sentences())

    def close(self) -> None:
        """Let go of the first rows; the file is that of the upload."""
        self.first = self.first.clear()


def _rows(file: BinaryIO, found: dialect.Dialect, progress: Progress, size: int, at_most: int | None = None) -> Whole:
    """Return the rows of a file, or of its first bytes. Raises TooLarge for too many."""
    changed, refusals = Changed(), Refusals()
    frame = pl.concat(list(_pieces(file, found, changed, refusals, progress, size, at_most)))
    return Whole(frame, refusals, (*found.notes, *changed.sentences()))


def _pieces(
    file: BinaryIO,
    found: dialect.Dialect,
    changed: Changed,
    refusals: Refusals,
    progress: Progress,
    size: int,
    at_most: int | None = None,
) -> Iterator[pl.DataFrame]:
    is_whole = at_most is None or size <= at_most
    num_rows, limit = 0, settings.number("MHUB_MAX_ROWS")
    for batch in batches(pieces(file, found.encoding, changed, None if is_whole else at_most), found.shape, changed, is_whole):
        num_rows += batch.frame.height
        if num_rows > limit:
            raise TooLarge(f"The table has more than {limit:,} rows.", mend="Upload only a part of it.")
        for refused in batch.refused:
            refusals.add(f"row {refused.row:,}", refused.why, refused.written)
        progress(file.tell(), size, "Reading rows")
        batch.frame.columns = list(found.names)
        yield batch.frame


def _refused(refusals: Refusals) -> tuple[str, ...]:
    """Say in a preview what the report of a whole file says row by row."""
    if not refusals.count:
        return ()
    (what, why), count = refusals.examples[0], f"{refusals.count:,} rows are" if refusals.count > 1 else "1 row is"
    return (f"{count} left out of the first rows; {what} {why}.",)
