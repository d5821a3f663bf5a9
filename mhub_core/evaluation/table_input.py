"""Rows for a prediction out of a small CSV file, read as datasets are."""

from __future__ import annotations

import io
from collections.abc import Sequence

import polars as pl

from mhub_core.data.records import Column
from mhub_core.errors import Invalid
from mhub_core.kinds.tables import dialect, marks, numbers
from mhub_core.kinds.tables.lines import Changed, pieces
from mhub_core.kinds.tables.rows import batches

MAX_ROWS = 10_000


def read_csv(data: bytes, columns: Sequence[Column]) -> tuple[list[dict[str, str]], list[str]]:
    """Return the rows of a CSV file and the names of those of `columns` that it lacks. Numbers come with a decimal point.

    Raises Invalid for a file that is empty, no text, without any of the columns, too long or that has a row of another length
    than its first line.
    """
    frame = _frame(data)
    if frame.height > MAX_ROWS:
        raise Invalid(f"This file has {frame.height:,} rows.", f"At most {MAX_ROWS:,}.", "Split it into several files.")
    missing = [column.name for column in columns if column.name not in frame.columns]
    if len(missing) == len(columns):
        raise Invalid(
            "This file has none of the model's columns.",
            f"Column names such as {', '.join(missing[:8])}.",
            "Put the column names into the first line.",
        )
    frame = frame.with_columns(pl.all().str.strip_chars().fill_null(""))
    return _with_points(frame, [one for one in columns if one.kind == "number" and one.name in frame.columns]).to_dicts(), missing


def _frame(data: bytes) -> pl.DataFrame:
    empty = Invalid(
        "This file has no rows.", "The first line must contain the column names, and each further line one row.", "Add a row."
    )
    if not data.strip():
        raise empty
    file, changed = io.BytesIO(data), Changed()
    found = dialect.find(file, {"header": True}, min_columns=1, keeps_empty=True)
    parts = list(batches(pieces(file, found.encoding, changed), found.shape, changed))
    for part in parts:
        for refused in part.refused:
            count = refused.why.split()[1]
            raise Invalid(
                f"Line {refused.line} has {count} values.", f"{len(found.names)}, as the first line.", "Correct that line."
            )
    frame = pl.concat([part.frame for part in parts])
    if frame.is_empty():
        raise empty
    frame.columns = list(found.names)
    return frame


def _with_points(frame: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    """Return the frame with the numbers of these columns as programs write them.

    What is certain of a column's cells in this file decides, then those of its other columns, then how the dataset was written.
    """
    parts = {one.name: numbers.take_apart(marks.without(frame[one.name], among_numbers=True)) for one in columns}
    seen = {name: numbers.evidence(one.number) for name, one in parts.items()}
    points, commas = sum(one.points for one in seen.values()), sum(one.commas for one in seen.values())
    of_file = None if points == commas else numbers.POINT if points > commas else numbers.COMMA
    written = []
    for one in columns:
        convention = seen[one.name].certain or of_file or one.convention or numbers.POINT
        values = numbers.read(parts[one.name], convention)
        cells = [cell if value is None else _plain(value) for cell, value in zip(frame[one.name], values, strict=True)]
        written.append(pl.Series(one.name, cells, pl.String))
    return frame.with_columns(written)


def _plain(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
