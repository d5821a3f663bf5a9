"""What the columns of a table are good for: facts of each, which teach a model nothing, and which task a target suits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import polars as pl

from mhub_core.data.records import Column
from mhub_core.kinds.tables import dates
from mhub_core.kinds.tables.types import Found

MAX_CATEGORIES = 1000
_FEW_CATEGORIES = 50  # always used
_ROWS_PER_CATEGORY = 10
_FEW_CLASSES = 20
_MAX_DECIMALS = 6
_SAMPLE = 1000
_MANY_TEXTS = 100_000
_NAMES = 10  # so many texts of which no two are the same are names, not categories
_MANY_ROWS = 20
_NEARLY_UNIQUE = 0.9
_CONSTANT = "its training rows have only one value"
_MOSTLY_UNIQUE = 0.5
TARGET_NAMES = ("target", "class", "label", "species", "outcome", "y", "quality", "type")
_ID = re.compile(
    r"^(ids?|index|idx|nr|no|num|number|rows?|rownames?|row[_ ]?(id|no|nr|num|number)|key|uuid|guid|#|unnamed.*|column_1"
    r"|.*[_ .-](id|uuid|guid|key|index)|.*(?-i:[a-z](Id|ID)))$",
    re.IGNORECASE,
)
_TIME = re.compile(r"year|month|week|day|date|time|hour|epoch|jahr|age", re.IGNORECASE)


def is_text(values: pl.Series) -> bool:
    """Return whether a tidy column holds text."""
    return values.dtype == pl.String


def num_distinct(values: pl.Series) -> int:
    """Return how many different values there are. Of many texts their hashes are compared: 64 bits tell 10 million apart."""
    told = values.hash() if is_text(values) and values.len() > _MANY_TEXTS else values
    return told.n_unique() - (values.null_count() > 0)  # without a copy of those that are known


def why_ignored(values: pl.Series, distinct: int | None = None) -> str | None:
    """Return why a model cannot learn from a column, or None when it can. `distinct`: `num_distinct`, where it is known."""
    distinct, known = num_distinct(values) if distinct is None else distinct, values.len() - values.null_count()
    if reason := _why_empty(distinct):
        return reason
    if is_text(values) and distinct > MAX_CATEGORIES:
        return f"text with {distinct:,} different values"
    if is_text(values) and distinct > _FEW_CATEGORIES and known < distinct * _ROWS_PER_CATEGORY:
        return f"text with {distinct:,} different values in {known:,} rows, fewer than {_ROWS_PER_CATEGORY} rows for each"
    if is_text(values) and distinct == known and distinct >= _NAMES:
        return "every row has another text, as names have"
    if values.dtype == pl.Int64 and distinct == values.len() and _counts_up(values) and not _TIME.search(values.name):
        return "it only counts the rows"
    if _is_named_id(values, distinct, known):
        return "its name and its values are those of an id, which says nothing about other rows"
    return None


def _why_empty(distinct: int) -> str | None:
    return "all values are missing" if distinct == 0 else "all values are the same" if distinct == 1 else None


def _counts_up(values: pl.Series) -> bool:
    return values.len() > 2 and bool((values.diff().drop_nulls() == 1).all())


def _is_named_id(values: pl.Series, distinct: int, known: int) -> bool:
    if known < _MANY_ROWS or not _ID.match(values.name) or not (is_text(values) or values.dtype == pl.Int64):
        return False
    return distinct >= known * _NEARLY_UNIQUE or _goes_up(values, distinct)


def _goes_up(values: pl.Series, distinct: int) -> bool:
    """Return whether whole numbers never fall from row to row, and mostly rise."""
    if not values.dtype.is_numeric() or values.len() < _MANY_ROWS or values.null_count():
        return False
    return distinct >= values.len() * _MOSTLY_UNIQUE and values.is_sorted() and _is_whole(values)


def _is_whole(values: pl.Series) -> bool:
    return values.dtype == pl.Int64 or bool((values == values.round()).all())


class ByName(Protocol):
    """Rows of which columns are asked for by name, such as a frame."""

    @property
    def height(self) -> int:
        """How many rows there are."""

    def __getitem__(self, name: str, /) -> pl.Series:
        """Return a column."""


def id_sentences(frame: ByName, columns: Sequence[Column]) -> list[str]:
    """Return a warning for each column that is used and goes up from row to row, as ids do."""
    used = [one for one in columns if one.kind == "number" and not one.missing and not _TIME.search(one.name)]
    used = [one for one in used if one.distinct >= frame.height * _MOSTLY_UNIQUE]  # the others need not be read once more
    return [
        f"{column.name!r} goes up from row to row, as an id does. If it is one, leave it out: it tells the order of the rows."
        for column in used
        if _goes_up(frame[column.name], column.distinct)
    ][:10]


def describe(values: pl.Series, train: pl.Series | None = None, found: Found | None = None) -> Column:
    """Return the facts of a tidy column, as `described` does."""
    return described(values, train, found)[0]


def described(values: pl.Series, train: pl.Series | None = None, found: Found | None = None) -> tuple[Column, str]:
    """Return the facts of a tidy column, and why it is not used, empty where it is.

    Extremes, mean, median, deviation, categories and parts of dates are those of the training rows, given as a mask. `found` is
    what was found out while it was read, and the kind that a person chose.
    """
    found = found or Found()
    values = values if is_text(values) else values.rechunk()  # the last digit of a mean depends on where chunks end
    distinct = num_distinct(values)
    why = _why_empty(distinct) if found.chosen else why_ignored(values, distinct)
    why = "it was left out" if found.chosen == "ignored" else why
    facts: dict[str, Any] = {"name": values.name, "missing": values.null_count(), "distinct": distinct}
    facts |= {"unit": found.unit, "convention": found.convention, "marks": found.marks, "written": found.written}
    if is_text(values):
        counts = None if why and distinct > _MANY_TEXTS else _counts(values, train)  # of many no form offers the usual one
        why = why or ("" if counts is None or len(counts) > 1 else _CONSTANT)
        return _text(counts, facts, bool(why)), why
    seen = values if train is None else values.filter(train)
    why = why or (_CONSTANT if _is_constant(seen) else "")
    column = (_moments if values.dtype.is_temporal() else _numbers)(seen, facts, bool(why))
    return column, why or ("" if column.kind != "ignored" else _CONSTANT)


def _text(counts: pl.DataFrame | None, facts: dict[str, Any], is_ignored: bool) -> Column:
    usual = str(counts["text"][0]) if counts is not None and len(counts) else None
    categories = () if is_ignored or counts is None else tuple(counts["text"].sort())
    return Column(kind="ignored" if is_ignored else "category", categories=categories, usual=usual, **facts)


def _moments(seen: pl.Series, facts: dict[str, Any], is_ignored: bool) -> Column:
    parts = () if is_ignored else dates.measured(seen)
    return Column(kind="date" if parts else "ignored", parts=parts, **_range(dates.days_of(seen)), **facts)


def _numbers(seen: pl.Series, facts: dict[str, Any], is_ignored: bool) -> Column:
    floats = seen.cast(pl.Float64)
    decimals = _decimals(floats.drop_nulls())
    return Column(kind="ignored" if is_ignored else "number", decimals=decimals, **_range(floats), **facts)


def _is_constant(values: pl.Series) -> bool:
    """Return whether a column has at most one value, or none: the first ones tell of most that they have more."""
    return num_distinct(values.head(_SAMPLE)) < 2 and num_distinct(values) < 2


def _range(seen: pl.Series) -> dict[str, Any]:
    return {
        "minimum": _plain(seen.min()),
        "maximum": _plain(seen.max()),
        "mean": _plain(seen.mean()),
        "std": _plain(seen.std(ddof=0)),
        "median": _plain(seen.median()),
    }


def _counts(texts: pl.Series, train: pl.Series | None) -> pl.DataFrame:
    """Return how many training rows have each text, the most frequent first, of several the first by name."""
    rows = pl.LazyFrame([texts.alias("text")] if train is None else [texts.alias("text"), train.alias("train")])
    rows = rows if train is None else rows.filter("train")
    counts = rows.drop_nulls("text").group_by("text").len("rows").collect(engine="streaming")  # without a copy of the rows
    return counts.sort("rows", "text", descending=[True, False])


def _decimals(values: pl.Series) -> int:
    """Return how many digits behind the point these numbers are written with."""

    def fits(digits: int, values: pl.Series) -> bool:
        return bool((values == values.round(digits)).all())

    some = values.head(_SAMPLE)
    return next((digits for digits in range(_MAX_DECIMALS) if fits(digits, some) and fits(digits, values)), _MAX_DECIMALS)


def _plain(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def guess_task(values: pl.Series) -> str:
    """Return the likely task for a target: text or a few whole numbers are classes."""
    if not values.dtype.is_numeric():
        return "classification"
    known = values.drop_nulls()
    return "classification" if _is_whole(known) and known.n_unique() <= _FEW_CLASSES else "regression"


def guess_target(frame: pl.DataFrame) -> str:
    """Return the column that is likely to be the target: by its name, else the last one that can be learnt."""
    by_name = {name.lower(): name for name in frame.columns}
    for name in TARGET_NAMES:
        if name in by_name and num_distinct(frame[by_name[name]]) > 1:
            return by_name[name]
    can_be = [name for name in reversed(frame.columns) if not frame[name].dtype.is_temporal()]
    return next((name for name in can_be if why_ignored(frame[name]) is None), frame.columns[-1])


def ignored_sentences(columns: Sequence[Column], reasons: Mapping[str, str]) -> list[str]:
    """Return one sentence per column that is not used, at most ten. `reasons`: why, by name."""
    ignored = [column for column in columns if column.kind == "ignored"]
    sentences = [f"Column {one.name!r} is not used: {reasons[one.name]}." for one in ignored[:10]]
    return sentences + ([f"{len(ignored) - 10} more columns are not used."] if len(ignored) > 10 else [])
