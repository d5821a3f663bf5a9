"""The arrays of a dataset version as training sees them: memory-mapped, and which rows are for what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mhub_core.data.records import DataSpec
from mhub_core.data.splits import TEST, require_test
from mhub_core.kinds import arrays
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
    """Open the arrays for a loss. The validation rows are drawn by the seed from the rows that are there to learn from."""
    rows, task = open_arrays(data), require_task(data.task)
    validation = draw_validation(rows.train, task.strata(rows.y), validation_share, seed)
    train = np.setdiff1d(rows.train, validation, assume_unique=True)
    return replace(rows, train=train, validation=validation, encode=lambda part: task.encode(part, data, loss))


def draw_validation(rows: np.ndarray, strata: np.ndarray | None, share: float, seed: int) -> np.ndarray:
    """Return the rows to validate on, drawn by the seed; of `strata`, the group of every row, each gives its share.

    Shuffled inside each group, then spread evenly by their place in it: the first rows of that order are stratified.
    """
    count = num_validation_rows(len(rows), share)
    rows = np.random.default_rng(seed).permutation(rows)
    if strata is not None and count:
        rows = rows[np.argsort(_place_in_class(strata[rows]), kind="stable")]
    return np.sort(rows[:count])


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
