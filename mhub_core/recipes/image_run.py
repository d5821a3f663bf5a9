"""Steps for images, one after the other: what they make of pixels, and of the shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mhub_core.errors import Invalid
from mhub_core.recipes.image_step import ImageStep
from mhub_core.recipes.registry import require_step

Recipe = Sequence[Mapping[str, Any]]


def apply(images: np.ndarray, recipe: Recipe) -> np.ndarray:
    """Return images uint8 `(images, height, width, channels)` after some steps."""
    for part in recipe:
        images = require_image_step(part["step"]).apply(images, part["params"])
    return images


def after(shape: Sequence[int], recipe: Recipe) -> dict[str, int]:
    """Return height, width and channels after some steps."""
    here: dict[str, int] = dict(zip(("height", "width", "channels"), shape, strict=True))
    for part in recipe:
        here = require_image_step(part["step"]).after(part["params"], here)
    return here


def shape_after(shape: Sequence[int], recipe: Recipe) -> tuple[int, ...]:
    """Return the shape of an image after some steps."""
    return tuple(after(shape, recipe).values())


def require_image_step(name: object) -> ImageStep:
    """Return a step for images by name."""
    step = require_step(name)
    if not isinstance(step, ImageStep):
        raise Invalid(f"“{step.title}” is no step for images.", mend="Remove it.")
    return step
