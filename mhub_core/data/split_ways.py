"""The ways to choose which rows are the hidden test split. A new way is a function here and a line in `WAYS`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from mhub_core.data.splits import MIN_ROWS, SEED, TEST, TEST_SHARE, TRAIN, num_test_rows, split_rows
from mhub_core.errors import Invalid

STRATIFIED, RANDOM, GROUP, TIME, COLUMN = "stratified", "random", "group", "time", "column"
DRAWN = (STRATIFIED, RANDOM)  # these need no column
SHARES = (0.05, 0.5)
MAX_SEED = 2**32 - 1
_MOST_NAMED = 8
# What the values of a column of splits are called; validation rows train, because every run sets its own part aside.
TEST_WORDS = {"test", "testing", "tst", "holdout", "hold-out", "hold_out", "1", "true", "yes"}
_TRAIN_WORDS = {"train", "training", "trn", "0", "false", "no"}
_VALIDATION_WORDS = {"validation", "valid", "val", "dev", "development"}
SPLIT_WORDS = frozenset(TEST_WORDS | _TRAIN_WORDS | _VALIDATION_WORDS)


@dataclass(frozen=True)
class Split:
    """How the test rows of a version are chosen. `column` is empty where the way looks at none."""

    way: str = STRATIFIED
    column: str = ""
    share: float = TEST_SHARE
    seed: int = SEED

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON that `Split(**...)` reads back."""
        return asdict(self)


USUAL = Split()


class Rows(NamedTuple):
    """What a way looks at: how many rows there are, int `(rows,)` their classes where they have some, and the chosen column."""

    num: int
    strata: np.ndarray | None
    values: pl.Series | None


Drawn = tuple[np.ndarray, list[str]]  # uint8 `(rows,)`, and what is to be said


@dataclass(frozen=True)
class Way:
    """One way. `asks`: the label of the column that it needs; empty: none. `hides_column`: a model does not look at it."""

    title: str
    help: str
    words: str  # which rows were held out, with the share and the column to be filled in
    draw: Callable[[Rows, Split], Drawn]
    asks: str = ""
    hides_column: bool = False
    has_share: bool = True
    has_seed: bool = True


def _stratified(rows: Rows, asked: Split) -> Drawn:
    return split_rows(rows.strata, rows.num, asked.share, asked.seed), []


def _random(rows: Rows, asked: Split) -> Drawn:
    return split_rows(None, rows.num, asked.share, asked.seed), []


def _group(rows: Rows, asked: Split) -> Drawn:
    """Take whole groups in a drawn order, as long as they fit into the share. A row without a group is one by itself."""
    groups, notes = groups_of(rows, asked)
    sizes = np.bincount(groups)
    if len(sizes) < 2:
        raise Invalid(f"All rows have the same value in {asked.column!r}.", "Two or more groups.", "Choose another column.")
    wanted, taken, total = num_test_rows(rows.num, asked.share), np.zeros(len(sizes), bool), 0
    for group in np.random.default_rng(asked.seed).permutation(len(sizes)).tolist():
        if total + sizes[group] <= wanted:
            taken[group], total = True, total + sizes[group]
    if not total:
        taken[np.argmin(sizes)] = True
    test = taken[groups]
    num, of = f"{int(taken.sum()):,}", f"{len(sizes):,} groups in {asked.column!r}"
    told = f"{num} of the {of} are the test set ({test.mean():.0%} of the rows)."
    return np.where(test, TEST, TRAIN).astype(np.uint8), [told, *notes]


def groups_of(rows: Rows, asked: Split) -> tuple[np.ndarray, list[str]]:
    """Return the group of each row as int64 `(rows,)`, and what is to be said of them."""
    assert rows.values is not None
    missing = rows.values.is_null().to_numpy()
    codes = rows.values.cast(pl.String).fill_null("").rank("dense").to_numpy().astype(np.int64) - 1
    if not missing.any():
        return codes, []
    codes[missing] = codes.max() + 1 + np.arange(missing.sum())
    codes = np.unique(codes, return_inverse=True)[1]
    return codes, [f"{rows_are(missing)} without a value in {asked.column!r}: each is a group by itself."]


