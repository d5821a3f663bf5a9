"""Which rows of a table somebody asks for: those that fit a comparison, in the order of a column, a page of them.

Only the columns that decide are read as a whole; of the others, the rows of the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from mhub_core.data.splits import TRAIN
from mhub_core.errors import Invalid
from mhub_core.kinds.tables import dates

IS, IS_NOT, CONTAINS, ABOVE, BELOW, MISSING = "is", "is_not", "contains", "above", "below", "missing"
OF_NUMBERS, OF_TEXTS = (IS, IS_NOT, ABOVE, BELOW, MISSING), (CONTAINS, IS, IS_NOT, MISSING)
_MAX_LETTERS = 200
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$#&~-]")


@dataclass(frozen=True)
class Query:
    """What somebody asks for: rows whose `column` compares with `value`, sorted by another column, missing values last.

    Without a `column` all rows fit; without `sort` they stand in their own order.
    """

    sort: str = ""
    descending: bool = False
    column: str = ""
    comparison: str = IS
    value: str = ""


def find(table: Path, split: Path, query: Query, offset: int, limit: int) -> tuple[int, list[int]]:
    """Return how many training rows fit, and which rows of the table stand on a page of them. Raises Invalid."""
    fitting = np.load(split) == TRAIN
    frame = pl.scan_parquet(table)
    names = frame.collect_schema().names()
    if query.column:
        _require(query.column, names)
        fitting &= _fits(frame.select(query.column).collect()[query.column], query)
    rows = np.flatnonzero(fitting)
    if query.sort:
        _require(query.sort, names)
        values = frame.select(query.sort).collect()[query.sort].filter(pl.Series(fitting))
        return len(rows), _page(values, rows, query.descending, offset, limit).tolist()
    return len(rows), rows[offset:][:limit].tolist()


def _require(name: str, names: Sequence[str]) -> None:
    if name not in names:
        raise Invalid(f"There is no column {name[:80]!r}.", "A column of this table.", "Choose another column.")


def _fits(values: pl.Series, query: Query) -> np.ndarray:
    """Return bool `(rows,)`. A missing value fits nothing but being missing."""
    is_number, value = values.dtype.is_numeric(), query.value[:_MAX_LETTERS]
    if query.comparison not in (OF_NUMBERS if is_number else OF_TEXTS):
        raise Invalid("These values cannot be compared in this way.", mend="Choose another comparison.")
    if query.comparison == MISSING:
        return values.is_null().to_numpy()
    if not is_number:
        texts = dates.in_words(values.to_frame()).to_series().cast(pl.String)  # as the page shows them
        if query.comparison == CONTAINS:
            found = texts.str.contains("(?i)" + _SPECIAL.sub(r"\\\g<0>", value))
        else:
            found = texts == value if query.comparison == IS else texts != value
        return found.fill_null(False).to_numpy()
    number = _number(value)
    found = {IS: values == number, IS_NOT: values != number, ABOVE: values > number, BELOW: values < number}[query.comparison]
    return found.fill_null(False).to_numpy()


def _number(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError as error:
        raise Invalid(f"{text[:40]!r} is not a number.", "A number, such as 3.5.", "Type a number.") from error


def _page(values: pl.Series, rows: np.ndarray, descending: bool, offset: int, limit: int) -> np.ndarray:
    """Return a page of rows in the order of their values: equal ones in their own order, missing ones last.

    No more is sorted than the page: a partition finds the values at its ends.
    """
    there = values.is_not_null().to_numpy()
    keys, known, unknown = _keys(values.drop_nulls(), descending), rows[there], rows[~there]
    end = min(offset + limit, len(keys))
    first = known[_between(keys, offset, end)] if offset < end else known[:0]
    start = max(0, offset - len(known))
    return np.concatenate([first, unknown[start : start + limit - len(first)]])


def _between(keys: np.ndarray, start: int, end: int) -> np.ndarray:
    """Return `numpy.argsort(keys, stable=True)[start:end]`."""
    ends = np.partition(keys, (start, end - 1))
    low, high = ends[start], ends[end - 1]
    lowest = np.flatnonzero(keys == low)[start - int((keys < low).sum()) :]
    if low == high:
        return lowest[: end - start]
    inner = np.flatnonzero((keys > low) & (keys < high))
    inner = inner[np.argsort(keys[inner], kind="stable")]
    return np.concatenate([lowest, inner, np.flatnonzero(keys == high)])[: end - start]


def _keys(values: pl.Series, descending: bool) -> np.ndarray:
    """Return numbers in the order of values without missing ones, the other way round when descending."""
    if values.dtype == pl.String:
        known = values.unique().sort()
        numbers = values.cast(pl.Enum(known)).to_physical().cast(pl.Int64).to_numpy()
    elif values.dtype.is_float():
        numbers = values.to_numpy()
        return -numbers if descending else numbers
    else:
        numbers = values.to_physical().cast(pl.Int64).to_numpy()
    return ~numbers if descending else numbers


def fetch(table: Path, numbers: Sequence[int]) -> pl.DataFrame:
    """Return some rows of a table, in the given order. What a page needs lies in few parts of the file."""
    frame = pl.scan_parquet(table)
    if not numbers:
        return frame.head(0).collect()
    return pl.concat(pl.collect_all([frame.slice(number, 1) for number in numbers]))
