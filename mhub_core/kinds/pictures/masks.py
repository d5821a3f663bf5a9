"""What the values of the pixels of masks mean: numbers, gray levels or colors become classes, of which 0 is the background."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from mhub_core.data.records import Option
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.pictures import mask_names
from mhub_core.kinds.pictures.decode import fitted, opened

VOID, BACKGROUND, NAMES = "mask_void", "mask_background", "mask_names"
_WHITE, _MAX_VALUES, _MAX_CLASSES = 255, 256, 256
_FEW = 8  # values of a gray mask that is not blurred
_MANY, _PIXELS_PER_VALUE = 32, 8  # what has so many values, and so few pixels for each of them, is a small photo
_SHARP = 0.9  # of its pixels are nearly black or nearly white, if a blurred mask marks one class
_NEAR = 32  # gray levels
_MAX_FIELD = 1_000  # letters of a field of the form
_MAX_PIXELS = 25_000_000
_PIECE = 1 << 20  # pixels
_BLURRED = (
    f"The masks are blurred, as JPEG makes them: what is brighter than {_WHITE // 2} was taken for the object, the rest for the "
    "background."
)


@dataclass(frozen=True)
class Seen:
    """What one mask holds: its (height, width), how many pixels each value has, and how its values are written.

    `is_color`: they are red, green and blue in one number. `is_blurred`: black and white with shades between them, as JPEG
    and smooth drawing make.
    """

    size: tuple[int, int]
    counts: dict[int, int]
    is_color: bool
    is_blurred: bool


@dataclass(frozen=True)
class Meaning:
    """How values become numbers of classes: `values` in the order of `classes`, of which the first is the background."""

    values: tuple[int, ...]
    classes: tuple[str, ...]
    is_color: bool
    is_blurred: bool
    warnings: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()

    def classes_of(self, data: bytes, image_size: tuple[int, int], size: tuple[int, int], fit: str) -> np.ndarray:
        """Return a mask as numbers of classes, uint8 `(height, width)` of a size, brought there as its image was.

        `image_size` is the (height, width) of the image. Raises Invalid for another form than the image has.
        """
        pixels = _pixels(data, self.is_color)
        if self.is_blurred:
            pixels = np.where(pixels > _WHITE // 2, np.uint8(_WHITE), np.uint8(0))
        order = np.argsort(np.array(self.values))
        known = np.array(self.values)[order]
        place = np.searchsorted(known, pixels).clip(max=len(known) - 1)
        numbers = np.where(known[place] == pixels, order[place], 0).astype(np.uint8)
        image = Image.fromarray(numbers)
        if numbers.shape != image_size:
            _require_form(numbers.shape, image_size)
            image = image.resize((image_size[1], image_size[0]), Image.Resampling.NEAREST)
        return np.asarray(fitted(image, (size[1], size[0]), fit, margin=0), np.uint8)


def _require_form(mask: tuple[int, ...], image: tuple[int, int]) -> None:
    """Raise Invalid unless a mask has the proportions of its image, up to one pixel."""
    if abs(mask[0] * image[1] - mask[1] * image[0]) > max(*mask, *image):
        told = f"Its mask has {mask[1]} x {mask[0]} pixels, the image has {image[1]} x {image[0]}."
        raise Invalid(told, "The same proportions.", "Save the mask in the size of the image.")


def look(data: bytes, is_color: bool) -> Seen:
    """Return what a mask holds. `is_color`: read it by its colors. Raises Invalid for what can be no mask."""
    with opened(data) as image:
        is_color, is_jpeg = is_color or _has_colors(image), image.format == "JPEG"
    pixels = _pixels(data, is_color)
    counts: Counter[int] = Counter()
    flat = pixels.ravel()
    for start in range(0, flat.size, _PIECE):
        found, numbers = np.unique(flat[start : start + _PIECE], return_counts=True)
        counts.update(dict(zip(found.tolist(), numbers.tolist(), strict=True)))
        if len(counts) > _MAX_VALUES:
            raise _too_many_values(len(counts))
    if len(counts) > _MANY and len(counts) * _PIXELS_PER_VALUE > flat.size:
        raise _too_many_values(len(counts))
    blurred = not is_color and _is_blurred(counts, 2 if is_jpeg else _FEW)
    return Seen((pixels.shape[0], pixels.shape[1]), dict(counts), is_color, blurred)


def _too_many_values(number: int) -> Invalid:
    told = f"The mask has {number:,} different values or more: it is a photo, or was saved as JPEG."
    return Invalid(told, "One value for each class.", "Save masks as PNG.")


def _is_blurred(counts: Counter[int], few: int) -> bool:
    if len(counts) <= few or max(counts) < 2 * _WHITE // 3 or max(counts) > _WHITE:
        return False
    near = sum(number for value, number in counts.items() if value <= _NEAR or value >= _WHITE - _NEAR)
    return near >= _SHARP * counts.total()


def _has_colors(image: Image.Image) -> bool:
    return image.mode not in ("1", "L", "P", "LA", "I", "F") and not image.mode.startswith("I;16")


def _pixels(data: bytes, is_color: bool) -> np.ndarray:
    """Return the values of a mask `(height, width)`: of gray and of a palette as they are stored, of colors in one number."""
    try:
        with opened(data) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise Invalid(f"The mask has more than {_MAX_PIXELS // 1_000_000} million pixels.", mend="Make it smaller.")
            if is_color:
                colors = np.asarray(image.convert("RGB")).astype(np.int32)
                number: np.ndarray = colors @ np.array([1 << 16, 1 << 8, 1], np.int32)
                return number
            if image.mode == "F":
                raise Invalid("The mask has fractions as values.", "One whole number for each class.", "Save masks as PNG.")
            values = np.asarray(image.getchannel(0) if image.mode == "LA" else image)
            return values.astype(np.uint8) if values.dtype == bool else values
    except (OSError, ValueError, SyntaxError, EOFError, struct.error) as error:
        raise Invalid("The mask is damaged.", "A complete image.", "Save the mask again.") from error


def meaning(seen: Sequence[Seen], names: dict[int, str], chosen: dict[str, Any]) -> Meaning:
    """Return what the values of masks mean. `names` are those that a file tells, by value.

    Raises Invalid when there is nothing to tell apart, or too much.
    """
    is_color = any(one.is_color for one in seen)
    blurred = not is_color and 2 * sum(one.is_blurred for one in seen) > len(seen)
    pixels: Counter[int] = Counter()
    for one in seen:
        pixels.update(_black_and_white(one.counts) if blurred else one.counts)
    every = sorted({*pixels, *names})
    background, (values, void) = _background(every, pixels, names, chosen), _without_void(every, names, chosen)
    _require_good_number(values)
    words = mask_names.words(values, background, names, is_color) | mask_names.parse_choice(chosen.get(NAMES, ""), is_color)
    ordered = (background, *(value for value in values if value != background))
    options = (*void, *_options(values, background, words, is_color))
    called = mask_names.distinct([words[value] for value in ordered])
    return Meaning(ordered, called, is_color, blurred, (_BLURRED,) if blurred else (), options)


def _without_void(values: list[int], names: dict[int, str], chosen: dict[str, Any]) -> tuple[list[int], list[Option]]:
    """Return the values without that of void, unless it is to be a class, and the option where there may be one."""
    if not _may_be_void(values, names):
        return values, []
    drops, help = bool(chosen.get(VOID, True)), "Sets such as Pascal VOC mark the edges of objects with 255."
    option = Option(VOID, "Treat the value 255 as background", drops, (), help)
    return [value for value in values if not drops or value != _WHITE], [option]


def _require_good_number(values: list[int]) -> None:
    if len(values) < 2:
        raise Invalid("All masks have a single value, so there is nothing to learn.", "Two values or more.", "Check the masks.")
    if len(values) > _MAX_CLASSES:
        raise TooLarge(f"The masks have {len(values):,} different values.", f"At most {_MAX_CLASSES}.", "Save masks as PNG.")


def _options(values: list[int], background: int, words: dict[int, str], is_color: bool) -> list[Option]:
    written = {value: mask_names.value_words(value, is_color) for value in values}
    shown = tuple((written[value], f"{written[value]}: {words[value]}") for value in values)
    here = mask_names.value_words(background, is_color)
    options = [Option(BACKGROUND, "Value of the background", here, shown)]
    text = ", ".join(f"{written[value]} = {words[value]}" for value in values)
    if len(text) <= _MAX_FIELD:  # so many have their names in a file
        options.append(
            Option(NAMES, "Names of the classes", text, (), "A name for each value of a mask, such as 1 = cat, 2 = dog.")
        )
    return options


def _black_and_white(counts: dict[int, int]) -> dict[int, int]:
    white = sum(number for value, number in counts.items() if value > _WHITE // 2)
    return {value: number for value, number in ((0, sum(counts.values()) - white), (_WHITE, white)) if number}


def _background(values: list[int], pixels: Counter[int], names: dict[int, str], chosen: dict[str, Any]) -> int:
    """Return the value of the background: the one chosen, the one called so, 0 or black, else what most pixels have."""
    asked = mask_names.parse_value(str(chosen.get(BACKGROUND, "")))
    if asked in values:
        return int(asked or 0)
    called = [value for value, name in names.items() if "background" in name.lower()]
    return called[0] if called else 0 if 0 in values else max(values, key=lambda value: pixels[value])


def _may_be_void(values: list[int], names: dict[int, str]) -> bool:
    others = [value for value in values if value != _WHITE]
    return _WHITE in values and _WHITE not in names and len(others) > 1 and max(others) < _WHITE // 2
