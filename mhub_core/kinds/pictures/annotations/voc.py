"""Pascal VOC: an XML file for each image, with a name and two corners in pixels for each object.

Read piece by piece with expat, which holds nothing of it; definitions of entities, with which a small file becomes an endless
one, are refused before they are read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.parsers import expat

from mhub_core.errors import Invalid
from mhub_core.kinds.pictures.annotations import lists
from mhub_core.kinds.pictures.annotations.partners import Partners
from mhub_core.kinds.pictures.annotations.records import Annotated, Box, Drawn, Told
from mhub_core.kinds.pictures.archive import Archive
from mhub_core.kinds.pictures.paths import MAX_SHOWN, Entry
from mhub_core.kinds.pictures.places import Placed

MAX_BYTES = 20_000_000
_MAX_DEPTH, _MAX_TEXT = 12, 200
_OBJECT, _SIZE = ("annotation", "object"), ("annotation", "size")
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


class Voc:
    """One XML file for each image."""

    name = "voc"
    words = "Pascal VOC XML"

    def find(self, archive: Archive, images: Sequence[Placed], others: Sequence[Placed]) -> Annotated | None:
        """Read the XML files whose outermost element is an annotation."""
        files = [other.entry for other in others if other.entry.ending == ".xml"]
        entries, partners = {entry.file: entry for entry in files}, Partners([image.entry for image in images])
        found = Annotated({}, [], set())
        for file, content in archive.read(list(entries)):
            read = Reader(entries[file].name, found.told)
            try:
                if isinstance(content, Invalid):
                    raise content
                read.all(content)
            except Invalid as error:
                _refuse(entries[file], error, partners, found)
                continue
            if read.is_annotation:
                _add(read, entries[file], partners, found)
        lists.add_splits(archive, images, [other.entry for other in others], partners, found)
        found.classes = sorted({box.name for drawn in found.by_image.values() for box in drawn.boxes})
        return found if found.by_image else None


def _refuse(entry: Entry, error: Invalid, partners: Partners, found: Annotated) -> None:
    found.refused.append((entry.name, error.happened))
    found.used.add(entry)
    if image := partners.of_file(entry):
        found.broken.add(image)


def _add(read: Reader, entry: Entry, partners: Partners, found: Annotated) -> None:
    image = partners.of_file(entry) or (partners.named(read.file_name, entry) if read.file_name else None)
    found.used.add(entry)
    if image is None:
        found.refused.append((entry.name, f"has {len(read.boxes):,} boxes of an image that the archive does not contain"))
    elif image in found.by_image:
        found.refused.append((entry.name, f"is a second file of boxes for {image.name[:MAX_SHOWN]}; the first one counts"))
    else:
        found.by_image[image] = Drawn(tuple(read.boxes), read.size)


class Reader:
    """Reads one file. `boxes` are those that can be understood; what is wrong with others is told."""

    def __init__(self, name: str, told: Told) -> None:
        self.boxes: list[Box] = []
        self.file_name = ""
        self.is_annotation = False
        self._name, self._told = name, told
        self._path: list[str] = []
        self._text = ""
        self._object: dict[str, str] = {}
        self._size: dict[str, str] = {}

    @property
    def size(self) -> tuple[float, float] | None:
        """The (width, height) that the file tells of the image."""
        sides = _number(self._size.get("width", "")), _number(self._size.get("height", ""))
        return (sides[0], sides[1]) if sides[0] and sides[1] and min(sides[0], sides[1]) >= 1 else None

    def all(self, content: bytes) -> None:
        """Read a whole file. Raises Invalid for one that is damaged, too large or hostile."""
        if len(content) > MAX_BYTES:
            raise Invalid(f"is larger than {MAX_BYTES / 1e6:,.0f} MB")
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse_definitions
        parser.EntityDeclHandler = self._refuse_definitions
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, ValueError) as error:
            raise Invalid(f"is damaged XML: {str(error)[:80]}") from error

    def _refuse_definitions(self, *_: object) -> None:
        raise Invalid("contains definitions of its own, which no annotation program writes")

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._path.append(name)
        self._text = ""
        if len(self._path) > _MAX_DEPTH:
            raise Invalid("has elements that lie too deep in each other")
        if tuple(self._path) == _OBJECT:
            self._object = {}
        self.is_annotation |= self._path == ["annotation"]

    def _characters(self, text: str) -> None:
        self._text = (self._text + text)[:_MAX_TEXT]

    def _end(self, name: str) -> None:
        path, text = tuple(self._path), self._text.strip()
        if path[:2] == _OBJECT and (path[2:] == ("name",) or path[2:-1] == ("bndbox",)):
            self._object[name] = text
        elif path == _OBJECT:
            self._box()
        elif path[:-1] == _SIZE:
            self._size[name] = text
        elif path == ("annotation", "filename"):
            self.file_name = text
        self._path.pop()
        self._text = ""

    def _box(self) -> None:
        told, name = self._object, self._object.get("name", "")[:MAX_SHOWN]
        corners = [_number(told.get(side, "")) for side in _CORNERS]
        left, top, right, bottom = corners
        if not name:
            self._told.refuse(self._name, "has no class", told)
        elif left is None or top is None or right is None or bottom is None:
            self._told.refuse(self._name, "has a place that is not four numbers", told)
        else:  # Some programs count the first pixel as 1 and some as 0: a difference of one pixel, left as it is.
            self.boxes.append(Box(name, left, top, right, bottom))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
