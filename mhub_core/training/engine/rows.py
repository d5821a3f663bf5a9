"""The arrays of a dataset version as training sees them: memory-mapped, and which rows are for what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mhub_core.data import split_ways
from mhub_core.data.records import DataSpec
from mhub_core.data.splits import TEST, require_test
from mhub_core.kinds import arrays, grouping
from mhub_core.kinds.registry import require_kind
from mhub_core.tasks.registry import require_task
from mhub_core.tasks.task import Loss
from mhub_core.training.plan import num_validation_rows


def _as_it_is(y: np.ndarray) -> np.ndarray:
    return y


@dataclass(frozen=True)
class Rows:
    """`x` and `y` of all rows; `train`, `validation` and `test` are row numbers. A row is in one of the three only.

    `encode` makes of some targets what the loss compares.
    """

    x: np.ndarray
    y: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    encode: Callable[[np.ndarray], np.ndarray] = _as_it_is

    def take(self, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return copies of the inputs and targets of some rows, in the order given."""
        return np.take(self.x, index, axis=0), self.encode(np.take(self.y, index, axis=0))

    @property
    def bytes_per_row(self) -> int:
        """How much memory one row takes, input and target together."""
        return max(sum(part.nbytes for part in self.take(self.train[:1])), 1)


def open_arrays(data: DataSpec) -> Rows:
    """Open the arrays of a dataset version, all of whose bytes are checked first. All rows that are not hidden for the test are
    there to learn from."""
    paths = [arrays.verified(data, name) for name in ("x", "y", "split")]
    x, y, split = (np.asarray(np.load(path, mmap_mode="r")) for path in paths)
    require_test(split)
    return Rows(x, y, np.flatnonzero(split != TEST), np.zeros(0, np.int64), np.flatnonzero(split == TEST))


def load(data: DataSpec, validation_share: float, seed: int, loss: Loss) -> Rows:
    """Open the arrays for a loss. The validation rows are drawn by the seed from the rows that are there to learn from; copies of
    one row, and rows of a group by which the test was chosen, stay together."""
    rows, task = open_arrays(data), require_task(data.task)
    validation = draw_validation(rows.train, task.strata(rows.y), validation_share, seed, _units(data))
    train = np.setdiff1d(rows.train, validation, assume_unique=True)
    return replace(rows, train=train, validation=validation, encode=lambda part: task.encode(part, data, loss))


def _units(data: DataSpec) -> np.ndarray | None:
    """Return for each row which others it stays with, int64 `(rows,)`; None where each stands alone."""
    copies = np.load(arrays.verified(data, "raw_rows")) if "raw_rows" in data.arrays else None
    groups = _groups(data)
    if groups is not None:
        return groups if copies is None else groups[copies]
    return copies


def _groups(data: DataSpec) -> np.ndarray | None:
    """Return the group of each row of the root, where the test was chosen by groups."""
    asked = grouping.asked_of(data)
    values = require_kind(data.kind).groups(data, lambda name: arrays.verified(data, name)) if asked else None
    if asked is None or values is None:
        return None
    return split_ways.groups_of(split_ways.Rows(len(values), None, values), asked)[0]


def draw_validation(
    rows: np.ndarray, strata: np.ndarray | None, share: float, seed: int, units: np.ndarray | None = None
) -> np.ndarray:
    """Return the rows to validate on, drawn by the seed; of `strata`, the group of every row, each gives its share.

    Shuffled inside each group, then spread evenly by their place in it: the first rows of that order are stratified. `units`
    tells which rows stay together: each counts for its first row, and those are taken that fit into the share.
    """
    count = num_validation_rows(len(rows), share)
    if units is None or not count:
        return np.sort(rows[_order(len(rows), None if strata is None else strata[rows], seed)[:count]])
    _, first, unit, sizes = np.unique(units[rows], return_index=True, return_inverse=True, return_counts=True)
    order = _order(len(sizes), None if strata is None else strata[rows[first]], seed)
    validation: np.ndarray = rows[_fitting(order, sizes, count)[unit]]
    return validation


def _order(num: int, strata: np.ndarray | None, seed: int) -> np.ndarray:
    order = np.random.default_rng(seed).permutation(num)
    return order if strata is None else order[np.argsort(_place_in_class(strata[order]), kind="stable")]


def _fitting(order: np.ndarray, sizes: np.ndarray, count: int) -> np.ndarray:
    """Return which units are taken in an order, those that still fit; the smallest where none does and others are left."""
    is_taken, left = np.zeros(len(sizes), bool), count
    for unit in order.tolist():
        if sizes[unit] <= left:
            is_taken[unit], left = True, left - sizes[unit]
    if left == count and len(sizes) > 1:
        is_taken[np.argmin(sizes)] = True
    return is_taken


def _place_in_class(classes: np.ndarray) -> np.ndarray:
    """Return for each row how far into its own class it stands, from 0 to 1."""
    order = np.argsort(classes, kind="stable")
    _, starts, sizes = np.unique(classes[order], return_index=True, return_counts=True)
    place = np.empty(len(classes))
    place[order] = (np.arange(len(classes)) - np.repeat(starts, sizes) + 0.5) / np.repeat(sizes, sizes)
    return place


def order_of(rows: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """Return the rows in the order of one epoch: a pure function of the seed and the epoch, the same on every back end."""
    return np.random.default_rng([seed, epoch]).permutation(rows)
