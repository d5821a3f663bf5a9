"""An archive of images becomes arrays: every file checked, decoded and written out at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mhub_core.data import split_ways, splits
from mhub_core.data.records import DataSpec, Progress
from mhub_core.data.room import require_room
from mhub_core.data.split_ways import Split
from mhub_core.data.splits import MIN_ROWS
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures import archive as archives
from mhub_core.kinds.pictures import background, keepers, kept, layout, writing
from mhub_core.kinds.pictures import decode as images
from mhub_core.kinds.pictures.archive import Archive
from mhub_core.kinds.pictures.keepers import Keeper
from mhub_core.kinds.pictures.kept import Kept
from mhub_core.kinds.pictures.records import Example
from mhub_core.kinds.pictures.truths.registry import truth_of
from mhub_core.kinds.pictures.truths.truth import Made, Work
from mhub_core.tasks.registry import require_task

SIZES = (28, 32, 64, 96, 128, 160, 224)  # on offer besides the one that suits the images
DEFAULT_SIZE = 224
MIN_SIDE, MAX_SIDE = 8, 1024
MAX_REASONS = 200
_SMALL, _FINE, _COARSE = 32, 4, 16  # a proposed size is a multiple of 4 up to 32 pixels, of 16 beyond: layers halve it with ease
_WANTED = "PNG, JPEG, GIF, BMP, WebP or TIFF files."


def fitting_size(usual_side: int | None) -> int:
    """Return a size near that of the images, which loses nothing of most of them; the default for what is larger or unknown."""
    if not usual_side:
        return DEFAULT_SIZE
    step = _FINE if usual_side <= _SMALL else _COARSE
    return min(max(-(-usual_side // step) * step, MIN_SIDE), DEFAULT_SIZE)


def prepare_archive(
    path: Path, request: dict[str, Any], fit: str, folder: Path, progress: Progress
) -> tuple[DataSpec, dict[str, Any]]:
    """Turn an archive into arrays in `folder`. `request` is as `Images.check_request` returns it; its `image_size` None keeps
    the size that the images have. `fit` is one of `decode.FITS`.

    Returns the spec, whose keys are file names, and the report with every refused file and why.
    """
    with archives.opened(path) as archive:
        found = layout.read(archive, request.get("reading") or {}, request.get("task"))
        size = request["image_size"] and (request["image_size"],) * 2
        shape = (*(size or _common_size(archive, found.examples, progress)), 1 if request["color"] == "gray" else 3)
        keeper, truth = keepers.of(found.examples, shape, fit, None if size else shape[:2], folder), truth_of(found.task)
        require_room(folder, keeper.num_bytes + len(found.examples) * truth.num_bytes(shape))
        refused = list(found.refused)
        sizes, told = _decode(archive, found.examples, keeper, refused, progress)
        work = Work(archive, found, request.get("reading") or {}, sizes, shape, fit, folder, refused, progress)
        made = truth.write(work)
    if len(made.y) < MIN_ROWS or len(made.classes) < truth.least_classes:
        raise _too_few(len(made.y), len(made.classes), truth.least_classes, refused)
    if len(made.rows) < len(work.good):
        left = set(made.rows)
        keeper.leave([place for place, row in enumerate(work.good) if row in left])
    return _finished(work, made, told, request)


def _finished(work: Work, made: Made, told: list[str], request: dict[str, Any]) -> tuple[DataSpec, dict[str, Any]]:
    """Draw the split, and describe what was written."""
    found, classes, y = work.found, made.classes, made.y
    split, how, notes = split_of([found.examples[row].is_test for row in made.rows], y, classes, found.task, request)
    images_kept = kept.in_folder(work.folder, work.shape, work.fit)
    spec = finish(y, classes, images_kept, work.fit, request["target"], found.task, work.folder, split, how)
    warnings = [*found.warnings, *told, *made.warnings, *notes, *require_task(found.task).notes(y, classes)]
    report = {"accepted": len(y), "refused": len(work.refused), "reasons": work.refused[:MAX_REASONS], "warnings": warnings}
    return spec, made.report | report


def split_of(
    tests: Sequence[bool | None], y: np.ndarray, classes: Sequence[str], task: str, request: dict[str, Any]
) -> tuple[np.ndarray, Any, list[str]]:
    """Return the split that was given (`tests`; None: none was), or one drawn as was asked; how it was made, as the spec keeps
    it; and what is to be said."""
    given, asked = np.array(tests, bool), Split(**request.get("split", {}))
    if given.any() and not given.all():
        return np.where(given, splits.TEST, splits.TRAIN).astype(np.uint8), splits.GIVEN, []
    of_one = classes if y.ndim == 1 else ()  # an image with boxes has several
    split, notes = split_ways.draw(asked, len(y), require_task(task).strata(y), of_one)
    if tests[0] is not None:
        lost = "training" if given.all() else "test"
        notes = [f"No {lost} image could be used, so the hub chose its own held-out test set.", *notes]
    return split, asked.to_json(), notes


def _too_few(num_images: int, num_classes: int, least: int, refused: list[tuple[str, str]]) -> Invalid:
    first = "; ".join(f"{name}: {why}" for name, why in refused[:5])
    return Invalid(
        f"{num_images} images of {num_classes} classes could be used, {len(refused)} files were refused"
        + (f" ({first})." if first else "."),
        f"At least {MIN_ROWS} images of at least {least} class{'' if least == 1 else 'es'}.",
        "Add images, or fix the refused ones.",
    )


def _common_size(archive: Archive, examples: Sequence[Example], progress: Progress) -> tuple[int, int]:
    """Return the (height, width) that most images have."""
    files = [example.image for example in examples]
    measured = writing.each(archive, files, lambda _, data: images.measure(data), progress, "Measuring images")
    sizes = Counter(size for _, size in measured if not isinstance(size, Invalid))
    if not sizes:
        raise Invalid("The archive contains no image.", _WANTED, "Upload images.")
    size = sizes.most_common(1)[0][0]
    if max(size) > MAX_SIDE:
        raise Invalid(
            f"The images are {size[1]} x {size[0]} pixels.",
            f"At most {MAX_SIDE} a side.",
            "Choose a size, such as 224 x 224.",
        )
    return size


def _decode(
    archive: Archive,
    examples: Sequence[Example],
    keeper: Keeper,
    refused: list[tuple[str, str]],
    progress: Progress,
) -> tuple[list[tuple[int, int] | None], list[str]]:
    """Keep all good images; return for each the (height, width) that it had, None for one that was refused.

    Also returns what is to be said of some of them.
    """
    places = {example.image: place for place, example in enumerate(examples)}
    sizes: list[tuple[int, int] | None] = [None] * len(examples)
    changes: Counter[str | None] = Counter()
    for file, made in writing.each(archive, list(places), lambda _, data: keeper.look(data), progress, "Decoding images"):
        if isinstance(made, Invalid):
            refused.append((file.name[:200], made.happened))
        else:
            sizes[places[file]] = made.size
            changes[made.change] += 1
            keeper.write(made)
    keeper.close()
    told = [f"{number:,} image{' is' if number == 1 else 's are'} {change}." for change, number in changes.items() if change]
    return sizes, told


def prepare_array(x: np.ndarray, y: np.ndarray, classes: Sequence[str], target: str, task: str, folder: Path) -> DataSpec:
    """Turn images uint8 `(images, height, width, channels)` and their answers into the files of a version."""
    np.save(folder / "x.npy", np.ascontiguousarray(x, np.uint8))
    np.save(folder / "y.npy", y)
    split = splits.split_rows(require_task(task).strata(y), len(y))
    return finish(y, classes, kept.in_folder(folder, x.shape[1:], images.PAD), images.PAD, target, task, folder, split)


def finish(
    y: np.ndarray,
    classes: Sequence[str],
    images_kept: Kept,
    fit: str,
    target: str,
    task: str,
    folder: Path,
    split: np.ndarray,
    how: Any = None,
) -> DataSpec:
    """Write answers and split beside the images, and describe all. `how` the split was made, as the spec keeps it."""
    asked = require_task(task)
    splits.require_test(split)
    if not (folder / "y.npy").exists():
        np.save(folder / "y.npy", y)
    np.save(folder / "split.npy", split)
    shape, ground = images_kept.images.shape[1:], background.of_dataset(images_kept.images)
    return DataSpec(
        kind="images",
        task=task,
        arrays={**images_kept.arrays, "y": "y.npy", "split": "split.npy"},
        input={"shape": list(shape), "fit": fit, "background": ground} | ({"split": how} if how else {}),
        target=asked.describe(target, y, classes, split == splits.TRAIN),
        **splits.counts(split),
    )
