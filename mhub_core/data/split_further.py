"""Which of further rows are for the test: those that are there already keep their side, others follow the same rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from mhub_core.data import split_ways
from mhub_core.data.split_ways import COLUMN, GROUP, TIME, WAYS, Drawn, Rows, Split
from mhub_core.data.splits import TEST, TRAIN
from mhub_core.errors import Invalid


class Known(NamedTuple):
    """The rows that are there: `(rows,)` what tells whether two are the same, uint8 `(rows,)` their split, the chosen column."""

    keys: np.ndarray
    split: np.ndarray
    values: pl.Series | None


def draw(asked: Split, known: Known, keys: np.ndarray, rows: Rows) -> Drawn:
    """Return uint8 `(rows,)` for further rows, and what is to be said. `keys` `(rows,)` as those of `known`.

    A row that repeats a test row is for the test, or it would be learned from.
    """
    split = np.full(rows.num, TRAIN, np.uint8)
    is_known = _same(split, known.keys, known.split, keys)
    left = np.flatnonzero(~is_known)
    if not len(left):
        return split, []
    strata = None if rows.strata is None else rows.strata[left]
    values = None if rows.values is None else rows.values.gather(left)
    try:
        part, follow = Rows(len(left), strata, values), _FURTHER.get(asked.way)
        split[left], notes = follow(asked, known, part) if follow else _anew(asked, part)
    except Invalid as error:  # too few of them, or no such column
        return split, [
            f"{split_ways.rows_are(~is_known)} new and could not be split as before: used for training. {error.happened}"
        ]
    return split, [f"Of the new rows: {note}" for note in notes]


def draw_alone(asked: Split, split: np.ndarray, rows: Rows) -> Drawn:
    """Return the split of rows that take the place of all others, and what is to be said: drawn anew where one side were empty.

    Raises Invalid where that does not help.
    """
    if 0 < int((split == TEST).sum()) < len(split):
        return split, []
    side = "the test set" if (split == TEST).all() else "for training"
    anew, notes = _anew(asked, rows)
    return anew, [f"All rows of the file would be {side}, so the test set is chosen anew among them.", *notes]


def _anew(asked: Split, rows: Rows) -> Drawn:
    """Split the rows among themselves."""
    if WAYS[asked.way].asks:
        _values(asked, rows.values)
    return WAYS[asked.way].draw(rows, asked)


def _time(asked: Split, known: Known, rows: Rows) -> Drawn:
    """Take the rows from the first test time on: what is later than a test row is never learned from."""
    before, times = _values(asked, known.values), _values(asked, rows.values)
    if not (times.dtype.is_numeric() or times.dtype.is_temporal()):
        raise Invalid(f"The column {asked.column!r} holds text.")
    first = before.to_physical().filter(pl.Series(known.split == TEST)).min()
    if first is None:
        raise Invalid(f"No test row has a value in {asked.column!r}.")
    missing = times.is_null().to_numpy()
    test = (times.to_physical() >= first).fill_null(False).to_numpy()
    return np.where(test, TEST, TRAIN).astype(np.uint8), _told(missing, f"without a value in {asked.column!r}")


def _column(asked: Split, known: Known, rows: Rows) -> Drawn:
    """Take each row as the column says, also where all are of one side; those for validation as before."""
    words = split_ways.words_of(_values(asked, rows.values))
    before = split_ways.words_of(_values(asked, known.values))
    test_words = split_ways.TEST_WORDS | split_ways.test_words_of(before)
    unknown = split_ways.unknown_of(words)
    is_unknown = (words.is_not_null() & ~words.is_in(list(split_ways.SPLIT_WORDS))).fill_null(False).to_numpy()
    test = words.is_in(list(test_words)).fill_null(False).to_numpy()
    told = _told(is_unknown, f"of no known split in {asked.column!r} ({', '.join(map(repr, unknown))})")
    told += _told(words.is_null().to_numpy(), f"without a value in {asked.column!r}")
    return np.where(test, TEST, TRAIN).astype(np.uint8), told


def _values(asked: Split, values: pl.Series | None) -> pl.Series:
    if values is None:
        raise Invalid(f"There is no column {asked.column[:80]!r} to split by.", mend="Add the column to the file.")
    return values


def _told(mask: np.ndarray, what: str) -> list[str]:
    return [f"{split_ways.rows_are(mask)} {what}, used for training."] if mask.any() else []


# The ways by which rows are not split among themselves, but by what is known of those that are there.
_FURTHER: dict[str, Callable[[Split, Known, Rows], Drawn]] = {TIME: _time, COLUMN: _column}


def keys_of(asked: Split, both: pl.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Return what tells whether two rows are the same, uint64 `(rows,)`: their group where that decides, else some columns."""
    return by_group(asked, both, both.select(columns).hash_rows(seed=1).to_numpy())


