"""A file of labels beside images: which of its columns names the image, and which the class."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from mhub_core.data.records import Option
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.pictures.archive import Archive
from mhub_core.kinds.pictures.paths import ENDINGS, MAX_SHOWN, Entry, clean
from mhub_core.kinds.pictures.places import Placed
from mhub_core.kinds.tables import dates
from mhub_core.kinds.tables.formats.csv import Csv
from mhub_core.kinds.tables.formats.excel import Excel
from mhub_core.tasks.classification import MAX_CLASSES

COLUMN = "labels_column"
_ENDINGS = (".csv", ".tsv", ".xlsx", ".txt", ".json")  # those that are most likely labels first
_MAX_BYTES, _MAX_FILES, _MAX_COLUMNS = 20_000_000, 5, 60
_LABEL_NAMES = ("label", "labels", "class", "class_name", "classname", "category", "target", "species", "breed", "diagnosis", "y")


@dataclass(frozen=True)
class Labels:
    """The class of each image that a file names, and the rows of it that name no image. `column` is that of the classes."""

    entry: Entry
    by_image: dict[Entry, str]
    num_unmatched: int
    column: str
    columns: tuple[str, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes in alphabetical order."""
        return tuple(sorted(set(self.by_image.values())))

    def option(self) -> Option:
        """Return the choice of the column."""
        choices = tuple((name, name) for name in self.columns)
        return Option(COLUMN, f"Column of {self.entry.name[:MAX_SHOWN]} that holds the class", self.column, choices)


def find(archive: Archive, others: Sequence[Entry], images: Sequence[Placed], chosen: dict[str, Any]) -> list[Labels]:
    """Return what each file of labels says that names half of the images or more, the one that names the most first."""
    stems = {image.entry.stem for image in images}  # a text of the name of an image tells of its boxes
    may_be = [one for one in others if one.ending in _ENDINGS and one.file.num_bytes <= _MAX_BYTES]
    may_be = [one for one in may_be if one.ending not in (".txt", ".json") or one.stem not in stems]
    candidates = [entry.file for entry in sorted(may_be, key=lambda one: _ENDINGS.index(one.ending))]
    by_file = {entry.file: entry for entry in others}
    found = []
    for file, content in archive.read(candidates[:_MAX_FILES]):
        if not isinstance(content, Invalid) and (labels := _labels(by_file[file], content, images, chosen)):
            found.append(labels)
    enough = [labels for labels in found if 2 * len(labels.by_image) >= len(images)]
    return sorted(enough, key=lambda labels: -len(labels.by_image))


def _labels(entry: Entry, content: bytes, images: Sequence[Placed], chosen: dict[str, Any]) -> Labels | None:
    rows = _rows(entry, content)
    if len(rows) < 2 or not 2 <= len(rows[0]) <= _MAX_COLUMNS:
        return None
    index = _index(images)
    width = len(rows[0])
    rows = [row for row in rows if len(row) == width]
    hits = [sum(_image(row[place], index) is not None for row in rows) for place in range(width)]
    of_image = max(range(width), key=hits.__getitem__)
    if not hits[of_image]:
        return None
    has_header = _image(rows[0][of_image], index) is None
    head = [name[:MAX_SHOWN] or f"column {place + 1}" for place, name in enumerate(rows[0])]
    names = head if has_header and len(set(head)) == width else [f"column {place + 1}" for place in range(width)]
    body = rows[1:] if has_header else rows
    of_class = _class_column(names, body, of_image, chosen.get(COLUMN))
    if of_class is None:
        return None
    pairs = [(_image(row[of_image], index), clean(row[of_class])[:MAX_SHOWN]) for row in body]
    by_image = {image: name for image, name in pairs if image is not None and name}
    others = tuple(name for place, name in enumerate(names) if place != of_image)
    return Labels(entry, by_image, sum(image is None for image, _ in pairs), names[of_class], others)


def _rows(entry: Entry, content: bytes) -> list[tuple[str, ...]]:
    """Return the rows of a table as text, its header among them; nothing for what is no table."""
    if entry.ending == ".json":
        return _of_names(content)
    with tempfile.TemporaryDirectory(prefix="labels-") as name:
        path = Path(name) / "labels"
        path.write_bytes(content)
        try:
            format = Excel() if entry.ending == ".xlsx" else Csv()
            frame = format.read(path, {"header": False}, Path(name), lambda *_: None).frame
        except (Invalid, TooLarge):
            return []
    return dates.in_words(frame).select(pl.all().cast(pl.String).fill_null("").str.strip_chars()).rows()


def _of_names(content: bytes) -> list[tuple[str, ...]]:
    """Return the rows of a JSON object that names the class of each image."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return []
    is_of_names = isinstance(value, dict) and all(isinstance(one, (str, int, float)) for one in value.values())
    return [("image", "label"), *((name, str(one)) for name, one in value.items())] if is_of_names else []


def _index(images: Sequence[Placed]) -> dict[str, Entry | None]:
    """Return the image for each way to name it: its path, the end of that, its name without ending. None: there are several."""
    index: dict[str, Entry | None] = {}
    for image in images:
        for name in set(_names(image.entry)):
            index[name] = None if name in index else image.entry
    return index


def _names(entry: Entry) -> Iterator[str]:
    for start in range(len(entry.folders) + 1):
        folders = entry.folders[start:]
        yield "/".join((*folders, entry.stem + entry.ending))
        yield "/".join((*folders, entry.stem))


def _image(cell: str, index: dict[str, Entry | None]) -> Entry | None:
    """Return the image that a cell names; the ends of its path count, too, since it may be that of another machine."""
    parts = [part for part in clean(cell).replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts:
        return None
    ends = ["/".join(parts[start:]) for start in range(len(parts))]
    found = next((index[end] for end in ends if index.get(end)), None)
    if found is None and any(parts[-1].lower().endswith(ending) for ending in ENDINGS):  # named as .jpg, sent as .png
        stems = [end.rpartition(".")[0] for end in ends]
        found = next((index[stem] for stem in stems if index.get(stem)), None)
    return found


def _class_column(names: list[str], rows: Sequence[tuple[str, ...]], of_image: int, asked: Any) -> int | None:
    """Return the place of the column of classes: the one that was asked for, that is called so, or has the fewest values."""
    if asked in names and names.index(asked) != of_image:
        return names.index(asked)
    counts = [Counter(row[place] for row in rows) for place in range(len(names))]
    fit = [place for place in range(len(names)) if place != of_image and 2 <= len(counts[place]) <= MAX_CLASSES]
    fit = [place for place in fit if 2 * len(counts[place]) <= max(len(rows), 4)]
    called = [place for place in fit if names[place].lower().replace(" ", "_") in _LABEL_NAMES]
    return min(called or fit, key=lambda place: len(counts[place]), default=None)
