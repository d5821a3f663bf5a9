"""How strongly two columns go together: a correlation of numbers, Cramér's V of categories, the correlation ratio of both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from mhub_core.exploring.codes import codes, together

MAX_COLUMNS = 30


def matrix(columns: Sequence[pl.Series]) -> dict[str, Any]:
    """Return `{"names", "values"}`: -1 to 1 for two numbers, 0 to 1 for all others, None where a column does not vary."""
    values: list[list[float | None]] = [[None] * len(columns) for _ in columns]
    for i, one in enumerate(columns):
        for j in range(i + 1):
            found = between(one, columns[j])
            values[i][j] = values[j][i] = None if math.isnan(found) else round(found, 4)
    return {"names": [column.name for column in columns], "values": values}


def between(one: pl.Series, other: pl.Series) -> float:
    """Return how strongly two columns go together in the rows in which both have a value; NaN when one does not vary there."""
    both = one.is_not_null() & other.is_not_null()
    one, other = one.filter(both), other.filter(both)
    if len(one) < 2:
        return math.nan
    if one.dtype.is_numeric() and other.dtype.is_numeric():
        return pearson(_numbers(one), _numbers(other))
    if one.dtype.is_numeric():
        return correlation_ratio(codes(other), _numbers(one))
    if other.dtype.is_numeric():
        return correlation_ratio(codes(one), _numbers(other))
    return cramers_v(together(codes(one), codes(other)))


def _numbers(values: pl.Series) -> np.ndarray:
    return values.cast(pl.Float64).to_numpy()


def pearson(one: np.ndarray, other: np.ndarray) -> float:
    """Return the correlation of two arrays of numbers."""
    one, other = one - one.mean(), other - other.mean()
    norm = math.sqrt(float(one @ one)) * math.sqrt(float(other @ other))
    return float(one @ other) / norm if norm > 0 else math.nan


def correlation_ratio(groups: np.ndarray, numbers: np.ndarray) -> float:
    """Return eta: the root of the share of the variance of numbers that lies between groups."""
    counts = np.bincount(groups)
    there = counts > 0
    means = np.bincount(groups, numbers)[there] / counts[there]
    total = float(((numbers - numbers.mean()) ** 2).sum())
    between_groups = float((counts[there] * (means - numbers.mean()) ** 2).sum())
    return math.sqrt(min(1.0, between_groups / total)) if total > 0 and there.sum() > 1 else math.nan


def cramers_v(table: np.ndarray) -> float:
    """Return Cramér's V of a table of counts, 0 to 1 (Cramér 1946)."""
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0].astype(float)
    if min(table.shape, default=0) < 2:
        return math.nan
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    chi_squared = float(((table - expected) ** 2 / expected).sum())
    return math.sqrt(min(1.0, chi_squared / table.sum() / (min(table.shape) - 1)))
