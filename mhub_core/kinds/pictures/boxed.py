"""The boxes of images become their answers: checked, moved along with their images, counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mhub_core.data.records import Option, Progress
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures import decode, framing, writing
from mhub_core.kinds.pictures.annotations import placing
from mhub_core.kinds.pictures.annotations.records import Annotated, Box, Drawn, Told
from mhub_core.kinds.pictures.archive import Archive, File
from mhub_core.kinds.pictures.paths import Entry, fewer
from mhub_core.kinds.pictures.places import Placed
from mhub_core.kinds.pictures.records import Example, Layout
from mhub_core.kinds.pictures.truths.truth import Made, Work
from mhub_core.kinds.tables import choosing
from mhub_core.tasks import boxes
from mhub_core.tasks.detection import MAX_BOXES

REFUSED = "refused_boxes.json"
NO_BOXES, BACKGROUND, LEFT_OUT = "no_boxes", "background", "left out"
_CHOICES = ((BACKGROUND, "Images without objects"), (LEFT_OUT, "Leave them out"))
_NOTHING = Drawn((), placing.SHARES)
Size = tuple[int, int]  # (height, width)


def layout(task: str, annotated: Annotated, images: Sequence[Placed], left: list[str], chosen: dict[str, Any]) -> Layout:
    """Return images with what is said of their boxes. `left`: sentences of files that are not used."""
    known = annotated.by_image
    broken = [image.entry for image in images if image.entry in annotated.broken and image.entry not in known]
    unknown = [image.entry for image in images if image.entry not in known and image.entry not in annotated.broken]
    asked: str | int | bool = BACKGROUND
    options: tuple[Option, ...] = ()
    if unknown:
        asked = choosing.one_of(chosen, NO_BOXES, "Images without annotations", _CHOICES, BACKGROUND)
        options = (Option(NO_BOXES, "Images without annotations", asked, _CHOICES),)
    examples = [
        Example(image.entry.file, split=image.split or annotated.splits.get(image.entry), boxes=known.get(image.entry, _NOTHING))
        for image in sorted(images, key=lambda image: image.entry.file)
        if image.entry in known or (asked == BACKGROUND and image.entry not in annotated.broken)
    ]
    refused = [*annotated.refused, *((entry.file.name[:200], "has a file of boxes that cannot be read") for entry in broken)]
    refused += [(entry.file.name[:200], "has no annotation") for entry in unknown if asked == LEFT_OUT]
    notes = [*annotated.notes, *left, *(_without(unknown) if asked == BACKGROUND else ())]
    return Layout(task, tuple(examples), tuple(refused), tuple(notes), options, annotated=annotated)


def _without(unknown: list[Entry]) -> list[str]:
    if not unknown:
        return []
    some = f"{len(unknown):,} image{' has' if len(unknown) == 1 else 's have'} no annotation"
    return [f"{some}: taken for background, without any object ({fewer([entry.name for entry in unknown], 3)})."]


def preview(found: Layout) -> tuple[dict[str, int], list[str]]:
    """Return how many boxes of each class there are, and what is to be told of them without looking at the images."""
    annotated = _annotated(found)
    counts = Counter({name: 0 for name in annotated.classes})
    for example in found.examples:
        drawn = example.boxes or _NOTHING
        fine = placing.plausible(drawn, example.image.name, annotated.told) if drawn.size else drawn.boxes
        counts.update(box.name for box in fine)
    there = {name: count for name, count in counts.items() if count}
    return there, [*annotated.told.sentences(), *_unused(annotated.classes, there)]


def _annotated(found: Layout) -> Annotated:
    return found.annotated or Annotated({}, [], set())


def write(work: Work) -> Made:
    """Return the answers to the good images whose boxes can be used."""
    annotated, good = _annotated(work.found), {row: size for row, size in enumerate(work.sizes) if size}
    turns = _orientations(work.archive, [(work.found.examples[row], size) for row, size in good.items()], work.progress)
    checked = _all_checked(work, good, turns, annotated.told)
    numbers, unused = _numbers(annotated.classes, [fine for fine, _ in checked.values()])
    placed = []
    for row, (fine, drawn) in checked.items():
        image, frame = work.found.examples[row].image, framing.frame(good[row], work.shape, work.fit)
        for _ in fine if image in turns else ():
            annotated.told.change(image.name, placing.TURNED)
        measured = drawn.size or placing.SHARES
        placed.append(placing.placed(fine, measured, frame, turns.get(image, 1), numbers, image.name, annotated.told))
    told = [*annotated.told.sentences(), *unused, *_small(placed, work.shape)]
    return Made(tuple(numbers), boxes.padded(placed), list(checked), told, _listed(annotated, work.folder))


def _all_checked(work: Work, good: dict[int, Size], turns: dict[File, int], told: Told) -> dict[int, tuple[list[Box], Drawn]]:
    """Return the boxes that can be used, and what was written, of each image that can; the others are refused."""
    checked: dict[int, tuple[list[Box], Drawn]] = {}
    for row, size in good.items():
        image = work.found.examples[row].image
        try:
            checked[row] = _checked(work.found.examples[row], size, image in turns, told)
        except Invalid as error:
            work.refused.append((image.name[:200], error.happened))
    return checked


def _checked(example: Example, size: Size, is_turned: bool, told: Told) -> tuple[list[Box], Drawn]:
    """Return the boxes of an image that can be used, and what was written. Raises Invalid where the image cannot be used."""
    drawn = placing.sized(example.boxes or _NOTHING, size)
    if not is_turned and not placing.fits(drawn, size):
        width, height = drawn.size or placing.SHARES
        raise Invalid(f"has {size[1]} x {size[0]} pixels, but its boxes are measured in {width:g} x {height:g}")
    fine = placing.plausible(drawn, example.image.name, told)
    if len(fine) > MAX_BOXES:
        raise Invalid(f"has {len(fine):,} boxes; at most {MAX_BOXES:,} in an image")
    return fine, drawn


def _orientations(archive: Archive, examples: Sequence[tuple[Example, Size]], progress: Progress) -> dict[File, int]:
    """Return how images are stored whose boxes are measured in them as they are stored, on their side."""
    asked = [one.image for one, size in examples if one.boxes and placing.is_on_its_side(one.boxes, size)]
    looked = writing.each(archive, asked, lambda _, data: decode.orientation(data), progress, "Looking at orientations")
    return {file: made for file, made in looked if not isinstance(made, Invalid) and made in decode.ON_ITS_SIDE}


def _numbers(classes: Sequence[str], images: Sequence[list[Box]]) -> tuple[dict[str, int], list[str]]:
    """Return the numbers of the classes that have a box. Raises Invalid when there is none."""
    there = {box.name for fine in images for box in fine}
    if not there:
        raise Invalid(
            "No box can be used.", "At least one box inside of an image.", "Look at the reasons in the preview, and export again."
        )
    return {name: number for number, name in enumerate(name for name in classes if name in there)}, _unused(classes, there)


def _unused(classes: Sequence[str], there: Collection[str]) -> list[str]:
    unused = [name for name in classes if name not in there]
    return [f"Classes without a box are left out: {fewer(unused)}."] if unused else []


def _small(placed: Sequence[np.ndarray], shape: Sequence[int]) -> list[str]:
    number, total = sum(placing.num_small(one, tuple(shape)) for one in placed), sum(map(len, placed))
    if not number:
        return []
    some = f"{number:,} of {total:,} boxes are" if number > 1 else f"1 of {total:,} boxes is"
    return [f"{some} narrower than 3 pixels at this size of images: a model can hardly find them. Larger images help."]


def _listed(annotated: Annotated, folder: Path) -> dict[str, str]:
    if not annotated.told.rows:
        return {}
    (folder / REFUSED).write_text(json.dumps(annotated.told.rows))
    return {"refused_rows": REFUSED}
