"""A class for each image, told by its folder, the beginning of its name, or a file of labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.pictures import labels, ways
from mhub_core.kinds.pictures.archive import Archive
from mhub_core.kinds.pictures.paths import MAX_SHOWN, Entry, fewer, not_used
from mhub_core.kinds.pictures.places import Placed
from mhub_core.kinds.pictures.records import Example, Layout
from mhub_core.kinds.pictures.spelling import Spelling, blanks
from mhub_core.kinds.pictures.truths.truth import Contents, Made, Offer, Seen, Work
from mhub_core.kinds.pictures.ways import Way
from mhub_core.recipes.image_step import Shape, Window
from mhub_core.tasks.classification import MAX_CLASSES


class Classes:
    """`y` is int32 `(images,)`."""

    task = "classification"
    target = "class"
    least_classes = 2

    def offers(self, contents: Contents) -> list[Offer]:
        """Folders first, then a file of labels, then the beginnings of names."""
        found = _ways(contents)
        number = len(contents.images)
        return [Offer(way.value, way.words, number, partial(_with_classes, way, contents)) for way in found]

    def none(self, images: Sequence[Placed]) -> Invalid:
        """Tell which folders there are."""
        folders = {image.folders[0][:MAX_SHOWN] for image in images if image.folders}
        found = f"only one class ({min(folders)!r})" if len(folders) == 1 else "no class folder"
        return Invalid(
            f"The archive contains {found}.",
            "Two or more folders of images, whose names are the classes; or file names such as cat.1.jpg and dog.1.jpg; or a CSV "
            "file with the name and the class of each image.",
            "Sort the images into folders, such as cat/1.jpg and dog/1.jpg.",
        )

    def preview(self, archive: Archive, found: Layout, chosen: dict[str, Any]) -> Seen:
        """Count them, and tell of those with a single image."""
        counts = Counter(example.class_name for example in found.examples)
        return Seen(dict(counts), warnings=_singles(counts))

    def num_bytes(self, shape: Sequence[int]) -> int:
        """Nothing that counts."""
        return 0

    def write(self, work: Work) -> Made:
        """Number them in alphabetical order."""
        names = [work.found.examples[row].class_name for row in work.good]
        classes, y = np.unique(np.array(names, str), return_inverse=True)
        return Made(tuple(map(str, classes)), y.astype(np.int32), work.good)

    def move(self, y: np.ndarray, window: Window, shape: Shape) -> np.ndarray:
        """One answer for a whole image stays."""
        return y

    def number(self, y: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Look them up."""
        numbered: np.ndarray = numbers[y].astype(y.dtype)
        return numbered

    def join(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        """As they are."""
        return np.concatenate(parts)


def _ways(contents: Contents) -> list[Way]:
    """Return the ways that fit, the likeliest first: folders, then a file of labels, then the beginnings of names."""
    images = contents.images
    found = ways.folder_ways(images)
    files = labels.find(contents.archive, [other.entry for other in contents.others], images, contents.chosen)
    found += [ways.labels_way(one) for one in files]
    by_prefix = ways.prefix_way(images)
    return found + ([by_prefix] if by_prefix and not (found and _agree(found[0], by_prefix, images)) else [])


def _agree(one: Way, other: Way, images: list[Placed]) -> bool:
    """Tell whether two ways sort images alike, as in cat/cat_1.jpg."""
    pairs = {(one.class_of(image), other.class_of(image)) for image in images}
    return len(pairs) == len({first for first, _ in pairs}) == len({second for _, second in pairs})


def _with_classes(way: Way, contents: Contents) -> Layout:
    """Give each image its class, by one way."""
    names = _names(way, contents)
    spelling = Spelling({name for name in names.values() if name}, contents.chosen)
    examples, refused = [], []
    for one in sorted([*contents.images, *contents.others], key=lambda one: one.entry.file):
        name = names.get(one.entry)
        if name:
            examples.append(Example(one.entry.file, spelling.of(name), split=one.split))
        elif one.entry in names:
            why = "lies beside the folders of the splits" if one.is_outside else way.missing
            refused.append((one.entry.file.name[:200], why))
    left = [one.entry.name for one in contents.others if one.entry not in names and way.value != f"file {one.entry.name}"]
    warnings = [*not_used([*contents.about, *left]), *way.notes, *spelling.warnings()]
    warnings += blanks(examples) if way.takes_any_file else []
    layout = Layout(Classes.task, tuple(examples), tuple(refused), tuple(warnings), (*way.options, *spelling.options()))
    _require_good_number(layout)
    return layout


def _names(way: Way, contents: Contents) -> dict[Entry, str | None]:
    """Return the class of each image, None where there is none; where folders name them, also of what else lies in such a
    folder, to be refused by its content."""
    names = {image.entry: None if image.is_outside else way.class_of(image) for image in contents.images}
    classes = {name for name in names.values() if name}
    if way.takes_any_file:
        names |= {one.entry: name for one in contents.others if (name := way.class_of(one)) in classes}
    return names


def _require_good_number(layout: Layout) -> None:
    if len(layout.classes) < 2:
        raise _one_class(layout)
    if len(layout.classes) > MAX_CLASSES:
        told = f"The images have {len(layout.classes):,} classes."
        raise TooLarge(told, f"At most {MAX_CLASSES:,} classes.", "Use fewer folders, each with the images of one class.")


def _one_class(layout: Layout) -> Invalid:
    found = f"one class ({layout.classes[0]!r})" if layout.classes else "no image with a class"
    return Invalid(f"Read in this way, the archive contains only {found}.", "Two classes or more.", "Choose otherwise.")


def _singles(counts: Counter[str]) -> tuple[str, ...]:
    single = sorted(name for name, number in counts.items() if number == 1)
    if not single:
        return ()
    words = "has a single image" if len(single) == 1 else "have a single image each"
    return (f"{fewer(single)} {words}, which is used for training only.",)
