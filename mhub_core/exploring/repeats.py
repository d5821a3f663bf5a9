"""Rows of a table that are there several times: to a model they are one, and across the splits they give the test away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

_BATCH = 200_000


@dataclass(frozen=True)
class Repeats:
    """How many training rows repeat another one, how many test rows are training rows too, and how many training rows look the
    same as others that have another class. `ways`: how many different rows a model sees."""

    in_training: int = 0
    across: int = 0
    torn: int = 0
    ways: int = 0


def find(table: pl.LazyFrame, features: Sequence[str], target: str, is_test: np.ndarray, has_classes: bool) -> Repeats:
    """Compare all rows by their features and their target, as numbers made of them, so that no row is kept in memory."""
    if not features:
        return Repeats()
    seen, whole = _numbers(table, features, len(is_test)), _numbers(table, [*features, target], len(is_test))
    different = np.unique(whole[~is_test])
    across = int(np.isin(whole[is_test], different).sum())
    in_training = int((~is_test).sum()) - len(different)
    torn = _torn(seen[~is_test], whole[~is_test]) if has_classes else 0
    return Repeats(in_training, across, torn, len(np.unique(seen)))


def _numbers(table: pl.LazyFrame, names: Sequence[str], num_rows: int) -> np.ndarray:
    """Return uint64 `(rows,)`, the same for the same values in these columns."""
    numbers = np.empty(num_rows, np.uint64)
    for start in range(0, num_rows, _BATCH):
        piece = table.select(names).slice(start, _BATCH).collect()
        numbers[start : start + piece.height] = piece.hash_rows(seed=0).to_numpy()
    return numbers


def _torn(seen: np.ndarray, whole: np.ndarray) -> int:
    frame = pl.DataFrame({"seen": seen, "whole": whole})
    found = frame.group_by("seen").agg(pl.col("whole").n_unique().alias("ways"), pl.len().alias("rows"))
    return int(found.filter(pl.col("ways") > 1)["rows"].sum())
