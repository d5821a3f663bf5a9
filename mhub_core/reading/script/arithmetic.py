"""Computes with the plain values of a script: numbers, short texts, lists. Whatever it is given, it stays small and quick."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from typing import Any

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script.values import bounded, is_scalar

_FORMAT = re.compile(r"[0<>^]?[0-9]{0,2}(\.[0-9]{1,2})?[dfegs]?\Z")
_PLACE = re.compile(r"\{(\w*)(?::([^{}]*))?\}")
_PERCENT = re.compile(r"%(?!0?[0-9]{0,2}(\.[0-9]{1,2})?[dsfgei%])")
_MOST_DIGITS = 20
_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.RShift: operator.rshift,
}
_COMPARED: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


def _product(values: Any) -> Any:
    """Return the product of numbers; it must stay small all the way."""
    found = 1
    for value in values:
        found = _times(found, value)
    return found


def _rounded(number: Any, digits: Any = None) -> Any:
    if digits is not None and abs(digits) > _MOST_DIGITS:
        raise Unreadable("it rounds to more digits than a number has")
    return round(number, digits)


def _spread(start: Any, stop: Any, count: Any = 50) -> list[float]:
    """Return what numpy.linspace gives."""
    steps = len(bounded(range(count)))
    return [start + (stop - start) * place / max(steps - 1, 1) for place in range(steps)]


# Functions of Python, math and NumPy that scripts use to compute sizes. They take numbers only.
NUMBERS: dict[str, Callable[..., Any]] = {
    "int": int, "float": float, "bool": bool, "abs": abs, "round": _rounded, "max": max, "min": min, "sum": sum,
    "math.sqrt": math.sqrt, "math.ceil": math.ceil, "math.floor": math.floor, "math.log2": math.log2, "math.log": math.log,
    "math.prod": _product, "numpy.sqrt": math.sqrt, "numpy.prod": _product, "numpy.ceil": math.ceil,
    "numpy.floor": math.floor, "numpy.log2": math.log2, "numpy.linspace": _spread,
}  # fmt: skip


def binary(kind: type, left: Any, right: Any) -> Any:
    """Return what an operator gives for two plain values."""
    if kind is ast.Mult:
        return _times(left, right)
    if kind is ast.Pow:
        return _power(left, right)
    if kind is ast.Mod:
        return _percent(left, right) if isinstance(left, str) else operator.mod(left, right)
    if kind is ast.LShift and isinstance(right, int) and right < 60:
        return bounded(left << right)
    if kind not in _BINARY:
        raise Unreadable("it uses an operator that is not supported")
    return bounded(_BINARY[kind](left, right))


def _times(left: Any, right: Any) -> Any:
    for text, count in ((left, right), (right, left)):
        if isinstance(text, (str, list, tuple)) and isinstance(count, int):
            bounded(range(len(text) * max(count, 0)))
    return bounded(left * right)


def _power(left: Any, right: Any) -> Any:
    if not isinstance(left, (int, float)) or not isinstance(right, (int, float)) or abs(left) > 1e6 or abs(right) > 64:
        raise Unreadable("it computes something larger than anything in a model")
    return bounded(left**right)


def _percent(text: str, values: Any) -> str:
    items = values if isinstance(values, tuple) else (values,)
    if _PERCENT.search(text.replace("%%", "")) or not all(is_scalar(item) for item in items):
        raise Unreadable("it formats a text in a way that is not supported")
    bounded(range(len(text) + sum(len(str(item)) for item in items)))
    return bounded(str(text % values))


def formatted(value: Any, how: str) -> str:
    """Return a value inside a text, as an f-string writes it."""
    if not is_scalar(value) or not _FORMAT.match(how):
        raise Unreadable("it formats a text in a way that is not supported")
    return format(value, how)


def format_text(text: str, values: list[Any], named: dict[str, Any]) -> str:
    """Return what `text.format(...)` gives, for plain places such as {} and {0:02d}."""
    if not all(is_scalar(value) for value in [*values, *named.values()]) or set(_PLACE.sub("", text)) & set("{}"):
        raise Unreadable("it formats a text in a way that is not supported")
    count = iter(range(len(text)))
    found, end = "", 0
    for match in _PLACE.finditer(text):
        key, how = match.group(1), match.group(2) or ""
        value = named[key] if key in named else values[int(key) if key else next(count)]
        found = bounded(found + text[end : match.start()] + formatted(value, how))
        end = match.end()
    return bounded(found + text[end:])


def compared(kind: type, left: Any, right: Any) -> bool:
    """Return what a comparison of plain values gives."""
    if kind in (ast.In, ast.NotIn):
        if not is_scalar(left) or not (isinstance(right, (dict, str, frozenset)) or flat(right)):
            raise Unreadable("it makes a comparison that is not supported")
        return (left in right) is (kind is ast.In)
    if kind in (ast.Is, ast.IsNot) and (left is None or right is None):
        return (left is right) is (kind is ast.Is)
    if not flat(left) or not flat(right):
        raise Unreadable("it makes a comparison that is not supported")
    return bool(_COMPARED[kind](left, right))


def flat(value: Any) -> bool:
    """Tell whether a value is plain, or a list of plain values."""
    is_list = isinstance(value, (list, tuple))
    return is_scalar(value) or isinstance(value, range) or (is_list and all(is_scalar(item) for item in value))


def compute(name: str, values: list[Any], named: dict[str, Any]) -> Any:
    """Return what one of `NUMBERS` gives."""
    if named or not all(flat(value) for value in values):
        raise Unreadable(f"{name} receives something that is not supported")
    return bounded(NUMBERS[name](*values))
