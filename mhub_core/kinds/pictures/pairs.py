"""Which file of an archive is the mask of which image, by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mhub_core.kinds.pictures.paths import Entry, roles, split_of, without_mask_ending

_TEXTS = {".txt", ".csv", ".tsv"}
_NAMING = ("class", "label", "code", "colo", "palette", "map", "categor", "legend")
_Key = tuple[str | None, tuple[str, ...], str]


@dataclass(frozen=True)
class Paired:
    """Images with their masks, and files that have no partner, each with the reason."""

    pairs: tuple[tuple[Entry, Entry], ...]
    refused: tuple[tuple[Entry, str], ...]


def find(images: Sequence[Entry]) -> Paired | None:
    """Return the pairs when half of the images or more have a mask, None when they have not.

    A mask lies in a folder called so (masks, annotations, SegmentationClass, train_masks) or has a name that ends so
    (cat_mask.png); its image has the same name and lies in the same folders but those that say so.
    """
    masks: dict[_Key, Entry] = {}
    plain: list[tuple[_Key, Entry]] = []
    for entry in images:
        key, is_mask = _key(entry)
        if is_mask:
            masks.setdefault(key, entry)
        else:
            plain.append((key, entry))
    pairs = [(entry, masks[key]) for key, entry in plain if key in masks]
    if len(pairs) < 2 or 2 * len(pairs) < len(plain):
        return None
    partnered = {entry for pair in pairs for entry in pair}
    refused = [(entry, "has no mask") for _, entry in plain if entry not in partnered]
    refused += [(entry, "is a mask without an image") for entry in images if _key(entry)[1] and entry not in partnered]
    return Paired(tuple(pairs), tuple(refused))


def is_mask(entry: Entry) -> bool:
    """Tell whether an image is a mask by its name."""
    return _key(entry)[1]


def _key(entry: Entry) -> tuple[_Key, bool]:
    """Return what an image and its mask have in common, and whether this is a mask."""
    split = next((found for folder in entry.folders if (found := split_of(folder))), None)
    folders = tuple(folder for folder in entry.folders if not roles(folder))
    shorter = without_mask_ending(entry.stem)
    is_mask = shorter is not None or any("mask" in roles(folder) for folder in entry.folders)
    return (split, folders, (shorter or entry.stem).lower()), is_mask


def may_name_values(entry: Entry) -> bool:
    """Tell whether a text beside masks is called as one that names their values: labels.txt, class_dict.csv."""
    return entry.ending in _TEXTS and any(word in entry.stem.lower() for word in _NAMING)
