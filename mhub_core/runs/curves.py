"""Curves as packed arrays, and few points for many: what the browser draws of a long curve."""

from __future__ import annotations

import numpy as np

CHUNK = 1024  # points in one row of the database
MOST_POINTS = 500

Curve = list[tuple[int, float]]


def pack(curve: Curve) -> tuple[bytes, bytes]:
    """Return the steps (int32) and the values (float64) of a curve as little-endian bytes."""
    steps, values = zip(*curve, strict=True)
    return np.asarray(steps, "<i4").tobytes(), np.asarray(values, "<f8").tobytes()


def unpack(chunks: list[tuple[bytes, bytes]], after: int = 0, most: int = MOST_POINTS) -> Curve:
    """Return the points of packed pieces whose step is greater than `after`, at most `most` of them."""
    steps = np.concatenate([np.frombuffer(piece[0], "<i4") for piece in chunks])
    values = np.concatenate([np.frombuffer(piece[1], "<f8") for piece in chunks])
    newer = steps > after
    steps, values = thin(steps[newer], values[newer], most)
    return list(zip(steps.tolist(), values.tolist(), strict=True))


def thin(steps: np.ndarray, values: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return at most `most` points that look alike: the least and the greatest of each stretch, the last point always."""
    if len(steps) <= most:
        return steps, values
    edges = np.linspace(0, len(steps) - 1, (most - 1) // 2 + 1).astype(int)
    filled = np.nan_to_num(values)
    kept = {len(steps) - 1}
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        stretch = filled[start:end]
        kept.update((start + int(stretch.argmin()), start + int(stretch.argmax())))
    index = np.array(sorted(kept))
    return steps[index], values[index]
