"""The masks of images become their answers: looked at first, to know what their values mean, then written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mhub_core.data.records import Progress
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures import mask_names, masks, writing
from mhub_core.kinds.pictures.archive import Archive, File
from mhub_core.kinds.pictures.decode import opened
from mhub_core.kinds.pictures.masks import Meaning
from mhub_core.kinds.pictures.records import Layout
from mhub_core.kinds.pictures.truths.truth import Made, Work
from mhub_core.kinds.tables import letters

_MAX_TEXT = 200_000


def meaning(
    archive: Archive, found: Layout, files: Sequence[File], chosen: dict[str, Any], progress: Progress
) -> tuple[Meaning, dict[File, str]]:
    """Return what the values of some masks mean, and why some of them cannot be used."""
    names, is_color = _names(archive, found)
    looked = writing.each(archive, files, lambda _, data: masks.look(data, is_color), progress, "Looking at masks")
    seen, bad = [], {}
    for file, made in looked:
        if isinstance(made, Invalid):
            bad[file] = f"{file.name[:100]}: {made.happened}"
        else:
            seen.append(made)
    if not seen:
        first = next(iter(bad.values()), "there are none")
        raise Invalid(f"No mask can be used: {first}", "One value for each class, as PNG.", "Save the masks again.")
    mixed = {one.is_color for one in seen} == {True, False}
    if mixed and not is_color:  # gray ones among those with colors have colors, too
        looked = writing.each(archive, files, lambda _, data: masks.look(data, True), progress, "Looking at masks")
        seen = [made for _, made in looked if not isinstance(made, Invalid)]
    return masks.meaning(seen, names, chosen), bad


def _names(archive: Archive, found: Layout) -> tuple[dict[int, str], bool]:
    """Return the names of values that a text beside the masks tells, and whether these are colors."""
    files = [entry.file for entry in found.texts if entry.file.num_bytes <= _MAX_TEXT]
    for _, content in archive.read(files[:1]):
        if not isinstance(content, Invalid):
            return mask_names.parse_text(letters.decode_head(content, "utf-8-sig"))
    return {}, False


def write(work: Work) -> Made:
    """Write `y.npy` for the good images whose mask can be used."""
    of_mask = {mask: row for row in work.good if (mask := work.found.examples[row].mask)}
    meant, bad = meaning(work.archive, work.found, list(of_mask), work.chosen, work.progress)
    kept, scaled = _decoded(work, meant, of_mask, bad)
    work.refused.extend((work.found.examples[of_mask[file]].image.name[:200], why) for file, why in bad.items())
    y = np.load(work.folder / "y.npy", mmap_mode="r")
    return Made(meant.classes, y, kept, [*meant.warnings, *_scaled_words(scaled)])


def _decoded(work: Work, meant: Meaning, of_mask: dict[File, int], bad: dict[File, str]) -> tuple[list[int], int]:
    """Write the classes of the pixels; return which examples are left, and how many masks had another size than their image.

    What cannot be decoded comes to the `bad` ones.
    """
    size, good, scaled, kept = (work.shape[0], work.shape[1]), work.good, [], []
    places = {row: place for place, row in enumerate(good)}
    rows = writing.Rows(work.folder / "y.npy", len(good), size)

    def read(file: File, data: bytes) -> np.ndarray:
        image_size = work.sizes[of_mask[file]] or size
        with opened(data) as mask:
            if (mask.height, mask.width) != image_size:
                scaled.append(file)
        return meant.classes_of(data, image_size, size, work.fit)

    files = [file for file in of_mask if file not in bad]
    for file, made in writing.each(work.archive, files, read, work.progress, "Reading masks"):
        if isinstance(made, Invalid):
            bad[file] = made.happened
        else:
            rows.write(places[of_mask[file]], made)
            kept.append(of_mask[file])
    rows.close(len(good))
    kept.sort()
    if len(kept) < len(good):
        writing.keep_rows(work.folder / "y.npy", [places[row] for row in kept])
    return kept, len(scaled)


def _scaled_words(number: int) -> list[str]:
    if number == 1:
        return ["1 mask has another size than its image, to which it was scaled."]
    return [f"{number:,} masks have another size than their images, to which they were scaled."] if number else []
