"""The names of classes beside YOLO texts: data.yaml, classes.txt, obj.names. Of YAML only what such files hold is read."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

from mhub_core.errors import Invalid
from mhub_core.kinds.pictures.archive import Archive
from mhub_core.kinds.pictures.paths import MAX_SHOWN, Entry
from mhub_core.tasks.classification import MAX_CLASSES

_MAX_BYTES = 1_000_000
_LISTS = ("classes.txt", "obj.names", "labels.txt", "names.txt", "_darknet.labels", "predefined_classes.txt")
_ITEM = re.compile(r"(?:-|(\d{1,4})\s*:)\s+(.*)$|(\d{1,4})\s*:(.*)$")
_NUMBERED = re.compile(r"(\d{1,4})\s*:(.*)")


def find(archive: Archive, entries: Sequence[Entry]) -> tuple[Entry | None, list[str]]:
    """Return the file that names the classes, the nearest to the top, and the names in the order of their numbers."""
    ranked = sorted((_rank(entry), len(entry.folders), entry.file.place, entry) for entry in entries if _rank(entry) < 2)
    by_file = {entry.file: entry for *_, entry in ranked if entry.file.num_bytes <= _MAX_BYTES}
    contents = dict(archive.read(list(by_file)))
    for *_, entry in ranked:
        content = contents.get(entry.file, b"")
        text = "" if isinstance(content, Invalid) else content.decode("utf-8-sig", "replace")
        names = _of_yaml(text) if _rank(entry) == 0 else _of_lines(text)
        if names:
            return entry, names[:MAX_CLASSES]
    return None, []


def _rank(entry: Entry) -> int:
    """Return 0 for YAML, 1 for a list of names, 2 for neither."""
    name = f"{entry.stem}{entry.ending}".lower()
    if entry.ending in (".yaml", ".yml"):
        return 0
    return 1 if name in _LISTS or entry.ending == ".names" else 2


def _of_lines(text: str) -> list[str]:
    return [_shown(line) for line in text.splitlines() if line.strip()]


def _of_yaml(text: str) -> list[str]:
    """Return what stands under "names": [a, b], {0: a}, a list of lines with dashes, or one of lines with numbers."""
    lines = [line.split(" #")[0].rstrip() for line in text.splitlines()]
    start = next((place for place, line in enumerate(lines) if re.match(r"names\s*:", line)), None)
    if start is None:
        return []
    first = lines[start].split(":", 1)[1].strip()
    if first:
        return _in_order(_of_flow(" ".join([first, *(line.strip() for line in _until_closed(first, lines[start + 1 :]))])))
    block = []
    for line in lines[start + 1 :]:
        found = _ITEM.match(line.strip())
        if line.strip() and not found:
            break
        if found:
            number, name = (found[1], found[2]) if found[2] is not None else (found[3], found[4])
            block.append((int(number) if number else None, _plain(name)))
    return _in_order(block)


def _until_closed(first: str, lines: list[str]) -> list[str]:
    """Return the lines up to the one that closes a list, which may be the first."""
    if any(mark in first for mark in "]}"):
        return []
    end = next((place for place, line in enumerate(lines) if "]" in line or "}" in line), -1)
    return lines[: end + 1]


def _of_flow(text: str) -> list[tuple[int | None, str]]:
    inside = text.strip().lstrip("[{").rstrip("]}").strip()
    quote = next((letter for letter in inside if letter in "'\""), "'")
    try:
        parts = next(csv.reader([inside], quotechar=quote, skipinitialspace=True), [])
    except csv.Error:
        return []
    found = [(_NUMBERED.match(part), part) for part in parts if part.strip()]
    return [(int(match[1]), _plain(match[2])) if match else (None, _plain(part)) for match, part in found]


def _plain(name: str) -> str:
    return _shown(name.strip().strip("'\""))


def _in_order(found: list[tuple[int | None, str]]) -> list[str]:
    """Return names by their numbers, else in their order; a number without a name stands for itself."""
    if not found or any(number is None for number, _ in found):
        return [name for _, name in found]
    named = {number: name for number, name in found if number is not None}
    return [named.get(number, f"class {number}") for number in range(min(max(named) + 1, MAX_CLASSES))]


def _shown(name: str) -> str:
    return name.strip()[:MAX_SHOWN]
