"""The masks of images become their answers: looked at first, to know what their values mean, then written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mhub_core.data.records import Progress
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures import mask_names, masks, writing
from mhub_core.kinds.pictures.archive import Archive, File
from mhub_core.kinds.pictures.decode import opened
from mhub_core.kinds.pictures.masks import Meaning
from mhub_core.kinds.pictures.records import Layout
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


def write(
    archive: Archive,
    found: Layout,
    chosen: dict[str, Any],
    sizes: Sequence[tuple[int, int] | None],
    size: tuple[int, int],
    fit: str,
    folder: Path,
    refused: list[tuple[str, str]],
    progress: Progress,
) -> tuple[Meaning, list[int]]:
    """Write `y.npy` for the good images whose mask can be used. `sizes` are those that the images had, None for one that was
    refused. Returns what the values mean, and which examples are left."""
    good = [row for row, there in enumerate(sizes) if there]
    all_masks = {mask: row for row in good if (mask := found.examples[row].mask)}
    meant, bad = meaning(archive, found, list(all_masks), chosen, progress)
    places = {row: place for place, row in enumerate(good)}
    rows, kept = writing.Rows(folder / "y.npy", len(good), size), []

    scaled: list[File] = []

    def work(file: File, data: bytes) -> np.ndarray:
        image_size = sizes[all_masks[file]] or size
        with opened(data) as mask:
            if (mask.height, mask.width) != image_size:
                scaled.append(file)
        return meant.classes_of(data, image_size, size, fit)

    files = [file for file in all_masks if file not in bad]
    for file, made in writing.each(archive, files, work, progress, "Reading masks"):
        row = all_masks[file]
        if isinstance(made, Invalid):
            bad[file] = made.happened
        else:
            rows.write(places[row], made)
            kept.append(row)
    rows.close(len(good))
    refused.extend((found.examples[all_masks[file]].image.name[:200], why) for file, why in bad.items())
    kept.sort()
    if len(kept) < len(good):
        writing.keep_rows(folder / "y.npy", [places[row] for row in kept])
    if scaled:
        told = "1 mask has another size than its image, to which it was scaled."
        if len(scaled) > 1:
            told = f"{len(scaled):,} masks have another size than their images, to which they were scaled."
        meant = replace(meant, warnings=(*meant.warnings, told))
    return meant, kept