def _time(rows: Rows, asked: Split) -> Drawn:
    """Take the latest rows; those of one moment stay together. A row without a time trains."""
    assert rows.values is not None
    if not (rows.values.dtype.is_numeric() or rows.values.dtype.is_temporal()):
        raise Invalid(f"The column {asked.column!r} holds text.", "A column of dates or numbers.", "Choose another column.")
    missing = rows.values.is_null().to_numpy()
    times = rows.values.to_physical().cast(pl.Float64).fill_null(-np.inf).to_numpy()
    known = np.sort(times[~missing])
    if not len(known) or known[0] == known[-1]:
        raise Invalid(f"All rows have the same value in {asked.column!r}.", "Two or more times.", "Choose another column.")
    first = known[-min(num_test_rows(rows.num, asked.share), len(known))]
    test = times >= first if first > known[0] else times > first
    notes = [f"{rows_are(missing)} without a value in {asked.column!r}, used for training."] if missing.any() else []
    return np.where(test, TEST, TRAIN).astype(np.uint8), notes


def _column(rows: Rows, asked: Split) -> Drawn:
    """Read what a column says of each row. Without a test value the validation rows are the test."""
    assert rows.values is not None
    words = words_of(rows.values)
    if unknown := unknown_of(words):
        raise Invalid(
            f"The column {asked.column!r} holds other values than splits: {', '.join(map(repr, unknown))}.",
            "train, validation and test, or 0 and 1, where 1 is the test.",
            "Choose another column, or another way to split.",
        )
    test_words = test_words_of(words)
    test = words.is_in(list(test_words)).fill_null(False).to_numpy()
    if not test.any() or test.all():
        side = "training" if test.any() else "test"
        raise Invalid(f"The column {asked.column!r} names no {side} row.", "Rows of both.", "Choose another way to split.")
    return np.where(test, TEST, TRAIN).astype(np.uint8), _of_column(words, test_words, asked)


def words_of(values: pl.Series) -> pl.Series:
    """Return what a column says of the rows, as it is looked up in `SPLIT_WORDS`."""
    return values.cast(pl.String).str.strip_chars().str.to_lowercase().str.replace(r"^(\d+)\.0+$", "${1}")


def unknown_of(words: pl.Series) -> list[str]:
    """Return the first few values that name no split."""
    return sorted(set(words.drop_nulls().unique()) - SPLIT_WORDS)[:_MOST_NAMED]


def test_words_of(words: pl.Series) -> set[str]:
    """Return the words that mean the test: those of validation where no row is called test."""
    return TEST_WORDS if words.is_in(list(TEST_WORDS)).any() else _VALIDATION_WORDS


def _of_column(words: pl.Series, test_words: set[str], asked: Split) -> list[str]:
    is_validation, missing = words.is_in(list(_VALIDATION_WORDS)).fill_null(False).to_numpy(), words.is_null().to_numpy()
    notes = []
    if is_validation.any() and test_words is TEST_WORDS:
        notes.append(f"{rows_are(is_validation)} for validation, used for training: each run sets its own part aside.")
    if missing.any():
        notes.append(f"{rows_are(missing)} without a value in {asked.column!r}, used for training.")
    return notes


def rows_are(mask: np.ndarray) -> str:
    """Return how many rows a mask has, with the verb."""
    number = int(mask.sum())
    return f"{number:,} row is" if number == 1 else f"{number:,} rows are"


