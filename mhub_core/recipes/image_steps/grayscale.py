"""No colors."""

from __future__ import annotations

from typing import Any

import numpy as np

from mhub_core.recipes.fields import Columns
from mhub_core.recipes.image_step import ImageStep
from mhub_core.recipes.step import Params

_WEIGHTS = np.array([299, 587, 114], np.uint32)  # how bright red, green and blue are (ITU-R BT.601), as Pillow has it


class Grayscale(ImageStep):
    """Leave of an image how bright it is."""

    name, title = "grayscale", "Gray"
    help = "A third of the data, where colors say nothing."
    fields = ()

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """There must be colors."""
        return {"": "the images are gray already"} if columns["channels"] == 1 else {}

    def after(self, params: Params, columns: Columns) -> dict[str, Any]:
        """One channel."""
        return {**columns, "channels": 1}

    def apply(self, images: np.ndarray, params: Params) -> np.ndarray:
        """Weigh the channels."""
        if images.shape[-1] == 1:
            return images
        return ((images @ _WEIGHTS + 500) // 1000).astype(np.uint8)[..., None]

    def words(self, params: Params) -> str:
        """Nothing to choose."""
        return "Turn images into gray"
