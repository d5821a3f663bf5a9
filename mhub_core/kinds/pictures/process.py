"""A version of images becomes another by a recipe; a photo for a prediction goes the same way, from the size of the upload.

`input["recipe"]` of a version that a recipe made holds the steps since the upload, `input["raw"]` what `decode` needs to know of
the images there, and `arrays` name them: `raw_y`, `raw_split`, and `raw_x` or `files` and `ends` (see `kept`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mhub_core.data.records import DataSpec, Frame, Progress, StepPreview
from mhub_core.data.splits import TRAIN
from mhub_core.kinds.kind import Examples, Paths, Prepared
from mhub_core.kinds.pictures import decode, kept, prepare
from mhub_core.kinds.pictures.truths.registry import truth_of
from mhub_core.recipes import image_run
from mhub_core.recipes.image_run import Recipe
from mhub_core.recipes.image_step import Shape, Window, shape_of

_SHOWN = 5
RAW = ("x", "y", "split")


def process(data: DataSpec, paths: Mapping[str, Path], recipe: Recipe, folder: Path, progress: Progress) -> Prepared:
    """Turn a version into arrays of another in `folder`. Every image stays, on its side of the split."""
    y, split = (np.load(paths[name], mmap_mode="r") for name in ("y", "split"))
    made = kept.keep(kept.Changed(kept.opened(data, paths), recipe), folder, progress)
    target, fit = data.target["name"], data.input.get("fit", decode.STRETCH)
    followed, how = _followed(data, y, recipe), data.input.get("split")
    spec = prepare.finish(followed, data.classes, made, fit, target, data.task, folder, np.asarray(split), how)
    report: dict[str, Any] = {"accepted": len(y), "refused": 0, "repeated": 0, "reasons": [], "warnings": []}
    return _with_raw(spec, data, recipe), report


def _followed(data: DataSpec, y: np.ndarray, recipe: Recipe) -> np.ndarray:
    followed, move = np.asarray(y), truth_of(data.task).move
    for window, shape in windows(data.input_shape, recipe):
        followed = move(followed, window, shape)
    return followed


def _with_raw(spec: DataSpec, parent: DataSpec, recipe: Recipe) -> DataSpec:
    raw = parent.input.get("raw") or {name: parent.input.get(name) for name in ("shape", "background")}
    root = RAW[1:] if kept.FILES in parent.arrays else RAW
    arrays = {f"raw_{name}": parent.arrays.get(f"raw_{name}") or parent.arrays[name] for name in root}
    arrays |= {name: parent.arrays[name] for name in (kept.FILES, kept.ENDS) if name in parent.arrays}
    steps = [*parent.input.get("recipe", ()), *recipe]
    return replace(spec, arrays=spec.arrays | arrays, input=spec.input | {"recipe": steps, "raw": raw})


def before(data: DataSpec) -> dict[str, int]:
    """Return height, width and channels."""
    return dict(zip(("height", "width", "channels"), data.input_shape, strict=True))


def windows(shape: Sequence[int], recipe: Recipe) -> list[tuple[Window, Shape]]:
    """Return what each step that moves things shows of the image before it, and the shape of that."""
    here: dict[str, int] = dict(zip(("height", "width", "channels"), shape, strict=True))
    found: list[tuple[Window, Shape]] = []
    for part in recipe:
        step = image_run.require_image_step(part["step"])
        if window := step.window(part["params"], here):
            found.append((window, here))
        here = step.after(part["params"], here)
    return found


def framed(frame: Frame, data: DataSpec) -> Frame:
    """Return which part of a photo a model sees, when the steps of a version come after `frame`."""
    for window, shape in windows(data.input["raw"]["shape"], data.input["recipe"]):
        across, down = (frame.right - frame.left) / shape["width"], (frame.bottom - frame.top) / shape["height"]
        left, top = frame.left + window.left * across, frame.top + window.top * down
        right, bottom = frame.left + window.right * across, frame.top + window.bottom * down
        frame = replace(frame, left=left, top=top, right=right, bottom=bottom)
    return frame


def preview(data: DataSpec, paths: Paths, examples: Examples, recipe: Recipe) -> StepPreview:
    """Return what a checked recipe does to some training images from all over the version."""
    train = np.flatnonzero(np.load(paths("split"), mmap_mode="r") == TRAIN)
    some = train[:: max(1, len(train) // _SHOWN)][:_SHOWN]
    images = examples(some.tolist())
    changed = image_run.apply(images, recipe)
    pairs = tuple((decode.to_png(one), decode.to_png(other)) for one, other in zip(images, changed, strict=True))
    shape = tuple(shape_of(changed).values())
    return StepPreview(len(train), (len(train),) * len(recipe), False, pictures=pairs, shape=shape)
