"""What Python's own functions, and the methods of its texts, lists and dictionaries, give in a script: the same, or nothing."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from mhub_core.reading.records import Unreadable
from mhub_core.reading.script.arithmetic import compared, flat, format_text, formatted
from mhub_core.reading.script.values import Reference, bounded, is_scalar
from mhub_core.reading.sketch import Tensor

FUNCTIONS = ("range", "enumerate", "zip", "list", "tuple", "dict", "len", "str", "sorted", "reversed", "chr")
_NAMED = {"enumerate": ("start",), "zip": ("strict",), "sorted": ("reverse",)}
_MOST_GIVEN = {"range": 3, "enumerate": 2, "zip": 1_000}
_METHODS: dict[type, tuple[str, ...]] = {
    list: ("append", "extend", "insert", "pop", "reverse", "copy", "index"),
    dict: ("keys", "values", "items", "get", "update", "copy", "pop"),
    str: ("format", "lower", "upper", "strip", "replace", "split", "join", "startswith", "endswith"),
}
_LOOKING = ("index", "get", "pop", "insert")
# Lists what a value holds, and counts it as work. Raises Unreadable.
Items = Callable[[Any], list[Any]]


def function(name: str, args: list[Any], named: dict[str, Any], items: Items) -> Any:
    """Return what one of `FUNCTIONS` gives. Raises Unreadable, and what Python raises."""
    if name == "dict":
        return _pairs(args[0], items) | named if args else dict(named)
    strange = next((key for key in named if key not in _NAMED.get(name, ())), None)
    if strange is not None or len(args) > _MOST_GIVEN.get(name, 1):
        raise Unreadable(f"{name} receives {'more arguments than are supported' if strange is None else strange[:60]}")
    if name == "range":
        return bounded(range(*args))
    if name == "str":
        return formatted(args[0], "")
    if name == "chr":
        return chr(args[0])
    if name == "enumerate":
        return list(enumerate(items(args[0]), *args[1:], **named))
    if name == "zip":
        return list(zip(*(items(item) for item in args), **named))
    return _of_list(name, items(args[0]) if args else [], named)


def _reversed(items: list[Any]) -> list[Any]:
    return items[::-1]


_OF_LIST: dict[str, Callable[[list[Any]], Any]] = {
    "len": len,
    "list": list,
    "tuple": tuple,
    "reversed": lambda items: items[::-1],
}


def _of_list(name: str, values: list[Any], named: dict[str, Any]) -> Any:
    if name == "sorted":
        if not flat(values):
            raise Unreadable("it sorts something that is not supported")
        return sorted(values, **named)
    return _OF_LIST[name](values)


def _pairs(value: Any, items: Items) -> dict[Any, Any]:
    pairs = list(value.items()) if isinstance(value, dict) else [tuple(items(pair)) for pair in items(value)]
    return dict((require_key(key), item) for key, item in pairs)


def require_key(key: Any) -> Any:
    """Return a key of a dictionary. Raises Unreadable for anything large: comparing it could take for ever."""
    if not is_scalar(key):
        raise Unreadable("a dictionary has a key that is neither a number nor a text")
    return key


def method(owner: Any, name: str, args: list[Any], named: dict[str, Any], items: Items) -> Any:
    """Return what a method of a text, a list or a dictionary gives. Raises Unreadable, and what Python raises."""
    if name not in _METHODS.get(type(owner), ()):
        raise Unreadable(f"{name[:60]} is known only when the script runs")
    if name == "format":
        return format_text(owner, args, named)
    if name in _LOOKING and args:
        require_key(args[0])
    if name == "index" and not flat(items(owner)):
        raise Unreadable("it searches in something that is not supported")
    if name == "join":
        args = [items(args[0])]
        bounded(range(sum(len(item) + len(owner) for item in args[0])))
    if name == "extend" and args:
        args = [items(args[0])]
    if name == "update" and args:
        args = [_pairs(args[0], items)]
    if name == "replace" and len(args) > 1:
        bounded(range(owner.count(args[0]) * len(args[1]) + len(owner)))
    found = getattr(owner, name)(*args, **named)
    bounded(owner)
    return list(found) if name in ("keys", "values", "items") else found


_TYPES: dict[str, type] = {"int": int, "float": float, "str": str, "list": list, "tuple": tuple, "dict": dict, "bool": bool}


def type_of(value: Any) -> Reference:
    """Return what `type` gives for a plain value. Raises Unreadable."""
    if type(value).__name__ not in _TYPES:
        raise Unreadable("of what type it is is known only when the script runs")
    return Reference(type(value).__name__)


def compared_types(kind: type, left: Any, right: Any) -> bool | None:
    """Return what a comparison of Python's plain types gives, such as `type(x) is list`; None for anything else."""
    rights = right if isinstance(right, (list, tuple)) else [right]
    if not all(isinstance(item, Reference) and item.path in _TYPES for item in (left, *rights)):
        return None
    kinds: dict[type, type] = {ast.Is: ast.Eq, ast.IsNot: ast.NotEq}
    return compared(
        kinds.get(kind, kind), left.path, right.path if isinstance(right, Reference) else [item.path for item in rights]
    )


def is_instance(value: Any, kinds: Any) -> bool:
    """Return what `isinstance` gives for plain values and for the outputs of layers, which are of no plain type."""
    paths = [kind.path if isinstance(kind, Reference) else "" for kind in (kinds if isinstance(kinds, tuple) else (kinds,))]
    is_plain = is_scalar(value) or isinstance(value, (list, tuple, dict))
    is_known = all(path in _TYPES or path == "numpy.ndarray" for path in paths)
    if not is_known or not (is_plain or isinstance(value, Tensor)):
        raise Unreadable("of what type it is is known only when the script runs")
    return any(path in _TYPES and isinstance(value, _TYPES[path]) for path in paths)
