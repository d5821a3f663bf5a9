"""Add a margin."""

from __future__ import annotations

import numpy as np

from mhub_core.recipes.fields import Columns, Field
from mhub_core.recipes.image_step import EDGE, MAX_SIDE, ImageStep, Shape, Window, seen, shape_of, whole_sides
from mhub_core.recipes.step import Params


class Pad(ImageStep):
    """Add a margin at all sides."""

    name, title = "pad", "Add a margin"
    help = "For objects that touch the edge. Masks get their background there."
    fields = (
        Field("pixels", "Pixels at each side", "number", 2.0),
        Field("margin", "Color", "choice", EDGE, ((EDGE, "Like the edges of the image"), ("black", "Black"), ("white", "White"))),
    )

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """A whole number, and not too large then."""
        if (problems := whole_sides(params, ("pixels",), 1)) or "pixels" not in params:
            return problems
        window = self.window(params, columns)
        too_large = max(window.width, window.height) > MAX_SIDE
        return {"pixels": f"makes a side larger than {MAX_SIDE:,} pixels"} if too_large else {}

    def window(self, params: Params, shape: Shape) -> Window:
        """More than the image."""
        margin, (height, width) = int(params["pixels"]), (shape["height"], shape["width"])
        return Window(-margin, -margin, width + margin, height + margin, height + 2 * margin, width + 2 * margin)

    def apply(self, images: np.ndarray, params: Params) -> np.ndarray:
        """Pad."""
        return seen(images, self.window(params, shape_of(images)), params["margin"])

    def words(self, params: Params) -> str:
        """Say how much."""
        color = {EDGE: "like the edges"}.get(params["margin"], f"in {params['margin']}")
        return f"Add a margin of {int(params['pixels'])} pixels {color}"
