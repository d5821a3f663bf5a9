"""As many training rows of each class."""

from __future__ import annotations

import numpy as np
import polars as pl

from mhub_core.recipes.fields import Field
from mhub_core.recipes.step import Params, Rows, Step

_SEED = 20_240_603


class Balance(Step):
    """Repeat training rows of rare classes, or leave out some of frequent ones. Test rows stay as they are."""

    name, title = "balance", "Balance classes"
    help = "Only training rows change: the test still shows how often each class really is there."
    fields = (
        Field(
            "how",
            "How",
            "choice",
            "over",
            (("over", "Repeat rows of rare classes"), ("under", "Leave out rows of frequent classes")),
        ),
    )
    changes_rows = True
    offers_target = True
    needs_classes = True

    def pick(self, frame: pl.DataFrame, params: Params, rows: Rows) -> np.ndarray:
        """Draw from the training rows of each class, with a fixed seed."""
        is_train = rows.train.to_numpy()
        train = np.flatnonzero(is_train)
        groups, sizes = np.unique(frame[rows.target].to_numpy()[train], return_inverse=True, return_counts=True)[1:]
        wanted = int(sizes.max() if params["how"] == "over" else sizes.min()) if len(sizes) else 0
        draw = np.random.default_rng(_SEED)
        picked = [_drawn(train[groups == group], wanted, draw) for group in range(len(sizes))]
        return np.sort(np.concatenate([np.flatnonzero(~is_train), *picked]))

    def words(self, params: Params) -> str:
        """Say how."""
        ways = {"over": "repeating training rows of rare classes", "under": "leaving out training rows of frequent classes"}
        return f"Balance the classes by {ways[params['how']]}"


def _drawn(rows: np.ndarray, wanted: int, draw: np.random.Generator) -> np.ndarray:
    """Return so many of the rows: some of them, or each equally often and the rest by chance."""
    return np.concatenate([np.tile(rows, wanted // len(rows)), draw.permutation(rows)[: wanted % len(rows)]])
