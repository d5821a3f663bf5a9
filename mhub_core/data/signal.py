"""Runs of numbers over time, float64 `(steps, channels)` with NaN where a value is missing: gaps filled, another length."""

from __future__ import annotations

import numpy as np

MAX_STEPS = 100_000


def filled(values: np.ndarray) -> np.ndarray:
    """Return `(steps, channels)` with missing values on the line between their neighbours, at the ends the next known one.

    A channel without any value stays NaN.
    """
    gaps = np.isnan(values)
    if not gaps.any():
        return values
    whole, steps = values.copy(), np.arange(len(values))
    for channel in np.flatnonzero(gaps.any(axis=0) & ~gaps.all(axis=0)):
        known = ~gaps[:, channel]
        whole[:, channel] = np.interp(steps, steps[known], values[known, channel])
    return whole


def stretched(values: np.ndarray, length: int) -> np.ndarray:
    """Return `(length, channels)`: of a longer series means of neighbours, of a shorter one values on the lines between."""
    steps = len(values)
    if length >= steps:
        at = np.linspace(0, steps - 1, length)
        return np.stack([np.interp(at, np.arange(steps), channel) for channel in values.T], axis=1)
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    edges = np.linspace(0, steps, length + 1)
    at_edges = np.stack([np.interp(edges, np.arange(steps + 1), channel) for channel in sums.T], axis=1)
    means: np.ndarray = np.diff(at_edges, axis=0) * (length / steps)
    return means
