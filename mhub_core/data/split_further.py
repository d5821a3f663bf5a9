"""Which of further rows are for the test: those that are there already keep their side, others are drawn by the same rule."""

from __future__ import annotations

import numpy as np
import polars as pl

from mhub_core.data.split_ways import GROUP, WAYS, Rows, Split
from mhub_core.data.splits import TRAIN
from mhub_core.errors import Invalid


def draw(asked: Split, known: np.ndarray, known_split: np.ndarray, keys: np.ndarray, rows: Rows) -> np.ndarray:
    """Return uint8 `(rows,)` for further rows. `known` and `keys` int `(rows,)`: what tells whether two rows are the same, of the
    rows that are there and of the further ones. A row that repeats a test row is for the test, or it would be learned from."""
    split = np.full(rows.num, TRAIN, np.uint8)
    is_known = _same(split, known, known_split, keys)
    left = np.flatnonzero(~is_known)
    if len(left):
        try:
            strata = None if rows.strata is None else rows.strata[left]
            values = None if rows.values is None else rows.values.gather(left)
            split[left] = WAYS[asked.way].draw(Rows(len(left), strata, values), asked)[0]
        except Invalid:  # too few of them to be split by this rule: they train
            split[left] = TRAIN
    return split


def keys_of(asked: Split, both: pl.DataFrame) -> np.ndarray:
    """Return what tells whether two rows are the same, uint64 `(rows,)`: their group where that decides, else all cells."""
    if asked.way == GROUP and asked.column in both.columns:
        return both.select(asked.column).hash_rows(seed=1).to_numpy()
    return both.hash_rows(seed=1).to_numpy()


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
