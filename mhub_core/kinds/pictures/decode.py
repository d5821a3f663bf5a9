"""Bytes of an image become a uint8 array of a given shape: the same way for a dataset and for a prediction."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from threading import Lock

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from mhub_core.errors import Invalid
from mhub_core.kinds.pictures import jpeg

MAX_PIXELS = 50_000_000
PREDICTION_PIXELS = 12_000_000  # decoded, a pixel takes up to 16 bytes
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
PAD, CROP, STRETCH = "pad", "crop", "stretch"
FITS = (PAD, CROP, STRETCH)  # how an image of other proportions comes into a given size
_LARGE, _ONE_LARGE = 4_000_000, Lock()  # decoded one at a time, however many threads there are, for the memory that they take
_ORIENTATION, ON_ITS_SIDE = 0x0112, (5, 6, 7, 8)
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # the limit above is stricter
_WANTED = "The hub reads PNG, JPEG, GIF, BMP, WebP and TIFF images."


@dataclass(frozen=True)
class Measured:
    """A decoded image uint8 `(height, width, channels)`, the (height, width) that it had, and what was lost of it."""

    size: tuple[int, int]
    pixels: np.ndarray
    change: str | None


def measure(data: bytes) -> tuple[int, int]:
    """Return (height, width) from the header as it is shown, turned upright, without decoding.

    Raises Invalid for what is no image or too large a one.
    """
    with opened(data) as image:
        return _size(image, _is_turned(image))


def decode(data: bytes, input_shape: Sequence[int], fit: str, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """Return uint8 `(height, width, channels)`: turned upright, on white, RGB or gray, brought to its size as `fit` says.

    Raises Invalid for what is no image, is damaged, has more than 50 million pixels, or would be decoded to more than
    `max_pixels` of them: a JPEG is decoded at a smaller size when that is enough.
    """
    return decode_measured(data, input_shape, fit, max_pixels).pixels


def decode_measured(
    data: bytes, input_shape: Sequence[int], fit: str, max_pixels: int = MAX_PIXELS, size: tuple[int, int] | None = None
) -> Measured:
    """Return what `decode` returns and what an image was before. With `size`, Invalid for one of another size."""
    height, width, channels = input_shape
    plain = jpeg.pixels(data, (height, width), min(_LARGE, max_pixels))
    if plain is not None:
        return _of_plain(plain, (height, width, channels), fit, size)
    try:
        with opened(data) as image:
            is_turned = _is_turned(image)
            found, change = _size(image, is_turned), _change(image)
            _require_size(found, size)
            image.draft("RGB", (2 * width, 2 * height))  # lets JPEG decode at a half, a quarter or an eighth of its size
            if image.width * image.height > max_pixels:
                raise _too_many_pixels(max_pixels)
            with _ONE_LARGE if image.width * image.height > _LARGE else nullcontext():
                upright = ImageOps.exif_transpose(image) if is_turned is not False else image
                return Measured(found, _fitted_pixels(_flatten(upright), (height, width, channels), fit), change)
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, MemoryError) as error:
        raise Invalid("The image is damaged.", _WANTED, "Open it, save it again and upload that file.") from error


def checked(
    data: bytes, input_shape: Sequence[int], fit: str, size: tuple[int, int] | None = None
) -> tuple[tuple[int, int], str | None]:
    """Return the (height, width) of an image and what decoding it loses, without its pixels: ordinary ones are not made.

    Raises Invalid wherever `decode_measured` does.
    """
    height, width = input_shape[:2]
    found = jpeg.sound(data, (height, width), _LARGE)
    if found is None:
        made = decode_measured(data, input_shape, fit, size=size)
        return made.size, made.change
    _require_size(found, size)
    return found, None


def _of_plain(pixels: np.ndarray, shape: tuple[int, int, int], fit: str, size: tuple[int, int] | None) -> Measured:
    found = (pixels.shape[0], pixels.shape[1])
    _require_size(found, size)
    if pixels.shape != shape:
        image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
        pixels = _fitted_pixels(image, shape, fit)
    return Measured(found, pixels, None)


def _fitted_pixels(flat: Image.Image, shape: tuple[int, int, int], fit: str) -> np.ndarray:
    mode = "L" if shape[2] == 1 else "RGB"
    flat = flat if flat.mode == mode else flat.convert(mode)
    return np.asarray(fitted(flat, (shape[1], shape[0]), fit), np.uint8).reshape(shape)


def _require_size(found: tuple[int, int], size: tuple[int, int] | None) -> None:
    if size and found != size:
        raise Invalid(f"The image is not {size[1]} x {size[0]} pixels like most others.")


def _change(image: Image.Image) -> str | None:
    """Return what decoding an image loses beyond its size, in the words of a list."""
    if image.format in ("GIF", "WEBP", "PNG", "TIFF") and getattr(image, "n_frames", 1) > 1:
        return "animated or of several pages: the first picture was used"
    return "of 16 bits: brought to 8" if image.mode.startswith("I;16") else None


def _size(image: Image.Image, is_turned: bool | None) -> tuple[int, int]:
    return (image.width, image.height) if is_turned else (image.height, image.width)


def _is_turned(image: Image.Image) -> bool | None:
    """Tell whether an image is shown on its side; None when it is turned or mirrored otherwise, False when not at all."""
    if image.format == "JPEG" and "exif" not in image.info:
        return False  # as most have none, looking into them takes a tenth of the time
    orientation = _orientation(image)
    return orientation in ON_ITS_SIDE or (False if orientation == 1 else None)


def _orientation(image: Image.Image) -> int | None:
    try:
        found: int = image.getexif().get(_ORIENTATION, 1)
        return found
    except (OSError, ValueError, SyntaxError, EOFError, struct.error):
        return None


def orientation(data: bytes) -> int:
    """Return how an image is stored, by EXIF: 1 upright, 2 to 8 mirrored or turned. Raises Invalid for what is no image."""
    with opened(data) as image:
        return _orientation(image) or 1


def fitted(image: Image.Image, size: tuple[int, int], fit: str, margin: int | None = None) -> Image.Image:
    """Return an image of a size (width, height): whole in a margin, its middle part, or stretched.

    `margin` is that of a mask, whose pixels are numbers of classes and are never mixed; that of an image looks like its edges.
    """
    scales = [wanted / side for wanted, side in zip(size, image.size, strict=True)]
    way = Image.Resampling.BILINEAR if margin is None else Image.Resampling.NEAREST
    if fit == STRETCH or scales[0] == scales[1]:
        return _resized(image, size, way)
    if fit == CROP:
        cut = [wanted / max(scales) for wanted in size]  # of the image, in its own pixels
        left, top = ((side - kept) / 2 for side, kept in zip(image.size, cut, strict=True))
        return _resized(image, size, way, (left, top, left + cut[0], top + cut[1]))
    inner = [max(1, round(side * min(scales))) for side in image.size]
    whole = Image.new(image.mode, size, _border_color(image) if margin is None else margin)
    whole.paste(_resized(image, (inner[0], inner[1]), way), ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2))
    return whole


def _resized(
    image: Image.Image, size: tuple[int, int], way: Image.Resampling, box: tuple[float, float, float, float] | None = None
) -> Image.Image:
    if image.size == size and box is None:
        return image
    return image.resize(size, way, box, reducing_gap=2.0)


def _border_color(image: Image.Image) -> int | tuple[int, ...]:
    """Return the usual color along the edges, so that a margin looks like more of the background."""
    color = np.median(border(np.asarray(image)), axis=0)
    return int(color) if color.ndim == 0 else tuple(map(int, color))


def border(pixels: np.ndarray) -> np.ndarray:
    """Return the outermost pixels of an image `(height, width, ...)` in one row."""
    return np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])


def to_png(array: np.ndarray) -> bytes:
    """Return uint8 `(height, width, 1 or 3)` as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(array[:, :, 0] if array.shape[2] == 1 else array).save(buffer, "PNG")
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    """Return an image of which only the header was read. Raises Invalid for what is none, or has too many pixels."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(MAX_PIXELS) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, struct.error) as error:
        raise Invalid("This is not an image.", _WANTED, "Upload an image.") from error
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels(MAX_PIXELS)
    return image


def _too_many_pixels(most: int) -> Invalid:
    return Invalid("The image has too many pixels.", f"At most {most // 1_000_000} million.", "Make it smaller.")


def _flatten(image: Image.Image) -> Image.Image:
    """Return the image with 8 bits a channel and without transparency, which becomes white."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        raise Invalid("The image has 32 bits per pixel.", "8 or 16 bits.", "Save it as an ordinary PNG or JPEG.")
    if not image.has_transparency_data:
        return image
    with_alpha = image.convert("RGBA")
    white = Image.new("RGBA", with_alpha.size, "white")
    return Image.alpha_composite(white, with_alpha)
