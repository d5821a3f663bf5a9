"""Boxes around objects, with NumPy alone: how they lie in arrays, how far they overlap, how a grid of outputs becomes some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NO_BOX = -1.0  # the class of a row of padding
SIDES = 4  # numbers of a box beside its class
LEAST_CONFIDENCE = 0.05  # of what is looked at at all; a precision-recall curve has its tail here
_CANDIDATES, MAX_FOUND = 400, 100  # cells that are looked at, and boxes that are left, in one image (COCO: maxDets = 100)
_SAME = 0.5  # two boxes of one class that overlap so far are one object


@dataclass(frozen=True)
class Found:
    """Boxes of one image: int `(boxes,)` classes, float `(boxes,)` confidences, the surest first, and `(boxes, 4)` corners
    (left, top, right, bottom) as shares of the width and the height."""

    classes: np.ndarray
    confidences: np.ndarray
    corners: np.ndarray


def padded(images: Sequence[np.ndarray]) -> np.ndarray:
    """Return float32 `(images, boxes, 5)` of `(n, 5)` arrays [class, x, y, width, height]: as many boxes as the fullest image
    has, at least one; what is missing has the class -1."""
    most = max([1, *map(len, images)])
    y = np.zeros((len(images), most, 1 + SIDES), np.float32)
    y[:, :, 0] = NO_BOX
    for row, boxes in enumerate(images):
        y[row, : len(boxes)] = boxes
    return y


def there(y: np.ndarray) -> np.ndarray:
    """Return which rows of `(..., 5)` are boxes and no padding."""
    is_box: np.ndarray = y[..., 0] >= 0
    return is_box


def corners(centered: np.ndarray) -> np.ndarray:
    """Return (left, top, right, bottom) of `(..., 4)` [x, y, width, height], where x and y are the middle."""
    middle, half = centered[..., :2], centered[..., 2:] / 2
    return np.concatenate([middle - half, middle + half], axis=-1)


def centered(sides: np.ndarray) -> np.ndarray:
    """Return [x, y, width, height] of `(..., 4)` (left, top, right, bottom)."""
    low, high = sides[..., :2], sides[..., 2:]
    return np.concatenate([(low + high) / 2, high - low], axis=-1)


def overlaps(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the intersection over union `(some, others)` of boxes given by their corners (Jaccard 1912)."""
    low = np.maximum(some[:, None, :2], others[None, :, :2])
    high = np.minimum(some[:, None, 2:], others[None, :, 2:])
    shared = (high - low).clip(0).prod(-1)
    areas = [(boxes[:, 2:] - boxes[:, :2]).clip(0).prod(-1) for boxes in (some, others)]
    union = areas[0][:, None] + areas[1][None, :] - shared
    shares: np.ndarray = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return shares


def found_in(grid: np.ndarray, least: float = LEAST_CONFIDENCE, one_class: bool = False) -> Found:
    """Return the boxes that a grid `(rows, columns, classes + 4)` of numbers from 0 to 1 tells of. `one_class`: of those that lie
    on each other only the surest, whatever their classes.

    A cell gives the confidence of each class, and how far the sides of the box lie from the middle of the cell, to the left, up,
    to the right and down, as shares of the image (Tian et al. 2019, FCOS, https://arxiv.org/abs/1904.01355).
    """
    rows, columns, depth = grid.shape
    scores = grid[:, :, : depth - SIDES].reshape(rows * columns, -1)
    places = np.flatnonzero(scores >= least)
    places = places[np.argsort(-scores.ravel()[places], kind="stable")][:_CANDIDATES]
    cells, classes = np.divmod(places, scores.shape[1])
    middles = np.stack([(cells % columns + 0.5) / columns, (cells // columns + 0.5) / rows], axis=-1)
    reach = grid[:, :, depth - SIDES :].reshape(-1, SIDES)[cells]
    sides = np.concatenate([middles - reach[:, :2], middles + reach[:, 2:]], axis=-1).clip(0, 1)
    kept = suppressed(np.zeros_like(classes) if one_class else classes, sides)[:MAX_FOUND]
    return Found(classes[kept], scores.ravel()[places[kept]], sides[kept])


def suppressed(classes: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Return the places of the boxes that are left, in their order, when each removes those behind it of its class that overlap
    it by half (non-maximum suppression)."""
    same = (overlaps(sides, sides) > _SAME) & (classes[:, None] == classes[None, :])
    left = np.ones(len(sides), bool)
    for place in range(len(sides)):
        if left[place]:
            left[place + 1 :] &= ~same[place, place + 1 :]
    return np.flatnonzero(left)
