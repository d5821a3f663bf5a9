"""Rows for a prediction out of a small CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from mhub_core.errors import Invalid
from mhub_core.kinds.tables.text import has_decimal_commas, with_points

MOST_ROWS = 10_000


def read_csv(data: bytes, columns: Sequence[str]) -> tuple[list[dict[str, str]], list[str]]:
    """Return the rows of a CSV file and those of `columns` that it lacks.

    Commas, semicolons and tabs separate. Raises Invalid for a file that is empty, no text, without any of the columns, too long
    or that has a row of another length than its first line.
    """
    text = _text(data)
    first_line = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first_line.count)
    try:
        lines = [line for line in csv.reader(io.StringIO(text), delimiter=delimiter) if line]
    except csv.Error as error:
        raise Invalid("This file is no CSV.", "Text with one row a line.", "Save it as CSV once more.") from error
    if len(lines) < 2:
        raise Invalid("This file has no rows.", "A first line with the names of the columns, then one row a line.", "Add a row.")
    if len(lines) - 1 > MOST_ROWS:
        raise Invalid(f"This file has {len(lines) - 1:,} rows.", f"At most {MOST_ROWS:,}.", "Send it in pieces.")
    names = [name.strip() for name in lines[0]]
    missing = [name for name in columns if name not in names]
    if len(missing) == len(columns):
        raise Invalid(
            "This file has none of the model's columns.",
            f"Names such as {', '.join(columns[:8])}.",
            "Put them into the first line.",
        )
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(names):
            raise Invalid(f"Line {number} has {len(line)} values.", f"{len(names)}, as the first line.", "Correct that line.")
    rows = lines[1:]
    if delimiter == ";" and has_decimal_commas(rows):
        rows = [with_points(row) for row in rows]
    return [dict(zip(names, row, strict=True)) for row in rows], missing


def _text(data: bytes) -> str:
    if b"\0" in data[:1000]:
        raise Invalid("This file is not a text.", "A CSV file in UTF-8.", "Save the table as CSV.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
