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
from mhub_core.kinds.pictures import boxed, layout, segments
from mhub_core.kinds.pictures import decode as images
from mhub_core.kinds.pictures.archive import Archive, File
from mhub_core.kinds.pictures.copies import COPY
from mhub_core.kinds.pictures.paths import MAX_SHOWN, TEST, TRAIN, VALIDATION, fewer
from mhub_core.kinds.pictures.records import Layout

MASK = "mask"  # what the target of a segmentation is called
BOX = "box"  # and that of a detection
TARGETS = {layout.CLASSIFICATION: "class", layout.SEGMENTATION: MASK, layout.DETECTION: BOX}
_LOOKED_AT = 32  # images and masks


def preview(path: Path, file_name: str, chosen: dict[str, Any]) -> UploadPreview:
    """Return what an archive of images holds, read as was chosen."""
    with archives.opened(path) as archive:
        found = layout.read(archive, chosen)
        sides = _longer_sides(archive, [example.image for example in found.examples])
        options, warnings, classes = found.options, list(found.warnings), _counts(found)
        if found.task == layout.SEGMENTATION:
            some = _some([example.mask for example in found.examples if example.mask])
            meant, bad = segments.meaning(archive, found, some, chosen, lambda *_: None)
            options, warnings = (*options, *meant.options), [*warnings, *meant.warnings, *_bad_masks(bad, some)]
            classes = dict.fromkeys(meant.classes, len(found.examples))
        elif found.task == layout.DETECTION:
            classes, told = boxed.preview(found)
            warnings += told
    target = TARGETS[found.task]
    return UploadPreview(
        kind="images",
        file_name=file_name,
        num_bytes=path.stat().st_size,
        columns=(),
        guessed_target=target,
        guessed_tasks={target: found.task},
        first_rows=(),
        classes=classes,
        warnings=(*warnings, *_singles(found), *_left_out(found)),
        longest_side=max(sides, default=None),
        usual_side=round(statistics.median(sides)) if sides else None,
        options=options,
        splits=_by_split(found),
        num_examples=len(found.examples),
    )


def _some(files: Sequence[File]) -> list[File]:
    """Return files from all over the archive."""
    return list(files[:: max(1, len(files) // _LOOKED_AT)][:_LOOKED_AT])


def _longer_sides(archive: Archive, files: Sequence[File]) -> list[int]:
    """Return the longer side of each image among some files, from their headers."""
    sides = []
    for _, content in archive.read(_some(files)):
        try:
            sides.append(max(images.measure(content)) if isinstance(content, bytes) else 0)
        except Invalid:
            continue  # it is refused with its reason when the dataset is made
    return [side for side in sides if side]


def _counts(found: Layout) -> dict[str, int]:
    return dict(Counter(example.class_name for example in found.examples))


def _by_split(found: Layout) -> dict[str, dict[str, int]]:
    """Return how many images of each class lie in each folder of splits; of masks, there is one class. Nothing without such."""
    counts: dict[str, Counter[str]] = {}
    for example in found.examples:
        if example.split:
            counts.setdefault(example.split, Counter())[example.class_name] += 1
    return {name: dict(counts[name]) for name in (TRAIN, VALIDATION, TEST) if name in counts}


def _bad_masks(bad: dict[File, str], some: list[File]) -> list[str]:
    why = next(iter(bad.values()), "")
    return [f"{len(bad):,} of {len(some):,} masks that were looked at cannot be used, such as {why}"] if bad else []


def _singles(found: Layout) -> list[str]:
    single = sorted(name for name, number in _counts(found).items() if number == 1 and found.task == layout.CLASSIFICATION)
    if not single:
        return []
    words = "has a single image" if len(single) == 1 else "have a single image each"
    return [f"{fewer(single)} {words}, which is used for training only."]


def _left_out(found: Layout) -> list[str]:
    names: dict[str, list[str]] = {}
    for name, why in found.refused:
        names.setdefault(COPY if why.startswith(COPY) else why, []).append(name)
    return [
        f"{group[0][:MAX_SHOWN]} was skipped: it {why}." if len(group) == 1 else f"{len(group):,} files were skipped: each {why}."
        for why, group in names.items()
    ]
