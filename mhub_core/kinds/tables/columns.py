"""What the columns of a table are: numbers, categories or nothing to learn from; and which task a target suits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from mhub_core.data.records import Column
from mhub_core.kinds.tables.encoding import LARGEST, MISSING

MAX_CATEGORIES = 50
_FEW_CLASSES = 20
_MAX_DECIMALS = 6
_NAMES = 10  # so many texts of which no two are the same are names, not categories
_TARGET_NAMES = ("target", "class", "label", "species", "outcome", "y", "quality", "type")
_NEARLY_ALL = 0.95


def tidy(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Return a frame of numbers and text only, missing values as null, with what was changed in sentences."""
    warnings: list[str] = []
    return frame.with_columns(_tidy_column(frame[name], warnings) for name in frame.columns), warnings


def _tidy_column(values: pl.Series, warnings: list[str]) -> pl.Series:
    if values.dtype.is_integer():
        return values.cast(pl.Int64, strict=False)
    if values.dtype.is_numeric():
        return _without_wild(values.cast(pl.Float64), warnings)
    text = values.cast(pl.String).str.strip_chars()
    text = text.set(text.is_in(list(MISSING)), None)
    numbers = text.cast(pl.Float64, strict=False)
    known, found = text.len() - text.null_count(), numbers.len() - numbers.null_count()
    if not known or found < known * _NEARLY_ALL or values.dtype == pl.Boolean:
        return text
    if found < known:
        warnings.append(f"{known - found:,} values of {values.name!r} are not numbers; they count as missing.")
    return _without_wild(numbers, warnings)


def _without_wild(numbers: pl.Series, warnings: list[str]) -> pl.Series:
    """Return numbers whose mean and deviation are numbers too: what is not finite, or far beyond any measure, is missing."""
    wild = (~numbers.is_nan() & (numbers.abs() > LARGEST)).fill_null(False)
    if wild.any():
        warnings.append(f"{wild.sum():,} values of {numbers.name!r} are infinite or beyond {LARGEST:g}; they count as missing.")
    return numbers.set((wild | numbers.is_nan()).fill_null(False), None)


def is_text(values: pl.Series) -> bool:
    """Return whether a tidy column holds text."""
    return values.dtype == pl.String


def why_ignored(values: pl.Series) -> str | None:
    """Return why a model cannot learn from a column, or None when it can."""
    distinct = values.drop_nulls().n_unique()
    if distinct == 0:
        return "all values are missing"
    if distinct == 1:
        return "all values are the same"
    if is_text(values) and distinct > MAX_CATEGORIES:
        return f"text with {distinct:,} different values"
    if is_text(values) and distinct == values.len() - values.null_count() and distinct >= _NAMES:
        return "every row has another text, as names have"
    if values.dtype == pl.Int64 and distinct == values.len() and _counts_up(values):
        return "it only counts the rows"
    return None


def _counts_up(values: pl.Series) -> bool:
    return values.len() > 2 and bool((values.diff().drop_nulls() == 1).all())


def describe(values: pl.Series, train: pl.Series | None = None) -> Column:
    """Return the facts of a tidy column.

    Mean, median, deviation and categories are those of the training rows, given as a mask.
    """
    seen = values if train is None else values.filter(train)
    ignored = why_ignored(values) is not None or why_ignored(seen) in (
        "all values are missing",
        "all values are the same",
    )
    facts: dict[str, Any] = {"name": values.name, "missing": values.null_count(), "distinct": values.drop_nulls().n_unique()}
    if is_text(values):
        categories = () if ignored else tuple(seen.drop_nulls().unique().sort())
        return Column(kind="ignored" if ignored else "category", categories=categories, usual=_most_frequent(seen), **facts)
    numbers = seen.cast(pl.Float64)
    return Column(
        kind="ignored" if ignored else "number",
        minimum=_plain(values.min()),
        maximum=_plain(values.max()),
        mean=_plain(numbers.mean()),
        std=_plain(numbers.std(ddof=0)),
        median=_plain(numbers.median()),
        decimals=_decimals(numbers.drop_nulls()),
        **facts,
    )


def _most_frequent(texts: pl.Series) -> str | None:
    """Return the text that most rows have, of several the first by name."""
    counts = texts.alias("text").drop_nulls().value_counts(name="rows").sort("rows", "text", descending=[True, False])
    return str(counts["text"][0]) if len(counts) else None


def _decimals(numbers: pl.Series) -> int:
    """Return how many digits behind the point these numbers are written with."""
    fitting = (digits for digits in range(_MAX_DECIMALS) if bool((numbers == numbers.round(digits)).all()))
    return next(fitting, _MAX_DECIMALS)


def _plain(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def guess_task(values: pl.Series) -> str:
    """Return the likely task for a target: text or a few whole numbers are classes."""
    if is_text(values):
        return "classification"
    few = values.drop_nulls().n_unique() <= _FEW_CLASSES
    return "classification" if few and values.dtype == pl.Int64 else "regression"


def guess_target(frame: pl.DataFrame) -> str:
    """Return the column that is likely to be the target: by its name, else the last one that can be learnt."""
    by_name = {name.lower(): name for name in frame.columns}
    for name in _TARGET_NAMES:
        if name in by_name:
            return by_name[name]
    return next((name for name in reversed(frame.columns) if why_ignored(frame[name]) is None), frame.columns[-1])


def ignored_sentences(frame: pl.DataFrame, columns: Sequence[Column]) -> list[str]:
    """Return one sentence per column that is not used, at most ten."""
    ignored = [column.name for column in columns if column.kind == "ignored"]
    sentences = [
        f"Column {name!r} is not used: {why_ignored(frame[name]) or 'its training rows have only one value'}."
        for name in ignored[:10]
    ]
    return sentences + ([f"{len(ignored) - 10} more columns are not used."] if len(ignored) > 10 else [])
