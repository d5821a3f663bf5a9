"""What people write into a cell that has no value."""

from __future__ import annotations

import polars as pl

USUAL = frozenset(("", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL"))  # which need no word
# In every column, in capitals or not as they are written here.
ANYWHERE = frozenset(
    (
        "",
        "NA",
        "N/A",
        "n/a",
        "NaN",
        "nan",
        "null",
        "NULL",
        "?",
        "#N/A",
        "<NA>",
        "\\N",
        "#DIV/0!",
        "#VALUE!",
        "#REF!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#NV",  # of Excel in other languages
        "#WERT!",
        "#BEZUG!",
        "#ZAHL!",
        "#N/D",
        "#¡DIV/0!",
        "#¡VALOR!",
        "#VALEUR!",
        "#VALORE!",
    )
)
# Among numbers and dates, in capitals or small letters. In a column of words they may be a word.
AMONG_NUMBERS = frozenset(mark.lower() for mark in ANYWHERE) | frozenset(
    ("-", "--", "---", "–", "—", ".", "..", "...", "*", "none", "nil", "n.a.", "n.a", "na.", "n.d.", "nd", "missing", "unknown",
     "not available", "not applicable", "undefined", "blank", "empty", "(null)", "(blank)", "-nan", "nat",
     "1.#qnan", "-1.#ind", "1.#ind", "1.#nan", "k.a.", "k. a.", "keine angabe", "o.a.", "n.v.", "n.b.", "sin dato", "s.d.", "nc",
     "n.c.", "не указано", "нет данных")
)  # fmt: skip


def is_missing(cell: str) -> bool:
    """Return whether a cell among numbers stands for no value."""
    return cell.strip().lower() in AMONG_NUMBERS


def without(texts: pl.Series, among_numbers: bool) -> pl.Series:
    """Return text cells with null where they stand for no value."""
    if among_numbers:
        return texts.set(texts.str.to_lowercase().is_in(sorted(AMONG_NUMBERS)).fill_null(False), None)
    return texts.set(texts.is_in(sorted(ANYWHERE)).fill_null(False), None)


def composed(texts: pl.Series) -> tuple[pl.Series, int]:
    """Return text in which letters that look the same are the same (Unicode form NFC), and how many cells that changed."""
    if (texts.str.len_bytes() == texts.str.len_chars()).all():  # ASCII
        return texts, 0
    changed = texts.str.normalize("NFC")
    return changed, int((changed != texts).sum())


def told(before: pl.Series, after: pl.Series) -> dict[str, int]:
    """Return which marks were taken for no value, with how many cells have each; the usual ones need no word."""
    gone = before.filter(after.is_null() & before.is_not_null())
    counts = gone.alias("mark").value_counts(name="cells").sort("cells", "mark", descending=[True, False])
    return {mark: cells for mark, cells in counts.iter_rows() if mark not in USUAL}
