"""Ordinary JPEG images, decoded by libjpeg-turbo without the Python around it: Pillow's pixels in a quarter of its time."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import numpy as np

try:
    import simplejpeg
except ImportError:  # not built for every machine; then all images take the long way
    simplejpeg = None

_BEGINS = b"\xff\xd8\xff"
_HEAD_BYTES = 1 << 16
_TURNED = (b"Exif", b"Orientation")  # which may say that it stands on its side
_SAMPLINGS = ("444", "422", "420", "440", "411", "Gray")  # others cannot always be decoded
_PLAIN = ("YCbCr", "Gray")  # no colors for print, which need a look at what wrote them


def pixels(data: bytes, target: tuple[int, int], most: int) -> np.ndarray | None:
    """Return uint8 `(height, width, 3)`, or with one channel for a gray image; None for one that is not ordinary.

    Not ordinary is what may have to be turned, has other colors, is damaged, has more than `most` pixels, or is so much larger
    than its `target` (height, width) that it is better decoded at a half of its size.
    """
    with suppress(ValueError):  # Pillow forgives more, or says why not
        if head := _ordinary(data, target, most):
            found: np.ndarray = simplejpeg.decode_jpeg(data, "GRAY" if head.colors == "Gray" else "RGB")
            return found
    return None


def sound(data: bytes, target: tuple[int, int], most: int) -> tuple[int, int] | None:
    """Return the (height, width) of an image of which `pixels` would return the pixels, in half the time; None for another.

    All of its bytes are decoded, as far as they can be wrong; only the mean of each block is made into a pixel.
    """
    with suppress(ValueError):
        head = _ordinary(data, target, most)
        if head and head.sampling in _SAMPLINGS:
            simplejpeg.decode_jpeg(data, "GRAY", min_height=1, min_width=1, min_factor=8)
            return head.height, head.width
    return None


class _Head(NamedTuple):
    height: int
    width: int
    colors: str
    sampling: str


def _ordinary(data: bytes, target: tuple[int, int], most: int) -> _Head | None:
    """Return what the head of an ordinary image says. Raises ValueError for what is damaged."""
    if simplejpeg is None or not data.startswith(_BEGINS) or any(word in data[:_HEAD_BYTES] for word in _TURNED):
        return None
    head = _Head(*simplejpeg.decode_jpeg_header(data))
    is_much_larger = head.height >= 4 * target[0] and head.width >= 4 * target[1]
    return None if head.colors not in _PLAIN or head.height * head.width > most or is_much_larger else head
