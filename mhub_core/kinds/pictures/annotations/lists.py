"""Texts that list which images belong to which split: ImageSets/Main/test.txt of Pascal VOC, train.txt of Darknet."""

from __future__ import annotations

from collections.abc import Sequence

from mhub_core.kinds.pictures.annotations.partners import Partners
from mhub_core.kinds.pictures.annotations.records import Annotated
from mhub_core.kinds.pictures.archive import Archive
from mhub_core.kinds.pictures.paths import TEST, TRAIN, VALIDATION, Entry
from mhub_core.kinds.pictures.places import Placed

_MAX_BYTES = 20_000_000
_SPLITS = {"train": TRAIN, "trainval": TRAIN, "val": VALIDATION, "valid": VALIDATION, "validation": VALIDATION, "test": TEST}


def add_splits(archive: Archive, images: Sequence[Placed], others: Sequence[Entry], partners: Partners, found: Annotated) -> None:
    """Note in `found` which images the lists name, where no folders tell the splits already. An image that several name belongs
    to the test before the validation, and to that before the training."""
    if any(image.split for image in images):
        return
    lists = [entry for entry in others if entry.stem.lower() in _SPLITS and entry.ending == ".txt"]
    ranked = sorted(lists, key=lambda entry: (TRAIN, VALIDATION, TEST).index(_SPLITS[entry.stem.lower()]))
    contents = dict(archive.read([entry.file for entry in ranked if entry.file.num_bytes <= _MAX_BYTES]))
    for entry in ranked:
        content = contents.get(entry.file)
        lines = content.decode("utf-8-sig", "replace").splitlines() if isinstance(content, bytes) else []
        named = [image for line in lines if line.strip() and (image := partners.listed(line.strip(), entry))]
        found.splits |= dict.fromkeys(named, _SPLITS[entry.stem.lower()])
        found.used |= {entry} if named else set()
