"""Dark becomes light."""

from __future__ import annotations

import numpy as np

from mhub_core.recipes.image_step import ImageStep
from mhub_core.recipes.step import Params


class Invert(ImageStep):
    """Replace each value by 255 minus it."""

    name, title = "invert", "Invert"
    help = "For black on white that is to become white on black, as in most sets of digits."
    fields = ()

    def apply(self, images: np.ndarray, params: Params) -> np.ndarray:
        """Invert."""
        return 255 - images

    def words(self, params: Params) -> str:
        """Nothing to choose."""
        return "Invert images"
