"""Where in an image lies what a model sees of it: boxes go along when an image is brought to a size."""

from __future__ import annotations

from collections.abc import Sequence

from mhub_core.data.records import Frame
from mhub_core.kinds.pictures.decode import CROP, STRETCH


def frame(size: tuple[int, int], shape: Sequence[int], fit: str) -> Frame:
    """Return what `decode.fitted` shows of an image of a size (height, width) in a shape (height, width, ...)."""
    (height, width), (wanted_height, wanted_width) = size, shape[:2]
    across, down = wanted_width / width, wanted_height / height
    if fit == STRETCH or across == down:
        return Frame(width, height, 0, 0, width, height)
    if fit == CROP:
        cut_width, cut_height = wanted_width / max(across, down), wanted_height / max(across, down)
        left, top = (width - cut_width) / 2, (height - cut_height) / 2
        return Frame(width, height, left, top, left + cut_width, top + cut_height)
    left, right = _padded(width, wanted_width, min(across, down))
    top, bottom = _padded(height, wanted_height, min(across, down))
    return Frame(width, height, left, top, right, bottom)


def _padded(side: int, wanted: int, scale: float) -> tuple[float, float]:
    """Return where what is seen begins and ends along one side, in pixels of the image: outside of it with a margin."""
    inner = max(1, round(side * scale))
    pixel, before = side / inner, (wanted - inner) // 2
    return -before * pixel, (wanted - before) * pixel
