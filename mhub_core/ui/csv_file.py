"""Writes the CSV files that the hub hands out."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

# A spreadsheet takes a cell that begins so for a formula, and runs it: https://owasp.org/www-community/attacks/CSV_Injection
# Some first take away blanks, line ends and signs that cannot be seen, and read the full-width ＝ as =.
_BEGINS_FORMULA = ("=", "+", "-", "@")
_BEGINS_NEW_CELL = ("\t", "\r", "\n")


def csv_text(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return the text of the file. What a spreadsheet would take for a formula begins with an apostrophe, as it does there."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerows([_plain(cell) for cell in row] for row in (head, *rows))
    return file.getvalue()


def _plain(cell: str) -> str:
    return f"'{cell}" if _may_be_formula(cell) and not _is_number(cell) else cell


def _may_be_formula(cell: str) -> bool:
    seen = next((sign for sign in unicodedata.normalize("NFKC", cell) if not _is_unseen(sign)), "")
    return seen in _BEGINS_FORMULA or cell.startswith(_BEGINS_NEW_CELL)


def _is_unseen(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
