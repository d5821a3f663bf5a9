"""Guesses the form-field type of a Keras argument from its name, its default and its docstring. Pure text work."""

from __future__ import annotations

import re
from typing import Any

from mhub_core.catalog import rules
from mhub_core.catalog.docstrings import plain

REQUIRED = object()
_SUFFIXES = ("initializer", "regularizer", "constraint", "activation", "dtype", "seed")
_WORDS = (
    ("bool", r"\b(bool|boolean|whether|if true)\b"),
    ("int", r"\b(int|integer|number of|size of)\b"),
    ("float", r"\b(float|floating|scalar|number|probability)\b"),
    ("string", r"\b(string|str|name)\b"),
)


def describe(class_name: str, name: str, default: Any, text: str) -> dict[str, Any] | None:
    """Return one argument of a form as plain JSON, or None when nothing says what it is.

    `default` is REQUIRED when Keras has none; `text` is the argument's part of the docstring.
    """
    rule = rule_for(rules.ARGUMENTS, class_name, name) or {}
    kind = rule.get("type") or _type(name, default, text)
    if kind is None:
        return None
    numeric = kind in ("int", "float", "ints", "numbers", "schedule", "seed", "number_list", "range")
    required = default is REQUIRED or (class_name, name) in rules.REQUIRED
    found: dict[str, Any] = {"name": name, "type": kind}
    choices = rule.get("choices") or (_choices(default, text) if kind == "enum" else [])
    found |= {"choices": choices} if choices else {}
    if required:
        found |= {"required": True, "suggestion": rule_for(rules.SUGGESTIONS, class_name, name)}
    else:
        found["default"] = _as_json(default)
        suggestion = rules.SUGGESTIONS.get((class_name, name))
        found |= {"suggestion": suggestion} if suggestion is not None else {}
    may_be_empty = default is None or rule.get("nullable") or kind in ("regularizer", "constraint", "activation")
    nullable = may_be_empty and not required
    found |= {"nullable": True} if nullable else {}
    low, high = rules.BOUNDS.get(name, (None, None)) if numeric else (None, None)
    bounds = {"minimum": rule.get("minimum", low), "maximum": rule.get("maximum", high)}
    return found | {key: value for key, value in bounds.items() if value is not None}


def rule_for(table: dict[tuple[str, str], Any], class_name: str, name: str) -> Any:
    """Return the rule of one class's argument, else the one for every class, else None."""
    return table.get((class_name, name), table.get(("*", name)))


def _type(name: str, default: Any, text: str) -> str | None:
    for suffix in _SUFFIXES:
        if name == suffix or name.endswith(f"_{suffix}"):
            return suffix
    if isinstance(default, bool):
        return "bool"
    if isinstance(default, str):
        return "enum" if len(_choices(default, text)) > 1 else "string"
    start = plain(text)[:90].lower()
    if re.search(r"\b(tuple|tuples|list|lists)\b", start):
        return "numbers" if re.search(r"float|number", start) or isinstance(default, float) else "ints"
    if isinstance(default, tuple):
        return "numbers" if any(isinstance(value, float) for value in default) else "ints"
    if isinstance(default, float):
        return "float"
    found = {kind: match.start() for kind, pattern in _WORDS if (match := re.search(pattern, start))}
    if found:
        return min(found, key=lambda kind: found[kind])
    return "int" if isinstance(default, int) else None


def _choices(default: Any, text: str) -> list[str]:
    """Return the quoted words of a docstring that are written like the default."""
    words = re.findall(r"""["']([a-z][a-z0-9_]*)["']""", plain(text).replace("``", ""))
    if isinstance(default, str):
        words.insert(0, default)
    return list(dict.fromkeys(words))


def _as_json(value: Any) -> Any:
    return [_as_json(item) for item in value] if isinstance(value, (tuple, list)) else value
