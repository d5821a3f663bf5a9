"""Whether the background of digit-like images is dark or light: a model that learned white on black misreads black on white."""

from __future__ import annotations

import numpy as np

from mhub_core.kinds.pictures.decode import border
from mhub_core.kinds.pictures.kept import Pixels

DARK, LIGHT = "dark", "light"
_OPPOSITE = {DARK: LIGHT, LIGHT: DARK}
_MAX_SIDE = 64  # larger images are photos, of which nothing follows from the background
_BELOW, _ABOVE = 85, 170
_NEARLY_ALL_BORDER = 0.6  # strokes touch the border of a digit of 8 x 8 pixels
_NEARLY_ALL_IMAGES = 0.95
_GRAY = 8  # so far the channels of a gray image may differ: JPEG rounds
_LOOKED_AT = 500


def of_dataset(x: Pixels) -> str | None:
    """Return the background that nearly all images uint8 `(images, height, width, channels)` have, "dark" or "light".

    None when they are large or in color, or have no such background in common.
    """
    if max(x.shape[1:3]) > _MAX_SIDE:
        return None
    some = np.asarray(x[np.arange(0, len(x), max(1, len(x) // _LOOKED_AT))[:_LOOKED_AT]])
    if not _is_gray(some):
        return None
    found = [of_image(image) for image in some]
    return next((ground for ground in _OPPOSITE if found.count(ground) >= _NEARLY_ALL_IMAGES * len(found)), None)


def of_image(image: np.ndarray) -> str | None:
    """Return the background of an image `(height, width, channels)` by its border; None when that is neither dark nor light."""
    edge = border(image).mean(axis=1)
    shares = {DARK: (edge < _BELOW).mean(), LIGHT: (edge > _ABOVE).mean()}
    return next((ground for ground, share in shares.items() if share >= _NEARLY_ALL_BORDER), None)


def is_opposite(image: np.ndarray, background: str | None) -> bool:
    """Tell whether an image has a light background where the dataset's is dark, or the other way round."""
    return background is not None and of_image(image) == _OPPOSITE.get(background)


def words(background: str) -> str:
    """Return a sentence on an image that was inverted."""
    return (
        f"The image has a {_OPPOSITE[background]} background; the dataset's images have a {background} one, so it was inverted."
    )


def _is_gray(images: np.ndarray) -> bool:
    return bool((np.ptp(images.astype(np.int16), axis=-1) <= _GRAY).all())
