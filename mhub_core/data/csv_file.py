"""Writes the CSV files that the hub hands out."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

import polars as pl

# A spreadsheet takes a cell that begins so for a formula, and runs it: https://owasp.org/www-community/attacks/CSV_Injection
# Some first take away blanks, line ends and signs that cannot be seen, and read the full-width ＝ as =.
_BEGINS_FORMULA = ("=", "+", "-", "@")
_LIKE_A_FORMULA = r"^[\s\p{Cc}\p{Cf}]*[=+\-@]"
_BEGINS_NEW_CELL = ("\t", "\r", "\n")


def csv_text(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return the text of the file. What a spreadsheet would take for a formula begins with an apostrophe, as it does there."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerows([plain(cell) for cell in row] for row in (head, *rows))
    return file.getvalue()


def plain_texts(texts: pl.Series) -> pl.Series:
    """Return a column of text with each cell as `plain` gives it. Only those that may be formulas are looked at one by one."""
    may_be = texts.str.normalize("NFKC").str.contains(_LIKE_A_FORMULA) | texts.str.contains("^[\\t\\r\\n]")
    wild = texts.filter(may_be.fill_null(False)).unique()
    return texts.replace(wild, pl.Series([plain(cell) for cell in wild], dtype=pl.String)) if len(wild) else texts


def plain(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
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
