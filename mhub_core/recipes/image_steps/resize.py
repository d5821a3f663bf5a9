"""Another size."""

from __future__ import annotations

import numpy as np

from mhub_core.recipes.fields import Columns, Field
from mhub_core.recipes.image_step import MIN_SIDE, ImageStep, Shape, Window, seen, shape_of, whole_sides
from mhub_core.recipes.step import Params


class Resize(ImageStep):
    """Bring images to a size. Other proportions distort them."""

    name, title = "resize", "Resize"
    help = "Smaller images train faster. Larger ones hold no more than before, but fit designs that need a size."
    fields = (Field("width", "Width in pixels", "number", 32.0), Field("height", "Height in pixels", "number", 32.0))

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """Whole numbers."""
        return whole_sides(params, ("width", "height"), MIN_SIDE)

    def window(self, params: Params, shape: Shape) -> Window:
        """All of the image."""
        return Window(0, 0, shape["width"], shape["height"], int(params["height"]), int(params["width"]))

    def apply(self, images: np.ndarray, params: Params) -> np.ndarray:
        """Resize."""
        return seen(images, self.window(params, shape_of(images)))

    def words(self, params: Params) -> str:
        """Say the size."""
        return f"Resize to {int(params['width'])} x {int(params['height'])} pixels"
