"""The ways in which an archive may name the class of an image: a folder, the beginning of the file name, a file of labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mhub_core.data.records import Option
from mhub_core.kinds.pictures.labels import Labels
from mhub_core.kinds.pictures.paths import MAX_SHOWN, TEST, fewer, prefix
from mhub_core.kinds.pictures.places import Placed

PREFIX = "prefix"
_MAX_LEVELS = 3
_LIKELY = 0.9  # of the images must begin so, if a name is to be a class


@dataclass(frozen=True)
class Way:
    """One way: how it is called in a choice, the class by which it names a file, and why a file without one is left out."""

    value: str
    words: str
    class_of: Callable[[Placed], str | None]
    missing: str
    takes_any_file: bool = False  # also one that is no image by its name: it lies where the images of a class lie
    notes: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()


def folder_ways(images: Sequence[Placed]) -> list[Way]:
    """Return a way for each level of folders that names two classes or more, those of half of the images; the likeliest first.

    Images of a test folder may lie there without a class.
    """
    paths = [image.folders for image in images]
    labelled = [image.folders for image in images if image.split != TEST and not image.is_outside] or paths
    first, found = _depth_of_class(paths), []
    for level in range(first, first + _MAX_LEVELS):
        names = {path[level] for path in paths if len(path) > level}
        if len(names) > 1 and 2 * sum(len(path) > level for path in labelled) >= len(labelled):
            words = f"Folder: {fewer(sorted(names), 4)}"
            found.append(Way(f"folder {level + 1}", words, _in_folder(level), "is not in a class folder", takes_any_file=True))
    return found


def _in_folder(level: int) -> Callable[[Placed], str | None]:
    return lambda placed: placed.folders[level][:MAX_SHOWN] if len(placed.folders) > level else None


def _depth_of_class(paths: Sequence[tuple[str, ...]]) -> int:
    """Return which folder names the class, given those in which each image lies: the first that differs.

    A folder that is alone on its level wraps the classes, unless most images lie right in it.
    """
    depth = 0
    while paths := [path for path in paths if len(path) > depth]:
        deeper = sum(len(path) > depth + 1 for path in paths)
        if len({path[depth] for path in paths}) > 1 or 2 * deeper <= len(paths):
            break
        depth += 1
    return depth


def prefix_way(images: Sequence[Placed]) -> Way | None:
    """Return the way by the beginning of the file name, where nearly all images have one and few classes have a single image."""
    counts = Counter(prefix(image.entry.stem) for image in images)
    without = counts.pop(None, 0)
    several = sum(count > 1 for count in counts.values())
    labelled = [image for image in images if image.split != TEST]
    without_label = sum(prefix(image.entry.stem) is None for image in labelled)
    if without and without_label > (1 - _LIKELY) * len(labelled) or len(counts) < 2 or 2 * several < len(counts):
        return None
    words = f"Beginning of the file name: {fewer(sorted(map(str, counts)), 4)}"
    told = ("The class of an image is the beginning of its file name.",)
    return Way(PREFIX, words, _prefix_of, "has a name that begins with no class", notes=told)


def _prefix_of(placed: Placed) -> str | None:
    found = prefix(placed.entry.stem)
    return found[:MAX_SHOWN] if found else None


def labels_way(labels: Labels) -> Way:
    """Return the way by a file of labels."""
    name = labels.entry.name
    words = f"{name[:MAX_SHOWN]}: {fewer(labels.classes, 4)}"
    lost = labels.num_unmatched
    told = f"{lost:,} row{' of' if lost == 1 else 's of'} {name[:MAX_SHOWN]} name{'s' if lost == 1 else ''} no image."
    notes = (f"The classes are those in {name[:MAX_SHOWN]}.", *([told] if lost else []))
    options = (labels.option(),) if len(labels.columns) > 1 else ()
    missing = f"is not named in {name[:MAX_SHOWN]}"
    return Way(f"file {name}", words, lambda placed: labels.by_image.get(placed.entry), missing, notes=notes, options=options)
