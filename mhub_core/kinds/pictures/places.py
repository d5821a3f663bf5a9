"""In which split a file of an archive lies, and which of its folders may name its class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mhub_core.kinds.pictures.paths import TRAIN, Entry, split_of


@dataclass(frozen=True)
class Placed:
    """A file, the split by whose folder it lies in, and the folders that may name its class. `is_outside`: other files lie in
    folders of splits, this one does not."""

    entry: Entry
    split: str | None
    folders: tuple[str, ...]
    is_outside: bool = False


def _may_be_image(entry: Entry) -> bool:
    return entry.may_be_image and not entry.tells_about


def place(entries: Sequence[Entry], shown: Callable[[Entry], bool] = _may_be_image) -> list[Placed]:
    """Find the folders of splits, at any depth and also inside of those of classes; the examples alone decide, which are images
    unless `shown` says otherwise."""
    levels = {entry: _split_level(entry.folders) for entry in entries}
    images = [entry for entry in entries if shown(entry)]
    inside = [entry for entry in images if levels[entry] is not None]
    if not _are_splits(images, inside, levels):
        return [Placed(entry, None, entry.folders) for entry in entries]
    take = _class_folders(inside, levels)
    return [_placed(entry, levels[entry], take) for entry in entries]


def _placed(entry: Entry, level: int | None, take: str) -> Placed:
    if level is None:
        return Placed(entry, None, (), is_outside=True)
    folders = {"behind": entry.folders[level + 1 :], "before": entry.folders[:level], "none": ()}[take]
    return Placed(entry, split_of(entry.folders[level]), folders)


def _split_level(folders: tuple[str, ...]) -> int | None:
    return next((level for level, folder in enumerate(folders) if split_of(folder)), None)


def _are_splits(images: list[Entry], inside: list[Entry], levels: dict[Entry, int | None]) -> bool:
    """Tell whether folders called as splits are such: a class may be called so, too, such as train beside bus and car."""
    names = {split_of(entry.folders[levels[entry] or 0]) for entry in inside}
    if len(names) > 1 and TRAIN in names:
        return True
    have_folders = any(len(entry.folders) > (levels[entry] or 0) + 1 for entry in inside)
    return 2 * len(inside) > len(images) and (have_folders or len(inside) == len(images))


def _class_folders(inside: list[Entry], levels: dict[Entry, int | None]) -> str:
    """Tell where the class lies: "behind" the folder of the split (train/cat), "before" it (cat/train), or in no folder."""
    training = [entry for entry in inside if split_of(entry.folders[levels[entry] or 0]) == TRAIN] or inside
    if 2 * sum(len(entry.folders) > (levels[entry] or 0) + 1 for entry in training) >= len(training):
        return "behind"
    before = {entry.folders[: levels[entry]][-1:] for entry in inside}
    return "before" if len(before) > 1 else "none"
