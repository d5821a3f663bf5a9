"""Writes the values of an argument as people type them, and reads them back. Plain Python, so that it is tested without a page.

Reading raises ValueError with a short sentence for the field; whether the value fits its argument is `catalog.check_value`'s to
say.
"""

from __future__ import annotations

import json
import re
from typing import Any

NOTHING = "none"
LISTS = ("shape", "int_list", "number_list", "range", "strings")  # Types whose values are lists, even of a single entry.
HINTS = {"seed": "random", "shape": "28, 28, 1", "strings": "cat, dog"}  # In an empty field; else it says "none".
LONGEST = 100_000
_WORD = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(?:,|\Z)')  # in quotes, doubled within, or up to the comma
_EXAMPLES = {
    "float": "must be a number with a decimal point, such as 0.5",
    "numbers": "must be a number, or several separated by commas, such as 0.1, 0.2",
    "number_list": "must be numbers separated by commas, such as 0.1, 0.2",
    "range": "must be two numbers, the minimum and the maximum, such as 0, 0.2",
    "ints": "must be a whole number, or several separated by commas, such as 3, 3",
}


def to_text(value: Any, kind: str = "") -> str:
    """Return a list, a number or nothing as text: `[3, 3]` as `3, 3`, nothing as an empty text. `kind` as in `from_text`."""
    if value is None:
        return ""
    if not isinstance(value, list):
        return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)
    if any(isinstance(item, list) for item in value):
        return json.dumps(value)
    if not value:
        return "()"
    if kind == "strings":
        return ", ".join(map(_quoted, value))
    alone = "," if len(value) == 1 and kind in ("ints", "numbers") else ""  # there, one number alone is not a list
    return ", ".join(NOTHING if item is None else to_text(item) for item in value) + alone


def _quoted(word: str) -> str:
    """Return a word as it is where that is read back as the same word, else in quotes."""
    is_plain = word == word.strip() and not re.search(r"""^$|^none$|[,"]|^[(\['] | [)\]']$""", word, re.VERBOSE)
    return word if is_plain else '"' + word.replace('"', '""') + '"'


def from_text(kind: str, text: str) -> Any:
    """Return the value that a text means for a type of argument: the inverse of `to_text`."""
    text = text.strip()
    if len(text) > LONGEST:
        raise ValueError(f"must have at most {LONGEST:,} characters")
    if kind == "string":
        return text or None
    if text in ("", NOTHING):
        return None
    if kind == "strings":
        return _words(text)
    if text.startswith(("[[", "((")):
        return _nested(text)
    if kind == "float" and "," in text:
        raise ValueError(_EXAMPLES[kind])
    inner = text.strip("()[] ")
    pieces = [piece.strip() for piece in inner.split(",") if piece.strip()]
    values = [_number(kind, piece) for piece in pieces]
    is_list = kind in LISTS or "," in text or text[0] in "(["
    return values if is_list else values[0]


def _words(text: str) -> list[str]:
    """Return the words between the commas. Python's brackets and single quotes around them are left out."""
    inner = text[1:-1] if text[0] in "([" and text[-1] in ")]" else text
    found = []
    for quoted, plain in _WORD.findall(inner):
        word = plain.strip()
        if len(word) > 1 and word[0] == word[-1] == "'":
            word = word[1:-1]
        if word or quoted:
            found.append(word or quoted.replace('""', '"'))
    return found


def _nested(text: str) -> Any:
    try:
        return json.loads(text.replace("(", "[").replace(")", "]"))
    except (ValueError, RecursionError):
        raise ValueError("must be pairs in brackets, such as ((1, 0), (0, 1))") from None


def _number(kind: str, text: str) -> int | float | None:
    if kind == "shape" and text.lower() == NOTHING:
        return None
    try:
        return float(text) if kind in ("numbers", "number_list", "range", "float") else int(text)
    except ValueError:
        raise ValueError(_EXAMPLES.get(kind, "must be whole numbers separated by commas, such as 3, 3")) from None
