"""The arrays of a dataset version as training sees them: memory-mapped, and which rows are for what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mhub_core.datasets.records import DataSpec
from mhub_core.storage import service as storage
from mhub_core.training.plan import num_validation_rows

TEST = 1


@dataclass(frozen=True)
class Rows:
    """`x` and `y` of all rows; `train`, `validation` and `test` are row numbers. A row is in one of the three only.

    With `one_hot`, the number of classes, targets are taken as float32 `(rows, one_hot)`.
    """

    x: np.ndarray
    y: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    one_hot: int = 0

    def take(self, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return copies of the inputs and targets of some rows, in the order given."""
        y = np.take(self.y, index, axis=0)
        return np.take(self.x, index, axis=0), np.eye(self.one_hot, dtype=np.float32)[y] if self.one_hot else y


def load(data: DataSpec, validation_share: float, seed: int, one_hot: bool = False) -> Rows:
    """Open the arrays. The validation rows are drawn by the seed from the rows that are not hidden for the test.

    Regression targets become `(y - y_mean) / y_std`, float32.
    """
    keys = (data.x_key, data.y_key, data.split_key)
    x, y, split = (np.asarray(np.load(storage.local_path(key), mmap_mode="r")) for key in keys)
    open_rows = np.flatnonzero(split != TEST)
    validation = draw_validation(open_rows, y, data, validation_share, seed)
    train = np.setdiff1d(open_rows, validation, assume_unique=True)
    if data.task == "regression":
        y = ((y - data.y_mean) / data.y_std).astype(np.float32)
    test = np.flatnonzero(split == TEST)
    return Rows(x, y, train, validation, test, data.num_outputs if one_hot else 0)


def draw_validation(rows: np.ndarray, y: np.ndarray, data: DataSpec, share: float, seed: int) -> np.ndarray:
    """Return the rows to validate on, drawn by the seed; of a classification every class gives its share.

    Shuffled inside each class, then spread evenly by their place in it: the first rows of that order are stratified.
    """
    count = num_validation_rows(len(rows), share)
    rows = np.random.default_rng(seed).permutation(rows)
    if data.task == "classification" and count:
        rows = rows[np.argsort(_place_in_class(y[rows]), kind="stable")]
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
