"""COCO: a JSON file lists images, categories and boxes [left, top, width, height] in pixels (https://cocodataset.org/#format-data)."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from mhub_core.errors import Invalid
from mhub_core.kinds.pictures.annotations.partners import Partners
from mhub_core.kinds.pictures.annotations.records import Annotated, Box, Drawn, Told
from mhub_core.kinds.pictures.archive import Archive
from mhub_core.kinds.pictures.paths import MAX_SHOWN, Entry, fewer
from mhub_core.kinds.pictures.places import Placed

_MAX_FILES = 20
_LISTS = ("images", "annotations", "categories")
_UNUSED = frozenset(("segmentation", "keypoints", "rle", "counts"))  # may be long, and no box
_CROWD = "marks a crowd, not one object"


class Coco:
    """All boxes of a folder, or of a split, in one file."""

    name = "coco"
    words = "COCO JSON"

    def find(self, archive: Archive, images: Sequence[Placed], others: Sequence[Placed]) -> Annotated | None:
        """Read the JSON files that have its three lists."""
        files = [other.entry for other in others if other.entry.ending == ".json"][:_MAX_FILES]
        entries, partners = {entry.file: entry for entry in files}, Partners([image.entry for image in images])
        found = Annotated({}, [], set())
        for file, content in archive.read(list(entries)):
            entry = entries[file]
            if isinstance(content, Invalid):
                found.refused.append((entry.name, content.happened))
            elif _may_be_coco(content):
                _read(content, entry, partners, found)
        return found if found.used else None


def _may_be_coco(content: bytes) -> bool:
    return content[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and all(
        f'"{name}"'.encode() in content for name in _LISTS
    )


def _read(content: bytes, entry: Entry, partners: Partners, found: Annotated) -> None:
    """Add what a file says. Raises Invalid for one that is damaged: it says where all boxes lie."""
    lists = _lists(content, entry.name)
    if lists is None:
        return
    found.used.add(entry)
    names = {_id(one.get("id")): str(one.get("name", "")).strip()[:MAX_SHOWN] for one in lists["categories"] if _has_name(one)}
    found.classes = list(dict.fromkeys([*found.classes, *names.values()]))
    listed = {_id(one.get("id")): one for one in lists["images"] if isinstance(one.get("file_name"), str)}
    boxes = defaultdict(list)
    for image_id, box in _boxes(lists["annotations"], names, listed, entry, found.told):
        boxes[image_id].append(box)
    fresh: dict[Entry, Drawn] = {}
    missing, twice, again = [], [], []
    for image_id, one in listed.items():
        image = partners.named(one["file_name"], entry)
        if image is None:
            missing.append((str(one["file_name"]), len(boxes[image_id])))
        elif image in found.by_image:
            again.append(image.name)
        else:
            if image in fresh:
                twice.append(image.name)
            before = fresh[image].boxes if image in fresh else ()
            fresh[image] = Drawn((*before, *boxes[image_id]), _size(one))
    found.by_image.update(fresh)
    found.notes += _notes(entry.name, missing, twice, again)


def _lists(content: bytes, name: str) -> dict[str, list[dict[str, Any]]] | None:
    """Return the three lists with what is an object in them; None when they are none."""
    try:
        value = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_pairs)
    except RecursionError as error:
        told = f"The values of {name[:MAX_SHOWN]} lie too deep in each other."
        raise Invalid(told, "A COCO file: lists of images, annotations and categories.", "Export the boxes again.") from error
    except ValueError as error:  # also what is no UTF-8
        told = f"{name[:MAX_SHOWN]} is damaged or incomplete: {str(error)[:120]}."
        raise Invalid(told, "A complete COCO file in UTF-8.", "Export the boxes again, or upload that file again.") from error
    if not isinstance(value, dict) or not all(isinstance(value.get(key), list) for key in _LISTS):
        return None
    return {key: [one for one in value[key] if isinstance(one, dict)] for key in _LISTS}


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in pairs if key not in _UNUSED}


def _id(value: Any) -> Any:
    """Return a number or text by which things are named; anything else names nothing."""
    return value if isinstance(value, (int, str)) else None


def _has_name(one: dict[str, Any]) -> bool:
    return _id(one.get("id")) is not None and bool(str(one.get("name", "")).strip())


def _boxes(
    annotations: list[dict[str, Any]], names: dict[Any, str], listed: dict[Any, Any], entry: Entry, told: Told
) -> Iterator[tuple[Any, Box]]:
    for one in annotations:
        image_id, category, box = _id(one.get("image_id")), _id(one.get("category_id")), one.get("bbox")
        name = str(listed[image_id]["file_name"]) if image_id in listed else entry.name
        if image_id not in listed:
            told.refuse(name, "belongs to an image that the file does not list", one)
        elif category not in names:
            told.refuse(name, "has a class that the file does not list", one)
        elif one.get("iscrowd") == 1:
            told.refuse(name, _CROWD, one)
        elif (sides := _numbers(box)) is None:
            told.refuse(name, "has a place that is not four numbers", one)
        else:
            left, top, width, height = sides
            yield image_id, Box(names[category], left, top, left + width, top + height)


def _numbers(box: Any) -> list[float] | None:
    if not isinstance(box, list) or len(box) != 4 or not all(type(side) in (int, float) for side in box):
        return None
    try:
        sides = [float(side) for side in box]
    except OverflowError:
        return None
    return sides if all(map(math.isfinite, sides)) else None


def _size(one: dict[str, Any]) -> tuple[float, float] | None:
    sides = _numbers([one.get("width"), one.get("height"), 1, 1])
    return (sides[0], sides[1]) if sides and min(sides) >= 1 else None


def _notes(name: str, missing: list[tuple[str, int]], twice: list[str], again: list[str]) -> list[str]:
    told, name = [], name[:MAX_SHOWN]
    if missing:
        lost, images = sum(number for _, number in missing), fewer([one for one, _ in missing], 3)
        told.append(
            f"{name} lists {len(missing):,} image{'' if len(missing) == 1 else 's'} that the archive does not contain, with "
            f"{lost:,} box{'' if lost == 1 else 'es'}: {images}."
        )
    if twice:
        told.append(f"{name} lists these images twice; their boxes were put together: {fewer(twice, 3)}.")
    if again:
        told.append(
            f"{name} was not used for {len(again):,} image{'' if len(again) == 1 else 's'} that another file of boxes describes "
            f"already: {fewer(again, 3)}."
        )
    return told
