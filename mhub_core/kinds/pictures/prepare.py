"""A zip of images becomes arrays: every member checked, decoded one at a time and written out at once."""

from __future__ import annotations

import statistics
import zipfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mhub_core.data import splits
from mhub_core.data.records import DataSpec, Progress, UploadPreview
from mhub_core.data.room import require_room
from mhub_core.data.splits import MIN_ROWS
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures import archive, background
from mhub_core.kinds.pictures import decode as images
from mhub_core.kinds.pictures.archive import Member
from mhub_core.tasks.registry import require_task

SIZES = (28, 32, 64, 96, 128, 160, 224)  # on offer besides the one that suits the images
DEFAULT_SIZE = 224
MIN_SIDE, MAX_SIDE = 8, 1024
_MAX_REASONS = 200
_EVERY = 100
_LOOKED_AT = 32  # images that are measured before a dataset is made
_SMALL, _FINE, _COARSE = 32, 4, 16  # a proposed size is a multiple of 4 up to 32 pixels, of 16 beyond: layers halve it with ease


def preview(path: Path, file_name: str) -> UploadPreview:
    """Return what a zip of images holds, from its table of contents."""
    with archive.opened(path) as opened:
        contents = archive.inspect(opened)
        sides = _longer_sides(opened, contents.members[:: max(1, len(contents.members) // _LOOKED_AT)][:_LOOKED_AT])
    left_out = [f"{len(contents.refused):,} files are not in a class folder and were skipped."] if contents.refused else []
    return UploadPreview(
        kind="images",
        file_name=file_name,
        num_bytes=path.stat().st_size,
        columns=(),
        guessed_target="class",
        guessed_tasks={"class": "classification"},
        first_rows=(),
        classes=dict(Counter(member.class_name for member in contents.members)),
        warnings=(*contents.warnings, *left_out),
        longest_side=max(sides, default=None),
        usual_side=round(statistics.median(sides)) if sides else None,
    )


def _longer_sides(opened: zipfile.ZipFile, members: Sequence[Member]) -> list[int]:
    """Return the longer side of each image among some files, from their headers."""
    sides = []
    for member in members:
        with suppress(Invalid):
            sides.append(max(images.measure(archive.read(opened, member.info))))
    return sides


def fitting_size(usual_side: int | None) -> int:
    """Return a size near that of the images, which loses nothing of most of them; the default for what is larger or unknown."""
    if not usual_side:
        return DEFAULT_SIZE
    step = _FINE if usual_side <= _SMALL else _COARSE
    return min(max(-(-usual_side // step) * step, MIN_SIDE), DEFAULT_SIZE)


def prepare_zip(
    path: Path, image_size: int | None, color: str, fit: str, folder: Path, progress: Progress
) -> tuple[DataSpec, dict[str, Any]]:
    """Turn a zip into arrays in `folder`. `image_size` None keeps the size that the images have; `fit` is one of `decode.FITS`.

    Returns the spec, whose keys are file names, and the report with every refused file and why.
    """
    with archive.opened(path) as opened:
        contents = archive.inspect(opened)
        side = (image_size, image_size) if image_size else _common_size(opened, contents.members, progress)
        shape = (*side, 1 if color == "gray" else 3)
        require_room(folder, len(contents.members) * int(np.prod(shape)))
        refused = list(contents.refused)
        labels = _decode_all(
            opened, contents.members, shape, None if image_size is None else fit, folder / "x.npy", refused, progress
        )
    classes, y = np.unique(np.array(labels, str), return_inverse=True)
    if len(y) < MIN_ROWS or len(classes) < 2:
        raise _too_few(len(y), len(classes), refused)
    spec = _finish(y.astype(np.int32), tuple(map(str, classes)), shape, fit, "class", "classification", folder)
    report = {
        "accepted": len(y),
        "refused": len(refused),
        "reasons": refused[:_MAX_REASONS],
        "warnings": list(contents.warnings),
    }
    return spec, report


def _too_few(num_images: int, num_classes: int, refused: list[tuple[str, str]]) -> Invalid:
    first = "; ".join(f"{name}: {why}" for name, why in refused[:5])
    return Invalid(
        f"{num_images} images of {num_classes} classes could be used, {len(refused)} files were refused"
        + (f" ({first})." if first else "."),
        f"At least {MIN_ROWS} images of at least 2 classes.",
        "Add images, or fix the refused ones.",
    )


def _common_size(opened: zipfile.ZipFile, members: tuple[Member, ...], progress: Progress) -> tuple[int, int]:
    """Return the (height, width) that most images have."""
    sizes: Counter[tuple[int, int]] = Counter()
    for number, member in enumerate(members):
        if number % _EVERY == 0:
            progress(number, len(members), "Measuring images")
        try:
            sizes[images.measure(archive.read(opened, member.info))] += 1
        except Invalid:
            continue  # refused with its reason when it is decoded
    if not sizes:
        raise Invalid("The zip contains no image.", "PNG, JPEG, GIF, BMP, WebP or TIFF files.", "Upload images.")
    size = sizes.most_common(1)[0][0]
    if max(size) > MAX_SIDE:
        raise Invalid(
            f"The images are {size[1]} x {size[0]} pixels.",
            f"At most {MAX_SIDE} a side.",
            "Choose a size, such as 224 x 224.",
        )
    return size


def _decode_all(
    opened: zipfile.ZipFile,
    members: tuple[Member, ...],
    shape: tuple[int, ...],
    fit: str | None,
    path: Path,
    refused: list[tuple[str, str]],
    progress: Progress,
) -> list[str]:
    """Write the `.npy` file of all good images, one at a time, and return their classes. Without `fit`, all have one size."""
    labels: list[str] = []
    with path.open("wb") as out:
        _write_header(out, (len(members), *shape))
        for number, member in enumerate(members):
            if number % _EVERY == 0:
                progress(number, len(members), "Decoding images")
            try:
                data = archive.read(opened, member.info)
                if fit is None and images.measure(data) != shape[:2]:
                    raise Invalid(f"is not {shape[1]} x {shape[0]} pixels like most others")
                out.write(images.decode(data, shape, fit or images.STRETCH).tobytes())
            except Invalid as error:
                refused.append((member.info.filename[:200], error.happened))
            else:
                labels.append(member.class_name)
        _write_header(out, (len(labels), *shape))
    return labels


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    """Write the head of a `.npy` file. NumPy pads it so that its length does not depend on the number of images."""
    file.seek(0)
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})


def prepare_array(x: np.ndarray, y: np.ndarray, classes: Sequence[str], target: str, task: str, folder: Path) -> DataSpec:
    """Turn images uint8 `(images, height, width, channels)` and their answers into the files of a version."""
    np.save(folder / "x.npy", np.ascontiguousarray(x, np.uint8))
    return _finish(y, classes, x.shape[1:], images.PAD, target, task, folder)


def _finish(
    y: np.ndarray, classes: Sequence[str], shape: Sequence[int], fit: str, target: str, task: str, folder: Path
) -> DataSpec:
    asked = require_task(task)
    split = splits.split_rows(asked.strata(y), len(y))
    splits.require_test(split)
    np.save(folder / "y.npy", y)
    np.save(folder / "split.npy", split)
    ground = background.of_dataset(np.load(folder / "x.npy", mmap_mode="r"))
    return DataSpec(
        kind="images",
        task=task,
        arrays={"x": "x.npy", "y": "y.npy", "split": "split.npy"},
        input={"shape": list(shape), "fit": fit, "background": ground},
        target=asked.describe(target, y, classes, split == splits.TRAIN),
        **splits.counts(split),
    )
