"""Boxes as they are written become shares of what a model sees: checked, cut at the edges, and moved along with their image."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mhub_core.data.records import Frame
from mhub_core.kinds.pictures.annotations.records import Box, Drawn, Told

_SLACK = 0.005  # of the side of an image: a box may reach so far out without a word, as numbers are rounded
LEAST_LEFT = 0.25  # of the area of a box that must be left inside
_SMALL = 3.0  # pixels of the side of a box, as a model sees it
SHARES = (1.0, 1.0)  # the size in which boxes are measured that are shares of their image
_OTHER_SIZE = 0.02  # by which the proportions of an image may differ from those that its boxes tell
TURNED = "lies in an image that is stored on its side, and was turned upright with it"


def plausible(drawn: Drawn, name: str, told: Told) -> list[Box]:
    """Return the boxes of which enough is left inside of the image, in the units in which they are written."""
    width, height = drawn.size or SHARES
    kept = []
    for box in dict.fromkeys(drawn.boxes):
        cut = _checked(box, width, height, name, told)
        if cut is not None:
            kept.append(cut)
    for box in _repeated(drawn.boxes):
        told.refuse(name, "is there twice", _written(box))
    return kept


def _repeated(boxes: Iterable[Box]) -> list[Box]:
    seen: set[Box] = set()
    return [box for box in boxes if box in seen or seen.add(box)]  # type: ignore[func-returns-value]


def _checked(box: Box, width: float, height: float, name: str, told: Told) -> Box | None:
    left, right = sorted((box.left, box.right))
    top, bottom = sorted((box.top, box.bottom))
    area = (right - left) * (bottom - top)
    if area <= 0:
        told.refuse(name, "has no area", _written(box))
        return None
    inner = Box(box.name, max(left, 0.0), max(top, 0.0), min(right, width), min(bottom, height))
    left_over = max(0.0, inner.right - inner.left) * max(0.0, inner.bottom - inner.top)
    if left_over < LEAST_LEFT * area:
        told.refuse(name, "lies outside of its image" if not left_over else "lies mostly outside of its image", _written(box))
        return None
    if (left, top) != (box.left, box.top):
        told.change(name, "has its corners in another order: left and right, or top and bottom, were exchanged")
    if max(-left, right - width) > _SLACK * width or max(-top, bottom - height) > _SLACK * height:
        told.change(name, "reaches beyond its image, and was cut at the edge")
    return inner


def _written(box: Box) -> str:
    return f"{box.name}: left {box.left:g}, top {box.top:g}, right {box.right:g}, bottom {box.bottom:g}"


def sized(drawn: Drawn, upright: tuple[int, int]) -> Drawn:
    """Return boxes with the size that they are measured in: that which is told, else that of the image, (height, width)."""
    return drawn if drawn.size else Drawn(drawn.boxes, (upright[1], upright[0]))


def is_on_its_side(drawn: Drawn, upright: tuple[int, int]) -> bool:
    """Tell whether boxes are measured in an image as it is stored, which is shown turned by a quarter."""
    return drawn.size == upright and upright[0] != upright[1]


def fits(drawn: Drawn, upright: tuple[int, int]) -> bool:
    """Tell whether boxes are measured in an image of the proportions of this one."""
    if drawn.size in (None, SHARES):
        return True
    width, height = drawn.size or SHARES
    return abs(width * upright[0] / (height * upright[1]) - 1) < _OTHER_SIZE


def turned(boxes: np.ndarray, orientation: int) -> np.ndarray:
    """Return boxes `(n, 4)`, shares of an image as it is stored, as shares of it as it is shown (orientation as in EXIF)."""
    left, top, right, bottom = boxes.T
    sides = {
        2: (1 - right, top, 1 - left, bottom),
        3: (1 - right, 1 - bottom, 1 - left, 1 - top),
        4: (left, 1 - bottom, right, 1 - top),
        5: (top, left, bottom, right),
        6: (1 - bottom, left, 1 - top, right),
        7: (1 - bottom, 1 - right, 1 - top, 1 - left),
        8: (top, 1 - right, bottom, 1 - left),
    }.get(orientation, (left, top, right, bottom))
    return np.stack(sides, axis=1)


def placed(
    boxes: list[Box], size: tuple[float, float], frame: Frame, orientation: int, numbers: dict[str, int], name: str, told: Told
) -> np.ndarray:
    """Return float `(n, 5)` [class, x, y, width, height] of checked boxes that are measured in `size` (width, height)."""
    if not boxes:
        return np.zeros((0, 5))
    width, height = size
    shares = np.array([box[1:] for box in boxes], np.float64) / [width, height, width, height]
    seen = frame.in_view(turned(shares, orientation) * [frame.width, frame.height, frame.width, frame.height])
    return _cut(boxes, seen, numbers, name, told)


def _cut(boxes: list[Box], seen: np.ndarray, numbers: dict[str, int], name: str, told: Told) -> np.ndarray:
    inner = seen.clip(0, 1)
    areas = [(one[:, 2:] - one[:, :2]).prod(axis=1) for one in (seen, inner)]
    rows = []
    for box, sides, whole, left in zip(boxes, inner, *areas, strict=True):
        if left < LEAST_LEFT * whole:
            told.refuse(name, "lies mostly in a part of its image that is cut off", _written(box))
            continue
        rows.append([numbers[box.name], *((sides[:2] + sides[2:]) / 2), *(sides[2:] - sides[:2])])
    return np.array(rows, np.float64).reshape(-1, 5)


def num_small(boxes: np.ndarray, shape: tuple[int, ...]) -> int:
    """Return how many boxes `(n, 5)` are smaller than a model can see in images of a shape (height, width, ...)."""
    pixels = boxes[:, 3:] * [shape[1], shape[0]]
    return int((pixels.min(axis=1) < _SMALL).sum()) if len(boxes) else 0
