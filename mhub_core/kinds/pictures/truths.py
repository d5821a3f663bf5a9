"""What is true of images goes along when they are moved, and when their classes get other numbers: by the task."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mhub_core.kinds.pictures.annotations.placing import LEAST_LEFT
from mhub_core.recipes.image_step import Shape, Window, seen_of_masks
from mhub_core.tasks import boxes


class Way(NamedTuple):
    """How the answers of a task follow: `move(y, window, shape before)`, and `number(y, new number of each class)`."""

    move: Callable[[np.ndarray, Window, Shape], np.ndarray]
    number: Callable[[np.ndarray, np.ndarray], np.ndarray]


def _stay(y: np.ndarray, window: Window, shape: Shape) -> np.ndarray:
    return y


def _number(y: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    numbered: np.ndarray = numbers[y].astype(y.dtype)
    return numbered


def _move_masks(y: np.ndarray, window: Window, shape: Shape) -> np.ndarray:
    return seen_of_masks(y, window)


def _number_masks(y: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    table = np.arange(256)  # values beyond the classes mean no class, and stay
    table[: len(numbers)] = numbers
    numbered: np.ndarray = table[y].astype(y.dtype)
    return numbered


def _move_boxes(y: np.ndarray, window: Window, shape: Shape) -> np.ndarray:
    """Return boxes as shares of the window, cut off at its edges; one of which little is left is none any more."""
    start = np.array([window.left, window.top] * 2)
    size = np.array([window.right - window.left, window.bottom - window.top] * 2)
    full = (boxes.corners(y[..., 1:]) * np.array([shape["width"], shape["height"]] * 2) - start) / size
    cut = full.clip(0, 1)
    area, left = (np.prod(sides[..., 2:] - sides[..., :2], axis=-1) for sides in (full, cut))
    is_there = boxes.there(y) & (left >= LEAST_LEFT * area) & (left > 0)
    made = np.concatenate([y[..., :1], boxes.centered(cut)], axis=-1)
    made[~is_there] = 0
    made[..., 0][~is_there] = boxes.NO_BOX
    return boxes.padded([image[boxes.there(image)] for image in made])


def _number_boxes(y: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    made, is_there = y.copy(), boxes.there(y)
    made[..., 0][is_there] = numbers[y[..., 0][is_there].astype(np.int64)]
    return made


_SINGLE = Way(_stay, _number)
_WAYS = {"segmentation": Way(_move_masks, _number_masks), "detection": Way(_move_boxes, _number_boxes)}


def way(task: str) -> Way:
    """Return how the answers of a task follow; one answer for a whole image stays."""
    return _WAYS.get(task, _SINGLE)
