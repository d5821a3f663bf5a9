"""Boxes around the objects of each image, told by files of one of the formats in `annotations`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from mhub_core.errors import Invalid
from mhub_core.kinds.pictures import boxed, pairs
from mhub_core.kinds.pictures.annotations.placing import LEAST_LEFT
from mhub_core.kinds.pictures.annotations.records import Annotated
from mhub_core.kinds.pictures.annotations.registry import FORMATS
from mhub_core.kinds.pictures.archive import Archive
from mhub_core.kinds.pictures.paths import not_used
from mhub_core.kinds.pictures.places import Placed
from mhub_core.kinds.pictures.records import Layout
from mhub_core.kinds.pictures.truths.truth import Contents, Made, Offer, Seen, Work
from mhub_core.recipes.image_step import Shape, Window
from mhub_core.tasks import boxes


class Boxes:
    """`y` is float32 `(images, boxes, 5)`, see `tasks.boxes`."""

    task = "detection"
    target = "box"
    least_classes = 1

    def offers(self, contents: Contents) -> list[Offer]:
        """One for each format whose files are there."""
        found, words = _found(contents), {one.name: f"{one.words}: a box around each object" for one in FORMATS}
        number = len(contents.images)
        return [Offer(name, words[name], number, partial(_with_boxes, one, contents)) for name, one in found.items()]

    def none(self, images: Sequence[Placed]) -> Invalid:
        """Tell which formats there are."""
        wanted = "A COCO JSON file, or for each image a Pascal VOC XML file or a YOLO text of the same name."
        return Invalid("The archive contains no boxes.", wanted, "Add the files with the boxes, or choose another task.")

    def preview(self, archive: Archive, found: Layout, chosen: dict[str, Any]) -> Seen:
        """Count them, without looking at the images."""
        counts, told = boxed.preview(found)
        return Seen(counts, warnings=tuple(told))

    def num_bytes(self, shape: Sequence[int]) -> int:
        """Nothing that counts."""
        return 0

    def write(self, work: Work) -> Made:
        """Check them, and move them along."""
        return boxed.write(work)

    def move(self, y: np.ndarray, window: Window, shape: Shape) -> np.ndarray:
        """Return boxes as shares of the window, cut off at its edges; one of which little is left is none any more."""
        start = np.array([window.left, window.top] * 2)
        size = np.array([window.right - window.left, window.bottom - window.top] * 2)
        full = (boxes.corners(y[..., 1:]) * np.array([shape["width"], shape["height"]] * 2) - start) / size
        cut = full.clip(0, 1)
        area, left = (np.prod(sides[..., 2:] - sides[..., :2], axis=-1) for sides in (full, cut))
        is_there = boxes.there(y) & (left >= LEAST_LEFT * area) & (left > 0)
        made = np.concatenate([y[..., :1], boxes.centered(cut)], axis=-1)
        made[~is_there] = 0
        made[..., 0][~is_there] = boxes.NO_BOX
        return boxes.padded([image[boxes.there(image)] for image in made])

    def number(self, y: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Look them up; padding stays."""
        made, is_there = y.copy(), boxes.there(y)
        made[..., 0][is_there] = numbers[y[..., 0][is_there].astype(np.int64)]
        return made

    def join(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        """With as many places as the fullest image needs."""
        return boxes.padded([image for part in parts for image in part])


def _found(contents: Contents) -> dict[str, Annotated]:
    """Return what the files of each format of boxes say, by its name."""
    found = {one.name: one.find(contents.archive, _photos(contents), contents.others) for one in FORMATS}
    return {name: one for name, one in found.items() if one is not None}


def _photos(contents: Contents) -> list[Placed]:
    return [image for image in contents.images if not pairs.is_mask(image.entry)] or contents.images


def _with_boxes(annotated: Annotated, contents: Contents) -> Layout:
    photos = _photos(contents)
    read = {*annotated.used, *(image.entry for image in photos)}
    left = [one.entry.name for one in contents.others if one.entry not in read]
    masks = len(contents.images) - len(photos)
    unused = [f"Not used, because boxes are: {masks:,} masks."] if masks else []
    return boxed.layout(Boxes.task, annotated, photos, [*not_used([*contents.about, *left]), *unused], contents.chosen)
