"""Rows for a prediction out of a small CSV file, read as datasets are."""

from __future__ import annotations

from collections.abc import Sequence

from mhub_core.errors import Invalid
from mhub_core.kinds.tables import text

MAX_ROWS = 10_000


def read_csv(data: bytes, columns: Sequence[str]) -> tuple[list[dict[str, str]], list[str]]:
    """Return the rows of a CSV file and those of `columns` that it lacks.

    Raises Invalid for a file that is empty, no text, without any of the columns, too long or that has a row of another length
    than its first line.
    """
    names, rows = text.read_rows(data)
    if len(rows) > MAX_ROWS:
        raise Invalid(f"This file has {len(rows):,} rows.", f"At most {MAX_ROWS:,}.", "Split it into several files.")
    missing = [name for name in columns if name not in names]
    if len(missing) == len(columns):
        raise Invalid(
            "This file has none of the model's columns.",
            f"Column names such as {', '.join(columns[:8])}.",
            "Put the column names into the first line.",
        )
    return [dict(zip(names, row, strict=True)) for row in rows], missing
