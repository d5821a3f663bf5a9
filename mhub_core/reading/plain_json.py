"""Parses JSON that may be hostile: its size, depth and numbers are bounded before anybody walks through it."""

from __future__ import annotations

import json
import math
from typing import Any

from mhub_core.reading.records import Unreadable

MOST_CHARACTERS = 8_000_000  # The largest of keras.applications has 1.6 million.
DEEPEST = 60
MOST_VALUES = 1_000_000


def parse(text: str) -> Any:
    """Return the value of a JSON text. Raises Unreadable with the line where it is broken."""
    if len(text) > MOST_CHARACTERS:
        raise Unreadable(f"This text has more than {MOST_CHARACTERS:,} characters.", mend="Import a smaller model.")
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite, parse_int=_bounded)
    except json.JSONDecodeError as error:
        raise Unreadable(f"this is not JSON: {error.msg}.", mend="Save the model again.", line=error.lineno) from error
    except RecursionError as error:
        raise _too_deep() from error
    _check(value)
    return value


def _no_constant(name: str) -> float:
    raise Unreadable(f"The file contains {name} where a number is expected.", "Only finite numbers.", "Save the model again.")


def _finite(digits: str) -> float:
    value = float(digits)
    return value if math.isfinite(value) else _no_constant(digits[:20])


def _bounded(digits: str) -> int:
    return int(digits) if len(digits) <= 20 else int(_no_constant(f"a number of {len(digits)} digits"))


def _check(value: Any) -> None:
    """Walk through it level by level, without recursion."""
    level, depth, count = [value], 0, 0
    while level:
        depth, count = depth + 1, count + len(level)
        if depth > DEEPEST:
            raise _too_deep()
        if count > MOST_VALUES:
            raise Unreadable(f"This file contains more than {MOST_VALUES:,} values.", mend="Import a smaller model.")
        if not all(is_text(item) for item in level if isinstance(item, str)):
            raise _no_text()
        level = [item for value in level if isinstance(value, (dict, list)) for item in _inner(value)]


def _inner(value: dict[str, Any] | list[Any]) -> list[Any]:
    """Return what lies in a list, or in an object and its names."""
    return [*value.values(), *(key for key in value if not key.isascii())] if isinstance(value, dict) else value


def is_text(value: str) -> bool:
    """Tell whether a text can be written: halves of a character that stand alone cannot."""
    try:
        return value.isascii() or bool(value.encode())
    except UnicodeEncodeError:
        return False


def _no_text() -> Unreadable:
    told = "This file contains invalid text."
    return Unreadable(told, "Text in UTF-8.", "Name the model and its layers with plain letters, and save it again.")


def _too_deep() -> Unreadable:
    return Unreadable("This file is nested too deeply for a model.", f"At most {DEEPEST} levels.", "Import a simpler model.")
