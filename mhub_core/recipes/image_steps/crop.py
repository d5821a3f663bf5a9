"""Cut off the edges."""

from __future__ import annotations

import numpy as np

from mhub_core.recipes.fields import Columns, Field
from mhub_core.recipes.image_step import MIN_SIDE, ImageStep, Shape, Window, seen, shape_of, whole_sides
from mhub_core.recipes.step import Params

_SIDES = ("left", "top", "right", "bottom")


class Crop(ImageStep):
    """Cut pixels off at each side."""

    name, title = "crop", "Crop"
    help = "For what stands at the edge of every image and says nothing, such as a frame or a date."
    fields = tuple(Field(side, f"Pixels off at the {side}", "number", 0.0) for side in _SIDES)

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """Something must be cut off, and something left."""
        if (problems := whole_sides(params, _SIDES, 0)) or len(params) < len(_SIDES):
            return problems
        window = self.window(params, columns)
        if min(window.width, window.height) < MIN_SIDE:
            return {"right": f"leaves {window.width} x {window.height} pixels; at least {MIN_SIDE} x {MIN_SIDE} must be left"}
        return {} if any(params[side] for side in _SIDES) else {"left": "cut something off at one side"}

    def window(self, params: Params, shape: Shape) -> Window:
        """The middle."""
        left, top, right, bottom = (int(params[side]) for side in _SIDES)
        right, bottom = shape["width"] - right, shape["height"] - bottom
        return Window(left, top, right, bottom, bottom - top, right - left)

    def apply(self, images: np.ndarray, params: Params) -> np.ndarray:
        """Crop."""
        return seen(images, self.window(params, shape_of(images)))

    def words(self, params: Params) -> str:
        """Say how much."""
        return "Crop " + ", ".join(f"{int(params[side])} pixels at the {side}" for side in _SIDES if params[side])