WAYS: dict[str, Way] = {
    STRATIFIED: Way(
        "At random, the same share of each class",
        "The usual choice: classes are as frequent in the test set as in the training set.",
        "{share} of each class, chosen at random",
        _stratified,
    ),
    RANDOM: Way("At random", "Drawn from all rows, whatever their class.", "{share} of all, chosen at random", _random),
    GROUP: Way(
        "By group",
        "Rows of one group, such as a patient or a place, are never in both parts. Take it when rows of a group are alike.",
        "whole groups of {column}, none of which is in both parts",
        _group,
        asks="Column with the groups",
        hides_column=True,
    ),
    TIME: Way(
        "By time",
        "The latest rows are the test set, as when a model predicts what comes next.",
        "the latest by {column}",
        _time,
        asks="Column with the time (dates or numbers)",
        has_seed=False,
    ),
    COLUMN: Way(
        "As a column says",
        "The data says itself which rows are the test: train, validation and test, or 0 and 1.",
        "as the column {column} says",
        _column,
        asks="Column with the splits",
        hides_column=True,
        has_share=False,
        has_seed=False,
    ),
}


def check(given: Any, offered: Sequence[str], target: str) -> tuple[Split, dict[str, str]]:
    """Return what a person chose (`Split.to_json`, or None for what is usual), and a problem for each wrong field."""
    if given is None:
        return Split(), {}
    if not isinstance(given, dict) or given.keys() - Split.__dataclass_fields__.keys():
        return Split(), {"split": "must be a way with a column, a share and a seed"}
    asked = Split(**given)
    if asked.way not in offered:
        return Split(), {"split": f"must be one of {', '.join(offered)}"}
    problems = {}
    if WAYS[asked.way].asks and (not isinstance(asked.column, str) or not asked.column or asked.column == target):
        problems["split_column"] = "must be a column of the table other than the target"
    if not isinstance(asked.share, (int, float)) or not SHARES[0] <= asked.share <= SHARES[1]:
        problems["split_share"] = f"must be from {SHARES[0]:.0%} to {SHARES[1]:.0%}"
    if type(asked.seed) is not int or not 0 <= asked.seed <= MAX_SEED:
        problems["split_seed"] = f"must be a whole number from 0 to {MAX_SEED:,}"
    return (Split() if problems else asked), problems


def draw(
    asked: Split, num: int, strata: np.ndarray | None, classes: Sequence[str] = (), values: pl.Series | None = None
) -> Drawn:
    """Return uint8 `(rows,)`, 0 = train and 1 = test, and what is to be said. `values`: the chosen column.

    Raises Invalid where a class would have no row to learn from or none to be tested on, and where too few rows are left.
    """
    split, notes = WAYS[asked.way].draw(Rows(num, strata, values), asked)
    if asked.way != STRATIFIED:  # which gives each class its share
        if (num_train := int((split == TRAIN).sum())) < MIN_ROWS:
            raise Invalid(f"Only {num_train} rows are left for training.", f"At least {MIN_ROWS}.", _OTHERWISE)
        notes = [*notes, *_of_classes(asked, split, strata, classes)]
    return split, notes


_OTHERWISE = "Choose another way to split, another share or another seed."


def _of_classes(asked: Split, split: np.ndarray, strata: np.ndarray | None, classes: Sequence[str]) -> list[str]:
    if strata is None or not classes:
        return []
    sides = (np.bincount(strata[split == part], minlength=len(classes)) for part in (TRAIN, TEST))
    train, test = sides
    lost = {
        "no row for training, so no model can learn them": train == 0,
        "no row in the test set, so nothing tells how well they are predicted": (test == 0) & (train > 1),
    }
    told = [f"Classes with {what}: {_named(classes, which)}." for what, which in lost.items() if which.any()]
    if told and (asked.way != COLUMN or not test.any()):  # what the data says itself is told, not refused
        raise Invalid(" ".join(told), "Training and test rows of every class.", _OTHERWISE)
    return told


def _named(classes: Sequence[str], which: np.ndarray) -> str:
    names = [classes[place] for place in np.flatnonzero(which).tolist()]
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def words(told: dict[str, Any]) -> str:
    """Return which rows were held out, as a spec tells it in `input["split"]`."""
    asked = Split(**told)
    return WAYS[asked.way].words.format(share=f"{asked.share:.0%}", column=f"“{asked.column}”")