def by_group(asked: Split, both: pl.DataFrame, cells: np.ndarray) -> np.ndarray:
    """Return uint64 `(rows,)` as `cells` are, or the group of each row where that decides."""
    if asked.way != GROUP or asked.column not in both.columns:
        return cells
    groups = both.select(asked.column).hash_rows(seed=1).to_numpy()
    return np.where(both[asked.column].is_null().to_numpy(), cells, groups)  # a row without a group is one by itself


def cells_of(both: pl.DataFrame, at: int, columns: Sequence[str]) -> np.ndarray:
    """Return what tells whether two rows hold the same, uint64 `(rows,)`. Those from `at` on are the further ones.

    One that is not there in full is the single row that differs in nothing but the columns that changed in all such rows, as the
    date of a download does: at most a quarter of them.
    """
    keys = both.select(columns).hash_rows(seed=1).to_numpy().copy()
    old, new = np.flatnonzero(~np.isin(keys[:at], keys[at:])), at + np.flatnonzero(~np.isin(keys[at:], keys[:at]))
    kept = [name for name in columns if both[name].gather(new).is_in(both[name].gather(old).implode()).any()]
    if len(kept) < 2 or not 0 < len(columns) - len(kept) <= max(1, len(columns) // 4):
        return keys
    fewer = both.select(kept).hash_rows(seed=1).to_numpy()
    values, first, count = np.unique(fewer[old], return_index=True, return_counts=True)
    at_value = np.minimum(np.searchsorted(values, fewer[new]), len(values) - 1)
    is_one = (values[at_value] == fewer[new]) & (count[at_value] == 1)
    keys[new[is_one]] = keys[old[first[at_value[is_one]]]]
    return keys


def stay_hidden(known: Known, cells: np.ndarray, groups: np.ndarray, split: np.ndarray, replaces: bool) -> np.ndarray:
    """Return the split of further rows in which all that repeat a test row in `cells`, as `known.keys` are, are for the test, and
    their groups with them. `groups`: of the rows that are there, then of the further ones. `replaces`: only the latter stay."""
    before, later = groups[: len(known.keys)], groups[len(known.keys) :]
    again = np.isin(cells, known.keys[known.split == TEST])
    follow = later[again] if replaces else np.setdiff1d(later[again], before[known.split == TRAIN])
    return np.where(again | np.isin(later, follow), TEST, split).astype(np.uint8)


def lost_words(known: Known, cells: np.ndarray) -> list[str]:
    """Return how many test rows are not among the rows that take the place of all."""
    hidden = known.keys[known.split == TEST]
    lost, of = int((~np.isin(hidden, cells)).sum()), f"{len(hidden):,} hidden test rows"
    if not lost:
        return []
    return [
        f"{lost:,} of the {of} were not found again in this file: it lacks them, or their values changed. Rows that changed "
        "count as new, and may be used for training now. Compare no results on this test set with former ones."
    ]


def same_side(known: np.ndarray, known_split: np.ndarray, keys: np.ndarray, split: np.ndarray) -> np.ndarray:
    """Return a split in which what is known keeps its side, see `draw`."""
    sides = split.copy()
    _same(sides, known, known_split, keys)
    return sides


def _same(split: np.ndarray, known: np.ndarray, known_split: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Write the side of the keys that are known, and return which are."""
    order = np.lexsort((known_split, known))  # of equal ones the last counts, which is for the test where one of them is
    sorted_keys = known[order]
    at = np.searchsorted(sorted_keys, keys, side="right") - 1
    is_known: np.ndarray = (at >= 0) & (sorted_keys[np.maximum(at, 0)] == keys) if len(known) else np.zeros(len(keys), bool)
    split[is_known] = known_split[order][at[is_known]]
    return is_known
