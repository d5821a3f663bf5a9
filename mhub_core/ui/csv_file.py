"""Writes the CSV files that the hub hands out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# A spreadsheet takes a cell that begins so for a formula, and runs it: https://owasp.org/www-community/attacks/CSV_Injection
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return the text of the file. What a spreadsheet would take for a formula begins with an apostrophe, as it does there."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerows([_plain(cell) for cell in row] for row in (head, *rows))
    return file.getvalue()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_BEGINS_FORMULA) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
