"""A further archive: its images come to those of a version, or in their place, and the steps are done again."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mhub_core.data import split_further
from mhub_core.data.records import DataSpec, Progress, UploadPreview
from mhub_core.data.splits import TEST, TRAIN
from mhub_core.errors import Invalid
from mhub_core.kinds.kind import Addition, Prepared
from mhub_core.kinds.pictures import arrays, decode, kept, prepare, process
from mhub_core.kinds.pictures.kept import Pixels
from mhub_core.kinds.pictures.truths.registry import truth_of
from mhub_core.kinds.tables.further import listed

_AT_ROOT = {name: f"raw_{name}.npy" for name in process.RAW}  # what they are called once steps came after them


def differences(data: DataSpec, preview: UploadPreview) -> tuple[list[str], list[str]]:
    """Return why an archive cannot be added to a version, and what is to be known before."""
    if preview.kind != data.kind:
        return ["The file does not hold images."], []
    task = preview.guessed_tasks.get(preview.guessed_target)
    if task != data.task:
        return [f"It looks like images for {task}; the dataset is for {data.task}."], []
    new = [name for name in preview.classes if name not in data.classes]
    gone = [name for name in data.classes if name not in preview.classes]
    told = [f"New classes: {listed(new)}. A design needs as many outputs then."] if new else []
    return [], told + ([f"No image of these classes: {listed(gone)}."] if gone else [])


def extend(data: DataSpec, paths: Mapping[str, Path], addition: Addition, folder: Path, progress: Progress) -> Prepared:
    """Turn a version and a further archive into arrays of the next version in `folder`."""
    (folder / "new").mkdir()
    new_spec, report = _prepared(addition, folder / "new", data, progress)
    old, new = _of(data, paths), _of(new_spec, {name: folder / "new" / file for name, file in new_spec.arrays.items()})
    if new.x.shape[1:] != old.x.shape[1:]:
        told = [" x ".join(map(str, one.x.shape[2:0:-1])) for one in (new, old)]
        raise Invalid(f"These images are {told[0]} pixels, those of the dataset {told[1]}.", mend="Upload images of that size.")
    root = folder / "root" if addition.steps else folder
    root.mkdir(exist_ok=True)
    spec = _joined(data, new_spec, old, new, addition.replaces, root, progress)
    if not addition.steps:
        return spec, report | {"accepted": spec.num_rows}
    spec = replace(spec, arrays={name: _AT_ROOT.get(name, file) for name, file in spec.arrays.items()})
    for name, file in spec.arrays.items():
        shutil.move(root / f"{name}.npy", folder / file)
    here = {name: folder / file for name, file in spec.arrays.items()}
    made, told_of = process.process(spec, here, addition.steps, folder, progress)
    return made, report | {"accepted": told_of["accepted"]}


class _Images(NamedTuple):
    """The images of an upload, with what is true of them."""

    x: Pixels
    y: np.ndarray
    split: np.ndarray


def _of(data: DataSpec, paths: Mapping[str, Path]) -> _Images:
    y, split = (np.load(paths.get(f"raw_{name}") or paths[name], mmap_mode="r") for name in ("y", "split"))
    return _Images(kept.uploaded(data, paths), y, split)


def _prepared(addition: Addition, folder: Path, data: DataSpec, progress: Progress) -> Prepared:
    request = {"color": "gray" if _raw_shape(data)[2] == 1 else "rgb", "image_size": None, "reading": {}, **addition.request}
    fit = str(data.input.get("fit", decode.STRETCH))
    make = arrays.prepare_arrays if arrays.is_arrays(addition.path) else prepare.prepare_archive
    return make(addition.path, request, fit, folder, progress)


def _raw_shape(data: DataSpec) -> list[int]:
    shape: list[int] = (data.input.get("raw") or data.input)["shape"]
    return shape


def _joined(
    data: DataSpec, new_spec: DataSpec, old: _Images, new: _Images, replaces: bool, folder: Path, progress: Progress
) -> DataSpec:
    """Write the images of both, or the new ones alone, with their answers, and return the description."""
    split = _split(old, new)
    if replaces:
        classes, y, images = new_spec.classes, np.asarray(new.y), [new.x]
        split = split[len(old.y) :]
    else:
        classes, y = _answers(data, new_spec, old.y, new.y)
        images = [old.x, new.x]
    how, fit = data.input.get("split"), str(data.input.get("fit", decode.STRETCH))
    together = kept.join(images, folder, fit, progress)
    return prepare.finish(y, classes, together, fit, data.target["name"], data.task, folder, split, how)


def _answers(data: DataSpec, new_spec: DataSpec, old: np.ndarray, new: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the classes of both, those of the version first, and the answers of all."""
    classes = (*data.classes, *(name for name in new_spec.classes if name not in data.classes))
    numbers = np.array([classes.index(name) for name in new_spec.classes], np.int64)
    truth = truth_of(data.task)
    return classes, truth.join([np.asarray(old), truth.number(np.asarray(new), numbers)])


def _split(old: _Images, new: _Images) -> np.ndarray:
    """Return the split of the old images, which stays, and of the new ones: an image that is there already keeps its side."""
    known, keys = (_keys(one.x) for one in (old, new))
    drawn = split_further.same_side(known, np.asarray(old.split), keys, np.asarray(new.split))
    return np.where(np.concatenate([old.split, drawn]) == TEST, TEST, TRAIN).astype(np.uint8)


def _keys(images: Pixels) -> np.ndarray:
    return np.array([hash(image.tobytes()) for some in kept.chunks(images) for image in some], np.int64)
