"""Text with one row per line: CSV, TSV, and what else people call so."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from mhub_core import settings
from mhub_core.data.records import Progress
from mhub_core.errors import TooLarge
from mhub_core.kinds.tables import dialect
from mhub_core.kinds.tables.formats.format import Head, Refusals, Whole
from mhub_core.kinds.tables.lines import Changed, pieces
from mhub_core.kinds.tables.rows import batches


class Csv:
    """Cells of text between separators. All columns come as text."""

    name = "csv"
    words = "a CSV file"
    endings: tuple[str, ...] = (".csv", ".tsv", ".txt")
    head_is_enough = True

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


def _rows(file: BinaryIO, found: dialect.Dialect, progress: Progress, size: int, at_most: int | None = None) -> Whole:
    """Return the rows of a file, or of its first bytes. Raises TooLarge for too many."""
    is_whole = at_most is None or size <= at_most
    changed, refusals, limit = Changed(), Refusals(), settings.number("MHUB_MAX_ROWS")
    parts: list[pl.DataFrame] = []
    num_rows = 0
    for batch in batches(pieces(file, found.encoding, changed, None if is_whole else at_most), found.shape, changed, is_whole):
        parts.append(batch.frame)
        num_rows += batch.frame.height
        if num_rows > limit:
            raise TooLarge(f"The table has more than {limit:,} rows.", mend="Upload only a part of it.")
        for refused in batch.refused:
            refusals.add(f"row {refused.row:,}", refused.why, refused.written)
        progress(file.tell(), size, "Reading rows")
    frame = pl.concat(parts)
    frame.columns = list(found.names)
    return Whole(frame, refusals, (*found.notes, *changed.sentences()))


def _refused(refusals: Refusals) -> tuple[str, ...]:
    """Say in a preview what the report of a whole file says row by row."""
    if not refusals.count:
        return ()
    (what, why), count = refusals.examples[0], f"{refusals.count:,} rows are" if refusals.count > 1 else "1 row is"
    return (f"{count} left out of the first rows; {what} {why}.",)
