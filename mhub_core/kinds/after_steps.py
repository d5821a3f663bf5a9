"""What steps leave of the examples of a version: whether that is enough, how many came and went, and by which step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mhub_core.data import splits
from mhub_core.errors import Invalid
from mhub_core.recipes import run
from mhub_core.recipes.run import Change, Recipe

ROWS = ("row", "rows")


def require_enough(split: np.ndarray, noun: tuple[str, str] = ROWS) -> None:
    """Raise Invalid where too few examples are left to train and to test on."""
    num_train, num_test = (int((split == part).sum()) for part in (splits.TRAIN, splits.TEST))
    if num_train < splits.MIN_ROWS or not num_test:
        raise Invalid(
            f"Only {num_train} {noun[1]} for training and {num_test} for the test are left after these steps.",
            f"At least {splits.MIN_ROWS} and 1.",
            "Choose steps that drop fewer rows.",
        )


def told(recipe: Recipe, changes: Sequence[Change], noun: tuple[str, str] = ROWS) -> dict[str, Any]:
    """Return what a report says of the changes that each step made: `refused`, `repeated` and `reasons`."""
    reasons = []
    for words, change in zip(run.words(recipe), changes, strict=True):
        if dropped := change.train + change.test:
            reasons.append((f"{counted(dropped, noun)}, {change.test:,} of them for the test", f"step “{words}”"))
        if change.repeated:
            reasons.append((f"{counted(change.repeated, noun)} more", f"step “{words}”"))
    refused, repeated = sum(one.train + one.test for one in changes), sum(one.repeated for one in changes)
    return {"refused": refused, "repeated": repeated, "reasons": reasons}


def counted(number: int, noun: tuple[str, str] = ROWS) -> str:
    """Return a number of examples: `1 row`, `2,000 rows`."""
    return f"{number:,} {noun[0] if number == 1 else noun[1]}"
