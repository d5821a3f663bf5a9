"""As bright and as full of contrast as the others."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps

from mhub_core.recipes.fields import Field
from mhub_core.recipes.image_step import ImageStep, each
from mhub_core.recipes.step import Params

_CUT = 1  # percent of the pixels at both ends that may become black or white


class Contrast(ImageStep):
    """Even out how bright and how full of contrast images are, each by itself."""

    name, title = "contrast", "Even out brightness and contrast"
    help = "For photos in different light. Each image is changed by itself."
    fields = (
        Field(
            "how",
            "How",
            "choice",
            "stretch",
            (("stretch", "Darkest to black, brightest to white"), ("equalize", "All shades equally often (strong)")),
        ),
    )

    def apply(self, images: np.ndarray, params: Params) -> np.ndarray:
        """Change each image; the channels of a color image together, so that its colors stay."""
        return each(images, lambda image: _evened(image, params["how"]))

    def words(self, params: Params) -> str:
        """Say how."""
        return f"Even out brightness and contrast ({params['how']})"


def _evened(image: np.ndarray, how: str) -> np.ndarray:
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    if how == "stretch":
        made = ImageOps.autocontrast(picture, cutoff=_CUT, preserve_tone=picture.mode == "RGB")
    elif picture.mode == "RGB":
        light, blue, red = picture.convert("YCbCr").split()
        made = Image.merge("YCbCr", (ImageOps.equalize(light), blue, red)).convert("RGB")
    else:
        made = ImageOps.equalize(picture)
    return np.asarray(made).reshape(image.shape)
