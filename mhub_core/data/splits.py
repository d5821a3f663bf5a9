"""The hidden test split: fixed by the data, a choice and a seed, so the same version always has the same split."""

from __future__ import annotations

import numpy as np

from mhub_core.errors import Invalid

TEST_SHARE = 0.2
SEED = 20_240_601
TRAIN, TEST = 0, 1
GIVEN = "given"  # the value of `split` in a spec's `input` whose split came with the data
MIN_ROWS = 8  # fewer examples make no dataset


def split_rows(classes: np.ndarray | None, num_rows: int, share: float = TEST_SHARE, seed: int = SEED) -> np.ndarray:
    """Return uint8 `(rows,)`: 0 = train, 1 = test, about a share of the rows.

    With `classes` int `(rows,)` each class gives its share: one test row at least of two, none of a single one.
    """
    generator = np.random.default_rng(seed)
    split = np.full(num_rows, TRAIN, np.uint8)
    groups = [np.arange(num_rows)] if classes is None else _rows_by_class(classes)
    for rows in groups:
        split[generator.permutation(rows)[: num_test_rows(len(rows), share)]] = TEST
    return split


def num_test_rows(num_rows: int, share: float = TEST_SHARE) -> int:
    """Return how many of so many rows, of one class or of all, are hidden."""
    return max(1, round(num_rows * share)) if num_rows > 1 else 0


def _rows_by_class(classes: np.ndarray) -> list[np.ndarray]:
    order = np.argsort(classes, kind="stable")
    borders = np.flatnonzero(np.diff(classes[order])) + 1
    return np.split(order, borders)


def counts(split: np.ndarray) -> dict[str, int]:
    """Return the counts that a `DataSpec` holds: of all examples, of the open ones, of the hidden ones."""
    return {"num_rows": len(split), "num_train": int((split == TRAIN).sum()), "num_test": int((split == TEST).sum())}


def require_test(split: np.ndarray) -> None:
    """Raise Invalid for a split without a hidden example: nothing that is trained on it could be measured."""
    if not (split == TEST).any():
        raise Invalid(
            "Every class has only one example, so none can be held out for the test.",
            "At least one class with two or more examples.",
            "Choose another target, or add examples.",
        )
