"""What a step for images is. A new one is a file in `image_steps/` and a line in `registry.py`.

Nothing is learned from other images, so that the same steps do for a photo that a model is asked about.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from mhub_core.recipes.fields import Columns
from mhub_core.recipes.step import AnyStep, Params

MIN_SIDE, MAX_SIDE = 8, 1024
Shape = Mapping[str, int]  # height, width and channels
EDGE = "edge"
MARGINS = {"black": 0, "white": 255}


@dataclass(frozen=True)
class Window:
    """What is seen of an image after a step: where its corners lie in pixels of the image before, outside of it with a margin,
    and how large it is then."""

    left: int
    top: int
    right: int
    bottom: int
    height: int
    width: int


class ImageStep(AnyStep):
    """One step. Images are uint8 `(images, height, width, channels)`; its `columns` are a `Shape`."""

    def window(self, params: Params, shape: Shape) -> Window | None:
        """Return what is seen of an image, for a step that moves things; masks and boxes go along."""
        return None

    @abstractmethod
    def apply(self, images: np.ndarray, params: Params) -> np.ndarray:
        """Return images after the step."""

    def after(self, params: Params, columns: Columns) -> dict[str, Any]:
        """The size of the window."""
        window = self.window(params, columns)
        return {**columns, "height": window.height, "width": window.width} if window else dict(columns)


def shape_of(images: np.ndarray) -> dict[str, int]:
    """Return the shape of images as steps take it."""
    return dict(zip(("height", "width", "channels"), images.shape[1:], strict=True))


def whole_sides(params: Params, names: tuple[str, ...], least: int) -> dict[str, str]:
    """Return a problem for each of some fields that is no whole number of at least so much."""
    return {
        name: f"must be a whole number from {least} to {MAX_SIDE:,}"
        for name in names
        if name in params and not (params[name] == int(params[name]) and least <= params[name] <= MAX_SIDE)
    }


def seen(images: np.ndarray, window: Window, margin: str = EDGE) -> np.ndarray:
    """Return what a window shows of images `(images, height, width, channels)`; a margin is black, white or like the edges."""
    padded = _padded(images, window, {"mode": "edge"} if margin == EDGE else {"constant_values": MARGINS[margin]})
    return _resized(padded, window, Image.Resampling.BILINEAR)


def seen_of_masks(masks: np.ndarray, window: Window) -> np.ndarray:
    """Return the same of masks `(images, height, width)`, whose values are never mixed; a margin is background, which is 0."""
    return _resized(_padded(masks[..., None], window, {"constant_values": 0}), window, Image.Resampling.NEAREST)[..., 0]


def _padded(images: np.ndarray, window: Window, options: dict[str, Any]) -> np.ndarray:
    height, width = images.shape[1:3]
    inside = images[:, max(0, window.top) : min(height, window.bottom), max(0, window.left) : min(width, window.right)]
    down = (max(0, -window.top), max(0, window.bottom - height))
    across = (max(0, -window.left), max(0, window.right - width))
    return np.pad(inside, ((0, 0), down, across, (0, 0)), **options) if any((*down, *across)) else inside


def _resized(images: np.ndarray, window: Window, way: Image.Resampling) -> np.ndarray:
    if images.shape[1:3] == (window.height, window.width):
        return images

    def one(image: np.ndarray) -> np.ndarray:
        flat = image[..., 0] if image.shape[-1] == 1 else image
        made = Image.fromarray(flat).resize((window.width, window.height), way, reducing_gap=2.0)
        return np.asarray(made).reshape(window.height, window.width, image.shape[-1])

    return each(images, one)


def each(images: np.ndarray, work: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return what a function makes of each image; of none, none."""
    return np.stack([work(image) for image in images]) if len(images) else images
