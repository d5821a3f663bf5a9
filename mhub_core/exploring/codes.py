"""Columns as small whole numbers: each category, or each of some ranges of a number, is one; a missing value is one too."""

from __future__ import annotations

import numpy as np
import polars as pl

MIN_RANGES, MAX_RANGES = 4, 32
_IN_A_RANGE = 20  # rows, at least, where there are so many


def codes(values: pl.Series) -> np.ndarray:
    """Return int64 `(rows,)`, from 0 without gaps worth mentioning."""
    num_ranges = min(max(len(values) // _IN_A_RANGE, MIN_RANGES), MAX_RANGES)
    if not values.dtype.is_numeric() or values.n_unique() <= num_ranges:
        return values.rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
    numbers = values.cast(pl.Float64).to_numpy()
    edges = np.unique(np.nanquantile(numbers, np.linspace(0, 1, num_ranges + 1)[1:-1]))
    found = np.searchsorted(edges, numbers, side="right") + 1
    return np.where(np.isnan(numbers), 0, found).astype(np.int64)


def together(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return int64 `(codes of one, codes of the other)`: in how many rows each pair stands."""
    width = int(other.max(initial=0)) + 1
    return np.bincount(one * width + other, minlength=(int(one.max(initial=0)) + 1) * width).reshape(-1, width)
