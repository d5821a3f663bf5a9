"""Images in a NumPy `.npz`: `x` and `y`, or `x_train`, `y_train`, `x_test` and `y_test`. Numbers only, never objects.

Shapes are read from the heads and checked before anything else; images are read one after another.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import Image

from mhub_core import settings, zips
from mhub_core.data import splits
from mhub_core.data.records import DataSpec, Progress, UploadPreview
from mhub_core.data.room import require_room
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.pictures import decode, kept, parts, prepare, writing
from mhub_core.tasks.classification import MAX_CLASSES
from mhub_core.zips import Limits

LIMITS = Limits(max_members=50, max_table_bytes=20_000, expected="The arrays x and y, or x_train, y_train, x_test and y_test.")
_NAMES = {"images": "x", "labels": "y", "x": "x", "y": "y", "data": "x", "target": "y", "targets": "y"}
_PARTS = ("", "train", "val", "test")
_EVERY = 1000
_LOOKED_AT = 100
_WANTED = "Arrays x (images) and y (a whole number for each), or x_train, y_train, x_test and y_test."


@dataclass(frozen=True)
class Array:
    """The head of an array in the file."""

    info: zipfile.ZipInfo
    dtype: np.dtype
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Part:
    """Images with their answers: those of one split, or all."""

    name: str
    x: Array
    y: Array


def is_arrays(path: Path) -> bool:
    """Tell whether a file is a zip of arrays."""
    try:
        with zips.opened(path, LIMITS) as archive:
            names = archive.namelist()
    except (Invalid, TooLarge):  # of what is refused the reader of images says why
        return False
    return bool(names) and all(name.endswith(".npy") and "/" not in name for name in names)


def preview(path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
    """Return what arrays hold."""
    with zips.opened(path, LIMITS) as archive:
        found = _parts(archive)
        labels = {part.name: _labels(archive, part) for part in found}
        peak = max(float(row.max(initial=0)) for row in rows_of(archive, found[0].x, _LOOKED_AT))
    per_split = {name: _counts(values) for name, values in labels.items()}
    side, scale = max(found[0].x.shape[1:3]), _scale(found[0].x.dtype, peak)
    return UploadPreview(
        kind="images",
        file_name=file_name,
        num_bytes=path.stat().st_size,
        columns=(),
        guessed_target="class",
        guessed_tasks={"class": "classification"},
        first_rows=(),
        classes=_counts(np.concatenate(list(labels.values()))),
        warnings=(*_notes(scale), *parts.notes(numbers_of(found), chosen, "images")),
        options=parts.options(numbers_of(found), chosen),
        longest_side=side,
        usual_side=side,
        splits=_named(per_split) if len(found) > 1 else {},
    )


def _counts(labels: np.ndarray) -> dict[str, int]:
    values, numbers = np.unique(labels, return_counts=True)
    return {str(value): int(number) for value, number in zip(values, numbers, strict=True)}


def _named(per_split: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {"validation" if name == "val" else name or "train": counts for name, counts in per_split.items()}


def prepare_arrays(
    path: Path, request: dict[str, Any], fit: str, folder: Path, progress: Progress
) -> tuple[DataSpec, dict[str, Any]]:
    """Turn arrays into those of a version, as `prepare.prepare_archive` does with files."""
    with zips.opened(path, LIMITS) as archive:
        found = _parts(archive)
        height, width = found[0].x.shape[1:3]
        side = request["image_size"]
        size = (side, side) if side else (height, width)
        shape = (*size, 1 if request["color"] == "gray" else 3)
        total = sum(part.x.shape[0] for part in found)
        require_room(folder, total * int(np.prod(shape)))
        peak = max(float(row.max(initial=0)) for part in found for row in rows_of(archive, part.x, _LOOKED_AT))
        scale = _scale(found[0].x.dtype, peak)
        _write(archive, found, shape, fit, scale, folder / "x.npy", total, progress)
        labels = np.concatenate([_labels(archive, part) for part in found])
    classes, y = np.unique(labels, return_inverse=True)
    y = y.astype(np.int32)
    numbers, chosen, names = numbers_of(found), request.get("reading") or {}, tuple(map(str, classes))
    is_test = np.repeat([name == "test" for name in numbers], list(numbers.values())).tolist()
    tests = is_test if parts.keeps_test(numbers, chosen) else [None] * total
    split, how, notes = prepare.split_of(tests, y, names, "classification", request)
    told = parts.notes(numbers, chosen, "images")
    spec = prepare.finish(y, names, kept.in_folder(folder, shape, fit), fit, "class", "classification", folder, split, how)
    return spec, {"accepted": total, "refused": 0, "reasons": [], "warnings": [*_notes(scale), *told, *notes]}


def _write(
    archive: zipfile.ZipFile,
    found: list[Part],
    shape: tuple[int, ...],
    fit: str,
    scale: float,
    path: Path,
    total: int,
    progress: Progress,
) -> None:
    rows, number = writing.Rows(path, total, shape), 0
    for part in found:
        for pixels in rows_of(archive, part.x, part.x.shape[0]):
            if number % _EVERY == 0:
                progress(number, total, "Reading images")
            rows.write(number, _brought(_bytes(pixels, scale), shape, fit))
            number += 1
    rows.close(total)


def _bytes(pixels: np.ndarray, scale: float) -> np.ndarray:
    """Return pixels as uint8."""
    if pixels.dtype == np.uint8:
        return pixels
    if not np.isfinite(pixels).all():
        raise Invalid("An image holds a value that is no number.", "Finite numbers.", "Replace or leave out such images.")
    whole: np.ndarray = np.rint(pixels.astype(np.float64) * scale).clip(0, 255).astype(np.uint8)
    return whole


def _brought(pixels: np.ndarray, shape: tuple[int, ...], fit: str) -> np.ndarray:
    """Return an image uint8 `(height, width[, channels])` in a shape."""
    image = Image.fromarray(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels)
    flat = image.convert("L" if shape[2] == 1 else "RGB")
    return np.asarray(decode.fitted(flat, (shape[1], shape[0]), fit), np.uint8).reshape(shape)


def _scale(dtype: np.dtype, peak: float) -> float:
    """Return what pixels are multiplied by: fractions up to 1 by 255, whole numbers of 16 bits by so much less."""
    if dtype == np.uint8 or 1 < peak <= 255:
        return 1.0
    return 255.0 if peak <= 1 else 255.0 / 65535.0 if peak <= 65535 else 255.0 / peak


def _notes(scale: float) -> list[str]:
    told = f"The pixels are not whole numbers from 0 to 255; they were multiplied by {scale:.4g}."
    return [told] if scale != 1 else []


def numbers_of(found: list[Part]) -> dict[str, int]:
    """Return how many examples each part has, by its name."""
    return {part.name: part.x.shape[0] for part in found}


def named_parts(archive: zipfile.ZipFile) -> list[Part]:
    """Return the arrays that go together by their names, whatever their shapes. Raises Invalid where there are none."""
    heads = {_plain(info.filename): info for info in archive.infolist()}
    pairs = [(name, heads.get(f"x{name}"), heads.get(f"y{name}")) for name in _PARTS]
    found = [Part(name, _head(archive, x), _head(archive, y)) for name, x, y in pairs if x and y]
    if not found:
        names = ", ".join(sorted(info.filename[:40] for info in heads.values())[:10])
        raise Invalid(f"The file holds the arrays {names}.", _WANTED, "Save them with numpy.savez(file, x=x, y=y).")
    return found


def _parts(archive: zipfile.ZipFile) -> list[Part]:
    """Return the parts that go together. Raises Invalid for other arrays, and for shapes that are no images."""
    found = [_checked(part) for part in named_parts(archive)]
    if len({part.x.shape[1:] for part in found}) > 1:
        raise Invalid("The images of the parts have different sizes.", "One size.", "Save them in one size.")
    total, most = sum(part.x.shape[0] for part in found), settings.number("MHUB_MAX_IMAGES")
    if total > most:
        raise TooLarge(f"The file contains {total:,} images.", f"At most {most:,} images.", "Upload only some of them.")
    if total < splits.MIN_ROWS:
        raise Invalid(f"The file contains {total} images.", f"At least {splits.MIN_ROWS}.", "Add images.")
    return found


def _plain(name: str) -> str:
    """Return `xtrain` for `X_train.npy` and `train_images.npy`."""
    words = name.removesuffix(".npy").lower().replace("valid", "val").split("_")
    kinds = [_NAMES[word] for word in words if word in _NAMES]
    parts = [word for word in words if word in _PARTS[1:]]
    return "".join((*kinds[:1], *parts[:1])) if len(kinds) + len(parts) == len(words) else ""


def _head(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    with opened(archive, info) as (_, dtype, shape):
        return Array(info, dtype, shape)


@contextmanager
def opened(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[tuple[IO[bytes], np.dtype, tuple[int, ...]]]:
    """Open an array behind its head. Raises Invalid for objects, for other orders of the axes, and when bytes are missing."""
    wrong = Invalid(f"The array {info.filename[:40]!r} is damaged.", _WANTED, "Save it again.")
    with archive.open(info) as file:
        try:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, is_fortran, dtype = read(file)
        except (ValueError, OSError, EOFError, SyntaxError) as error:
            raise wrong from error
        if dtype.hasobject or dtype.kind not in "uifbUS":
            raise Invalid(f"The array {info.filename[:40]!r} holds {dtype}.", "Numbers.", "Save numbers, never Python objects.")
        if is_fortran:
            raise Invalid(f"The array {info.filename[:40]!r} is stored by columns.", "The usual order.", "Save a copy of it.")
        if file.tell() + int(np.prod(shape, dtype=object)) * dtype.itemsize != info.file_size:
            raise wrong
        yield file, dtype, shape


def _checked(part: Part) -> Part:
    """Return a part whose shapes are those of images. Raises Invalid for others."""
    shape, told = part.x.shape, f"The array {part.x.info.filename[:40]!r} has the shape {part.x.shape}."
    wanted = "(images, height, width) or (images, height, width, channels), with 1, 3 or 4 channels."
    if len(shape) == 2:
        raise Invalid(told, wanted, "A table of numbers is uploaded as CSV.")
    if len(shape) not in (3, 4) or part.x.dtype.kind not in "uifb":
        raise Invalid(told, wanted, "Change the shape.")
    if len(shape) == 4 and shape[3] not in (1, 3, 4):
        mend = "Move the channels to the end: numpy.moveaxis(x, 1, -1)." if shape[1] in (1, 3, 4) else "Change the shape."
        raise Invalid(told, wanted, mend)
    if not 1 <= min(shape[1:3]) <= max(shape[1:3]) <= prepare.MAX_SIDE:
        raise Invalid(told, f"At most {prepare.MAX_SIDE} pixels a side.", "Make the images smaller.")
    if part.y.shape[:1] != shape[:1] or len(part.y.shape) > 2:
        raise Invalid(f"{told} The array {part.y.info.filename[:40]!r} has {part.y.shape}.", "One label for each image.", _WANTED)
    return part


def rows_of(archive: zipfile.ZipFile, array: Array, number: int) -> Iterator[np.ndarray]:
    """Give the first images, one after another."""
    row_bytes = int(np.prod(array.shape[1:])) * array.dtype.itemsize
    with opened(archive, array.info) as (file, dtype, shape):
        for _ in range(min(number, shape[0])):
            try:
                data = file.read(row_bytes)
                yield np.frombuffer(data, dtype).reshape(shape[1:])
            except Exception as error:  # zlib, CRC, too few bytes: each has its own errors
                raise Invalid(f"The array {array.info.filename[:40]!r} is damaged.", _WANTED, "Save it again.") from error


def _labels(archive: zipfile.ZipFile, part: Part) -> np.ndarray:
    """Return the label of each image, see `parts.one_label_each`."""
    with opened(archive, part.y.info) as (file, dtype, shape):
        if int(np.prod(shape)) * dtype.itemsize > settings.number("MHUB_MAX_IMAGES") * 1000:
            raise TooLarge("The labels are too large.", "One label for each image.", "Save whole numbers.")
        values = np.frombuffer(file.read(), dtype).reshape(shape)
    values = parts.one_label_each(values, "image")
    if dtype.kind == "f":
        if not (np.isfinite(values).all() and (values == np.rint(values)).all()):
            raise Invalid("The labels are not whole numbers.", "The number of the class of each image.", "Save whole numbers.")
        values = values.astype(np.int64)
    if len(np.unique(values)) > MAX_CLASSES:
        raise TooLarge(f"The labels have more than {MAX_CLASSES:,} values.", "One for each class.", "Use fewer classes.")
    if len(np.unique(values)) < 2:
        raise Invalid("All labels are the same.", "Two classes or more.", "Check the labels.")
    return values
