"""Numbers as people write them: with a decimal point or comma, marks between thousands, a currency, a unit or a percent sign.

Two conventions: "1,234.56" has a decimal point, "1.234,56" a decimal comma; blanks and apostrophes may stand between thousands
in both. Which one a cell is written in is certain for most; of "1.234" and "1,234" only others can tell.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import polars as pl

from mhub_core.kinds.tables import marks

POINT, COMMA = "1,234.56", "1.234,56"
_BLANK = "[ '’\u00a0\u2009\u202f]"
_SYMBOL = "€$£¥₹₽₺₩₫฿"
_CODE = "USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|TRY|RUB|KRW|SGD|HKD|US|Rs\\.?"
_PREFIX = rf"(?:(?:{_CODE}|R)?\s?[{_SYMBOL}]|(?:{_CODE}))"
_UNIT = rf"[\p{{L}}%°‰µΩ{_SYMBOL}][\p{{L}}%°./ ·*²³µ^{_SYMBOL}-]{{0,9}}(?:[23])?"
_NUMBER = rf"(?:\d(?:[\d.,]|{_BLANK}\d)*|[.,]\d+)"
_PARTS = (
    rf"^(?P<open>\()?\s*(?P<sign>[+−–-]?)\s*(?P<prefix>{_PREFIX})?\s*(?P<sign2>[+−–-]?)\s*"
    rf"(?P<number>{_NUMBER})(?P<power>[eE][+-]?\d+)?(?P<minus>-)?(?P<unit>\s?{_UNIT})?\s*(?P<close>\))?$"
)
_WHOLE = {
    POINT: rf"^(?:\d+|\d{{1,3}}(?:,\d{{2,3}})*,\d{{3}}|\d{{1,3}}(?:{_BLANK}\d{{3}})+)?(?:\.\d*)?$",
    COMMA: rf"^(?:\d+|\d{{1,3}}(?:\.\d{{3}})+|\d{{1,3}}(?:{_BLANK}\d{{3}})+)?(?:,\d*)?$",
}
_EITHER = r"^[1-9]\d{0,2}[.,]\d{3}$"
_OTHER = {POINT: COMMA, COMMA: POINT}
_NEARLY_ALL = 0.95
_SAMPLE = 1000
LARGEST = 1e30  # float32 holds it, and its square is finite in float64
_LOOSE = re.compile(_PARTS.replace(r"\p{L}", "A-Za-zÀ-ž"))


@dataclass(frozen=True)
class Evidence:
    """Of how many cells it is certain that they have a decimal point, or a decimal comma; and of how many with one point
    or one comma before three digits it is not."""

    points: int = 0
    commas: int = 0
    open_points: int = 0
    open_commas: int = 0

    @property
    def is_all_open(self) -> bool:
        """Whether no cell is certain."""
        return not self.points and not self.commas

    @property
    def open(self) -> int:
        """How many cells can be read in both ways."""
        return self.open_points + self.open_commas

    @property
    def certain(self) -> str | None:
        """The convention that most of the certain cells have."""
        return None if self.points == self.commas else POINT if self.points > self.commas else COMMA


@dataclass(frozen=True)
class Parts:
    """Cells taken apart: `number` the digits with their marks, null where a cell holds no number; `unit` the currency or unit
    around them, empty for none; `sign` "-" or empty; `power` such as "e5"."""

    number: pl.Series
    unit: pl.Series
    sign: pl.Series
    power: pl.Series


def looks_like(cell: str) -> bool:
    """Return whether a cell is a number in whatever convention, with whatever unit."""
    found = _LOOSE.match(cell)
    return found is not None and any(re.match(form, found["number"]) for form in _WHOLE.values())


def value_of(cell: str, convention: str) -> float | None:
    """Return the number of one cell, or None. Read in this convention, and in the other only where it can be nothing else."""
    found = _LOOSE.match(cell.strip())
    if found is None or (found["open"] is None) != (found["close"] is None):
        try:
            return None if "_" in cell else float(cell)  # such as inf
        except ValueError:
            return None
    marked = next((one for one in (convention, _OTHER[convention]) if re.match(_WHOLE[one], found["number"])), None)
    if marked is None:
        return None
    plain = re.sub(_BLANK, "", found["number"])
    plain = plain.replace(",", "") if marked == POINT else plain.replace(".", "").replace(",", ".")
    is_minus = found["open"] is not None or any(found[name] in ("-", "−", "–") for name in ("sign", "sign2", "minus"))
    return (-1.0 if is_minus else 1.0) * float(plain + (found["power"] or ""))


def take_apart(texts: pl.Series) -> Parts:
    """Take text cells apart."""
    groups = texts.str.extract_groups(_PARTS).struct.unnest()
    is_whole = (groups["open"].is_null() == groups["close"].is_null()) & groups["number"].is_not_null()
    minus = groups["open"].is_not_null()
    for name in ("sign", "sign2", "minus"):
        minus = minus | groups[name].is_in(["-", "−", "–"]).fill_null(False)
    prefix, unit = groups["prefix"].fill_null("").str.strip_chars(), groups["unit"].fill_null("").str.strip_chars()
    number = groups.select(pl.when(is_whole).then(pl.col("number")))["number"]
    sign = pl.select(pl.when(minus).then(pl.lit("-")).otherwise(pl.lit(""))).to_series()
    return Parts(
        number, pl.select(pl.when(unit == "").then(prefix).otherwise(unit)).to_series(), sign, groups["power"].fill_null("")
    )


def evidence(number: pl.Series) -> Evidence:
    """Return what the cells of one column say about the convention. `number` as `Parts` has it."""
    marked = number.filter(number.str.contains("[.,]").fill_null(False))
    either = marked.str.contains(_EITHER)
    certain, open_cells = marked.filter(~either), marked.filter(either)
    is_point, is_comma = certain.str.contains(_WHOLE[POINT]), certain.str.contains(_WHOLE[COMMA])
    with_comma = int(open_cells.str.contains(",", literal=True).sum())
    return Evidence(
        int((is_point & ~is_comma).sum()), int((is_comma & ~is_point).sum()), len(open_cells) - with_comma, with_comma
    )


def plain_evidence(texts: pl.Series) -> Evidence:
    """Return the evidence of cells that are written as programs do, with a point or none: looked for in some, then in all."""
    sample = texts.drop_nulls().head(_SAMPLE)
    marked = sample.filter(sample.str.contains(".", literal=True))
    if marked.is_empty() or not marked.str.contains(_EITHER).all():
        return Evidence(points=len(marked))
    return evidence(texts)


def leading_zeros(texts: pl.Series) -> int:
    """Return how many cells are whole numbers that begin with 0, as codes do, in a column of nothing but whole numbers."""
    zeros = texts.str.contains(r"^0\d+$").fill_null(False)
    return int(zeros.sum()) if zeros.any() and not marks.without(texts, among_numbers=True).str.contains(r"\D").any() else 0


def read(parts: Parts, convention: str) -> pl.Series:
    """Return the numbers, float64, null where there is none in this convention."""
    fits = parts.number.str.contains(_WHOLE[convention]).fill_null(False)
    plain = parts.number.str.replace_all(_BLANK, "")
    if convention == POINT:
        plain = plain.str.replace_all(",", "", literal=True)
    else:
        plain = plain.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    return pl.select(pl.when(fits).then((parts.sign + plain + parts.power).cast(pl.Float64, strict=False))).to_series()


def is_whole(parts: Parts, convention: str) -> bool:
    """Return whether no number has anything behind its decimal mark."""
    mark = r"\." if convention == POINT else ","
    return not parts.number.str.contains(mark).fill_null(False).any() and not (parts.power != "").any()


def unit_of(parts: Parts) -> tuple[str, pl.Series]:
    """Return the unit that the numbers have, empty for none, and of which cells that is not so, bool `(rows,)`."""
    seen = Counter(parts.unit.filter(parts.number.is_not_null()).to_list())
    named = Counter({unit: count for unit, count in seen.items() if unit})
    if not named:
        return "", pl.Series([False]).new_from_index(0, len(parts.unit))
    unit, count = named.most_common(1)[0]
    if count < seen.get("", 0) * (1 - _NEARLY_ALL) or seen.total() - seen.get("", 0) - count > seen.total() * (1 - _NEARLY_ALL):
        unit = ""
    other = parts.unit != unit
    return unit, other & (parts.unit != "")
