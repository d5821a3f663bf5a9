"""What an archive of images looks like before a dataset is made of it: from the names in it, and some of its files."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mhub_core.data.records import UploadPreview
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures import archive as archives
from mhub_core.kinds.pictures import decode as images
from mhub_core.kinds.pictures import layout
from mhub_core.kinds.pictures.archive import Archive, File, some
from mhub_core.kinds.pictures.copies import COPY
from mhub_core.kinds.pictures.paths import MAX_SHOWN, TEST, TRAIN, VALIDATION
from mhub_core.kinds.pictures.records import Layout
from mhub_core.kinds.pictures.truths.registry import truth_of


def preview(path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
    """Return what an archive of images holds, read as was chosen."""
    with archives.opened(path) as archive:
        found = layout.read(archive, chosen)
        sides, truth = _longer_sides(archive, [example.image for example in found.examples]), truth_of(found.task)
        seen = truth.preview(archive, found, chosen)
    return UploadPreview(
        kind="images",
        file_name=file_name,
        num_bytes=path.stat().st_size,
        columns=(),
        guessed_target=truth.target,
        guessed_tasks={truth.target: found.task},
        first_rows=(),
        classes=seen.classes,
        warnings=(*found.warnings, *seen.warnings, *_left_out(found)),
        longest_side=max(sides, default=None),
        usual_side=round(statistics.median(sides)) if sides else None,
        options=(*found.options, *seen.options),
        splits=_by_split(found),
        num_examples=len(found.examples),
    )


def _longer_sides(archive: Archive, files: Sequence[File]) -> list[int]:
    """Return the longer side of each image among some files, from their headers."""
    sides = []
    for _, content in archive.read(some(files)):
        try:
            sides.append(max(images.measure(content)) if isinstance(content, bytes) else 0)
        except Invalid:
            continue  # it is refused with its reason when the dataset is made
    return [side for side in sides if side]


def _by_split(found: Layout) -> dict[str, dict[str, int]]:
    """Return how many images of each class lie in each folder of splits; of masks, there is one class. Nothing without such."""
    counts: dict[str, Counter[str]] = {}
    for example in found.examples:
        if example.split:
            counts.setdefault(example.split, Counter())[example.class_name] += 1
    return {name: dict(counts[name]) for name in (TRAIN, VALIDATION, TEST) if name in counts}


def _left_out(found: Layout) -> list[str]:
    names: dict[str, list[str]] = {}
    for name, why in found.refused:
        names.setdefault(COPY if why.startswith(COPY) else why, []).append(name)
    return [
        f"{group[0][:MAX_SHOWN]} was skipped: it {why}." if len(group) == 1 else f"{len(group):,} files were skipped: each {why}."
        for why, group in names.items()
    ]
