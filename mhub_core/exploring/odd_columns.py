"""What about the columns and rows of a table would mislead a model, each in a sentence with what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import polars as pl

from mhub_core.exploring.records import NOTE, WARNING, ColumnFacts, Finding
from mhub_core.exploring.repeats import Repeats

LEAK_OF_CLASSES, LEAK_OF_NUMBERS = 0.97, 0.98
MANY_MISSING, MANY_REPEATED = 0.5, 0.01
_ENOUGH_ROWS = 20  # with fewer, a column tells the target by chance, and numbers differ by chance
_ID = re.compile(r"(?i:(?:^|[^a-z])(?:id|ids|uuid|guid|index|idx|key)$)|[a-z]I[dD]$")
_IDS = "an id"
_NAMED = 10


def is_id(values: pl.Series) -> bool:
    """Tell whether a column of all rows only numbers or names them: no two values are the same, and they count up, or the column
    is called so, or they are text."""
    if len(values) < _ENOUGH_ROWS or values.null_count() or not (values.dtype.is_integer() or values.dtype == pl.String):
        return False
    if values.n_unique() < len(values):
        return False
    return values.dtype == pl.String or bool(_ID.search(values.name)) or values.is_sorted()


def why_unused(train: pl.Series) -> str:
    """Return why a model does not look at a column, as far as its training rows tell."""
    distinct = train.drop_nulls().n_unique()
    if distinct < 2:
        return "all values are missing" if distinct == 0 else "all values are the same"
    if is_id(train):
        return _IDS
    return "too many different texts" if train.dtype == pl.String else "left out"


def findings(facts: Sequence[ColumnFacts], ids: set[str], has_classes: bool) -> list[Finding]:
    """Return what is odd about the columns, what misleads first."""
    columns = [column for column in facts if not column.is_target]
    used = [column for column in columns if not column.unused]
    sure = LEAK_OF_CLASSES if has_classes else LEAK_OF_NUMBERS
    leaks = [column for column in used if (column.strength or 0) >= sure and column.num_rows >= _ENOUGH_ROWS]
    missing = [column for column in used if column.missing_share > MANY_MISSING]
    constant = [column for column in columns if column.distinct < 2]
    return [
        *(_leak(column) for column in leaks[:_NAMED]),
        *(_id(column.name, True) for column in used if column.name in ids),
        *(_missing(column) for column in missing[:_NAMED]),
        *(_constant(column) for column in constant[:_NAMED]),
        *(_id(column.name, False) for column in columns if column.unused == _IDS),
    ]


def _leak(column: ColumnFacts) -> Finding:
    return Finding(
        "leak",
        WARNING,
        f'Column "{column.name}" alone tells the target almost perfectly ({column.strength:.0%}).',
        "Ask whether it is known before the target is. If it was written down afterwards or follows from the target, leave it "
        "out: a model would copy it, score very well here, and fail on new data.",
        column.name,
    )


def _id(name: str, is_used: bool) -> Finding:
    if not is_used:
        return Finding(
            "id",
            NOTE,
            f'Column "{name}" is different in every row, as an id is. It is not used.',
            "Nothing has to be done.",
            name,
        )
    return Finding(
        "id",
        WARNING,
        f'Column "{name}" is different in every row, as an id is.',
        "A model can learn rows by heart with it, which does not help on new data. Leave it out, unless it means something.",
        name,
    )


def _missing(column: ColumnFacts) -> Finding:
    return Finding(
        "missing",
        WARNING,
        f'Column "{column.name}" is missing in {column.missing_share:.0%} of the training rows.',
        "A model sees the mean there, or no category. Find out why it is missing, and leave the column out when it tells little.",
        column.name,
    )


def _constant(column: ColumnFacts) -> Finding:
    what = "has no values" if not column.distinct else "has the same value"
    words = f'Column "{column.name}" {what} in all training rows. It is not used.'
    return Finding("constant", NOTE, words, "Nothing has to be done: it tells nothing about the target.", column.name)


def repeated(found: Repeats, num_train: int, num_test: int) -> Iterable[Finding]:
    """Return what is odd about rows that are there several times."""
    few = " Your columns allow few different rows, so this may be natural." if found.ways < (num_train + num_test) / 2 else ""
    if found.across >= max(1, MANY_REPEATED * num_test):
        yield Finding(
            "across_splits",
            WARNING,
            f"{found.across:,} of {num_test:,} test rows are also among the training rows.{few}",
            "A model knows their answers already, so its test scores look better than they are. Remove duplicate rows, in the "
            "file or by a step of cleaning.",
        )
    if found.in_training >= max(1, MANY_REPEATED * num_train):
        yield Finding(
            "duplicates",
            WARNING,
            f"{found.in_training:,} of {num_train:,} training rows repeat another one.{few}",
            "They count several times in training. Remove them, unless each is an observation of its own.",
        )
    if found.torn >= max(2, MANY_REPEATED * num_train):
        yield Finding(
            "contradictions",
            WARNING,
            f"{found.torn:,} training rows are equal to others that have another class.",
            "No model can tell them apart with these columns. Check their labels, or add a column that tells them apart.",
        )
