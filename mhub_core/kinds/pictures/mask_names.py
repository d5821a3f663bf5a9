"""Names of the values of masks: from a text beside them, from what a person wrote, or plain ones."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mhub_core.tasks.classification import MAX_CLASS_NAME

_RGB = r"(?P<r>\d{1,3})[,; \t]+(?P<g>\d{1,3})[,; \t]+(?P<b>\d{1,3})"
_COLOR = re.compile(rf"^(?:\d+\s*[,;\t ]\s*)?(?P<name>[^,;:\t]*?)\s*[,;:\t ]\s*{_RGB}\b.*$")
_COLOR_FIRST = re.compile(rf"^{_RGB}[,; \t]+(?P<name>[^,;\t]+)$")
_NUMBERED = re.compile(r"^(?P<value>\d{1,5})\s*[,;:=\t ]\s*(?P<name>[^,;\t]+?)\s*$")
_NAMED = re.compile(r"^(?P<name>[^,;\t:=]+?)\s*[,;:=\t]\s*(?P<value>\d{1,5})\s*$")
_MOST = 0.6  # of the lines have one form, if it is that of the file: some begin with a header
_MAX_LINES = 300


def parse_text(text: str) -> tuple[dict[int, str], bool]:
    """Return the names of a text such as labels.txt or class_dict.csv by value, and whether the values are colors."""
    lines = [line.strip().strip('"') for line in text.splitlines()[:_MAX_LINES]]
    lines = [line for line in lines if line and not line.startswith("#")]
    for form in (_COLOR_FIRST, _COLOR):
        found = [match for line in lines if (match := form.match(line))]
        if found and len(found) >= _MOST * (len(lines) - 1):
            return {_color(match): match["name"].strip()[:MAX_CLASS_NAME] for match in found}, True
    for form in (_NUMBERED, _NAMED):
        found = [match for line in lines if (match := form.match(line))]
        if found and len(found) >= _MOST * (len(lines) - 1):
            return {int(match["value"]): match["name"].strip()[:MAX_CLASS_NAME] for match in found}, False
    return {number: line[:MAX_CLASS_NAME] for number, line in enumerate(lines)}, False


def _color(match: re.Match[str]) -> int:
    red, green, blue = (min(int(match[part]), 255) for part in "rgb")
    return red << 16 | green << 8 | blue


def parse_choice(text: str, is_color: bool) -> dict[int, str]:
    """Return the names that a person wrote: `0 = background, #ff0000 = cat`. What cannot be read is left out."""
    pairs = (part.partition("=") for part in str(text)[:10_000].split(","))
    found = {parse_value(value): name.strip()[:MAX_CLASS_NAME] for value, _, name in pairs}
    return {value: name for value, name in found.items() if value is not None and name}


def parse_value(text: str) -> int | None:
    """Return the value that `value_words` wrote."""
    text = text.strip()
    if re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        return int(text[1:], 16)
    return int(text) if re.fullmatch(r"\d{1,9}", text) else None


def value_words(value: int, is_color: bool) -> str:
    """Return a value as people write it: `3`, `#ff0000`."""
    return f"#{value:06x}" if is_color else str(value)


def words(values: Sequence[int], background: int, names: dict[int, str], is_color: bool) -> dict[int, str]:
    """Return a name for each value: the one that is told, else a plain one."""
    plain = {value: f"{'color' if is_color else 'value'} {value_words(value, is_color)}" for value in values}
    if len(values) == 2:
        plain = dict.fromkeys(values, "object")
    return {**plain, background: "background", **{value: name for value, name in names.items() if name}}


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of which none occurs twice: a second one gets a number."""
    found: list[str] = []
    for name in names:
        number, new = 2, name
        while new in found:
            number, new = number + 1, f"{name} {number}"
        found.append(new)
    return tuple(found)
