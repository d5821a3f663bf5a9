"""A mask for each image: a class for each of its pixels, in a file of the same name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from mhub_core.errors import Invalid
from mhub_core.kinds.pictures import pairs, segments
from mhub_core.kinds.pictures.archive import Archive, File, some
from mhub_core.kinds.pictures.pairs import Paired
from mhub_core.kinds.pictures.paths import not_used
from mhub_core.kinds.pictures.places import Placed
from mhub_core.kinds.pictures.records import Example, Layout
from mhub_core.kinds.pictures.truths.truth import Contents, Made, Offer, Seen, Work
from mhub_core.recipes.image_step import Shape, Window, seen_of_masks


class Masks:
    """`y` is uint8 `(images, height, width)`."""

    task = "segmentation"
    target = "mask"
    least_classes = 2

    def offers(self, contents: Contents) -> list[Offer]:
        """Where half of the images have one."""
        paired = pairs.find([image.entry for image in contents.images])
        if paired is None:
            return []
        read = partial(_with_masks, paired, contents)
        return [Offer("masks", "Masks: a class for each pixel", len(paired.pairs), read)]

    def none(self, images: Sequence[Placed]) -> Invalid:
        """Tell how masks are found."""
        wanted = "A mask of the same name for each image, such as images/1.jpg and masks/1.png, or 1.jpg and 1_mask.png."
        return Invalid("The archive contains no masks.", wanted, "Add the masks, or choose classification.")

    def preview(self, archive: Archive, found: Layout, chosen: dict[str, Any]) -> Seen:
        """Look at some."""
        looked_at = some([example.mask for example in found.examples if example.mask])
        meant, bad = segments.meaning(archive, found, looked_at, chosen, lambda *_: None)
        warnings = (*meant.warnings, *_bad_masks(bad, looked_at))
        return Seen(dict.fromkeys(meant.classes, len(found.examples)), meant.options, warnings)

    def num_bytes(self, shape: Sequence[int]) -> int:
        """A byte for each pixel."""
        return int(np.prod(shape[:2]))

    def write(self, work: Work) -> Made:
        """Decode them."""
        return segments.write(work)

    def move(self, y: np.ndarray, window: Window, shape: Shape) -> np.ndarray:
        """As the images, without mixing values."""
        return seen_of_masks(y, window)

    def number(self, y: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Look them up; values beyond the classes mean no class, and stay."""
        table = np.arange(256)
        table[: len(numbers)] = numbers
        numbered: np.ndarray = table[y].astype(y.dtype)
        return numbered

    def join(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        """As they are."""
        return np.concatenate(parts)


def _with_masks(paired: Paired, contents: Contents) -> Layout:
    splits = {image.entry: image.split for image in contents.images}
    pair_of = sorted(paired.pairs, key=lambda pair: pair[0].file)
    examples = tuple(Example(image.file, mask=mask.file, split=splits[image]) for image, mask in pair_of)
    texts = tuple(one.entry for one in contents.others if pairs.may_name_values(one.entry))
    left = [one.entry.name for one in contents.others if one.entry not in texts]
    refused = tuple((entry.file.name[:200], why) for entry, why in paired.refused)
    return Layout(Masks.task, examples, refused, tuple(not_used([*contents.about, *left])), (), texts)


def _bad_masks(bad: dict[File, str], some: list[File]) -> list[str]:
    why = next(iter(bad.values()), "")
    return [f"{len(bad):,} of {len(some):,} masks that were looked at cannot be used, such as {why}"] if bad else []
