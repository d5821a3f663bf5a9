"""YOLO: a text for each image, a line for each object: class number, then middle and size of the box as shares of the image.

More numbers on a line are the corners of an outline, around which the box is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from mhub_core.errors import Invalid
from mhub_core.kinds.pictures.annotations import lists, yolo_names
from mhub_core.kinds.pictures.annotations.partners import Partners
from mhub_core.kinds.pictures.annotations.records import Annotated, Box, Drawn, Told
from mhub_core.kinds.pictures.archive import Archive, Content, File
from mhub_core.kinds.pictures.paths import Entry
from mhub_core.kinds.pictures.places import Placed
from mhub_core.tasks.classification import MAX_CLASSES

MAX_BYTES = 20_000_000
_LOOKED_AT, _MAX_POINTS = 20, 2_000
_NAMED_SO = ("labels", "label", "annotations")  # folders in which texts are such labels, whatever they hold


class Yolo:
    """One text for each image, and a file with the names of the classes."""

    name = "yolo"
    words = "YOLO text"

    def find(self, archive: Archive, images: Sequence[Placed], others: Sequence[Placed]) -> Annotated | None:
        """Read the texts that stand beside images, if they hold numbers."""
        names_file, names = yolo_names.find(archive, [other.entry for other in others])
        texts = [other.entry for other in others if other.entry.ending == ".txt" and other.entry != names_file]
        partners = Partners([image.entry for image in images])
        image_of = {entry: image for entry in texts if (image := partners.of_file(entry))}
        if not image_of or not _are_labels(archive, list(image_of)):
            return None
        found = Annotated({}, [], {*([names_file] if names_file else ())})
        for entry, content in _read(archive, image_of):
            _add(entry, image_of[entry], content, names, found)
        found.refused += [
            (entry.name, "is about an image that the archive does not contain")
            for entry in texts
            if entry not in image_of and any(folder.lower() in _NAMED_SO for folder in entry.folders)
        ]
        lists.add_splits(archive, images, [other.entry for other in others], partners, found)
        found.classes = list(names or sorted({box.name for one in found.by_image.values() for box in one.boxes}, key=_number_of))
        if not names:
            found.notes.append("No file names the classes, such as data.yaml or classes.txt: they are called by their numbers.")
        return found


def _number_of(name: str) -> int:
    return int(name.removeprefix("class "))


def _read(archive: Archive, entries: Sequence[Entry] | dict[Entry, Entry]) -> Iterator[tuple[Entry, Content]]:
    by_file: dict[File, Entry] = {entry.file: entry for entry in entries}
    for file, content in archive.read(list(by_file)):
        yield by_file[file], content


def _are_labels(archive: Archive, texts: list[Entry]) -> bool:
    """Tell whether texts hold boxes and not captions: most of those that hold anything begin with five numbers or more."""
    some = texts[:: max(1, len(texts) // _LOOKED_AT)][:_LOOKED_AT]
    firsts = [content.split(b"\n", 1)[0].split() for _, content in _read(archive, some) if isinstance(content, bytes) and content]
    alike = [len(words) >= 5 and sum(_number(word) is not None for word in words) >= len(words) - 1 for words in firsts]
    return not alike or 2 * sum(alike) >= len(alike)


def _add(entry: Entry, image: Entry, content: Content, names: list[str], found: Annotated) -> None:
    found.used.add(entry)
    if isinstance(content, bytes) and len(content) > MAX_BYTES:
        content = Invalid(f"is larger than {MAX_BYTES / 1e6:,.0f} MB")
    if isinstance(content, Invalid):
        found.refused.append((entry.name, content.happened))
        found.broken.add(image)
    elif image in found.by_image:
        found.refused.append((entry.name, f"is a second file of boxes for {image.name[:80]}; the first one counts"))
    else:
        found.by_image[image] = Drawn(tuple(_boxes(entry.name, content, names, found.told)), (1, 1))


def _boxes(name: str, content: bytes, names: list[str], told: Told) -> Iterator[Box]:
    for line in content.removeprefix(b"\xef\xbb\xbf").splitlines():
        words = line.split(None, 2 * _MAX_POINTS + 2)
        if not words:
            continue
        numbers = [_number(word) for word in words]
        shares = [number for number in numbers[1:] if number is not None]
        written = line[:200].decode("utf-8", "replace")
        class_name = _class_of(numbers[0], names)
        if len(shares) < len(words) - 1 or numbers[0] is None:
            told.refuse(name, "has a place or a class that is not a number", written)
        elif class_name is None:
            told.refuse(name, "has a class that is not listed", written)
        elif len(shares) == 4:
            x, y, width, height = shares
            yield Box(class_name, x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        elif len(shares) >= 6 and len(shares) % 2 == 0:
            yield Box(class_name, min(shares[::2]), min(shares[1::2]), max(shares[::2]), max(shares[1::2]))
        else:
            told.refuse(name, "is not a class and four numbers", written)


def _class_of(number: float | None, names: list[str]) -> str | None:
    """Return the name of a class by its number; without names, what stands for one."""
    if number is None or number != int(number) or not 0 <= number < (len(names) or MAX_CLASSES):
        return None
    return names[int(number)] if names else f"class {int(number)}"


def _number(word: bytes) -> float | None:
    try:
        number = float(word)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
