"""What a person chooses for a step: the fields of its form, and the one place that checks what was chosen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

NUMBER, TEXT, DATE, ANY = "number", "text", "date", "any"
_PLURALS = {NUMBER: "numbers", TEXT: "text", DATE: "dates"}
Columns = Mapping[str, Any]  # the columns of a table by name, each NUMBER, TEXT or DATE; of images width, height and channels
MAX_TEXT = 200
MAX_LINES = 5_000
MAX_LABELS = 1_000


@dataclass(frozen=True)
class Field:
    """One field. `kind` is "columns", "column", "choice", "choices" (several of them), "labels" (names of classes), "number",
    "text" or "lines" (a longer text); `of` says which columns may be chosen.

    `choices` are pairs of value and label. `optional`: may be left empty. `shown_if`: another field and the values of it with
    which this one counts; with others it is neither shown nor checked.
    """

    name: str
    label: str
    kind: str
    default: Any = None
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""
    of: str = ANY
    optional: bool = False
    shown_if: tuple[str, tuple[str, ...]] | None = None


def counts(field: Field, params: Mapping[str, Any]) -> bool:
    """Return whether a field counts beside what else was chosen."""
    return field.shown_if is None or params.get(field.shown_if[0]) in field.shown_if[1]


def check(fields: tuple[Field, ...], params: Mapping[str, Any], columns: Columns) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what was chosen as plain values of the right types, and a problem for each field that is wrong."""
    clean: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in fields:
        if not counts(field, params):
            continue
        try:
            clean[field.name] = _read(field, params.get(field.name, field.default), columns)
        except ValueError as error:
            problems[field.name] = str(error)
    return clean, problems


def _read(field: Field, value: Any, columns: Columns) -> Any:
    if value is None or value == "" or value == []:
        if field.optional:
            return [] if field.kind in ("columns", "choices", "labels") else None
        raise ValueError(_MISSING.get(field.kind, "is missing"))
    return _READERS[field.kind](field, value, columns)


def _columns(field: Field, value: Any, columns: Columns) -> list[str]:
    if not isinstance(value, (list, tuple)):
        raise ValueError("must be a list of columns")
    return list(dict.fromkeys(_column(field, one, columns) for one in value))


def _column(field: Field, value: Any, columns: Columns) -> str:
    if not isinstance(value, str) or value not in columns:
        raise ValueError(f"there is no column {str(value)[:80]!r}")
    if field.of not in (ANY, columns[value]):
        raise ValueError(f"{value!r} holds {_PLURALS[columns[value]]}, not {_PLURALS[field.of]}")
    return value


def _choice(field: Field, value: Any, columns: Columns) -> str:
    if value not in [one for one, _ in field.choices]:
        raise ValueError(f"must be one of {', '.join(one for one, _ in field.choices)}")
    return str(value)


def _choices(field: Field, value: Any, columns: Columns) -> list[str]:
    if not isinstance(value, (list, tuple)):
        raise ValueError("must be a list")
    chosen = [_choice(field, one, columns) for one in value]
    return [one for one, _ in field.choices if one in chosen]


def _number(field: Field, value: Any, columns: Columns) -> float:
    number = as_number(value)
    if number is None:
        raise ValueError("must be a number")
    return number


def _text(field: Field, value: Any, columns: Columns) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT or not value.isprintable():
        raise ValueError(f"must be one line of at most {MAX_TEXT} characters")
    return value.strip()


def _lines(field: Field, value: Any, columns: Columns) -> str:
    if not isinstance(value, str) or len(value) > MAX_LINES or "\0" in value:
        raise ValueError(f"must be text of at most {MAX_LINES:,} characters")
    return value.strip()


def _labels(field: Field, value: Any, columns: Columns) -> list[str]:
    if not isinstance(value, (list, tuple)) or len(value) > MAX_LABELS:
        raise ValueError(f"must be a list of at most {MAX_LABELS:,} labels")
    return list(dict.fromkeys(_text(field, one, columns) for one in value))


_MISSING = {
    "columns": "choose at least one column",
    "choices": "choose at least one",
    "labels": "choose at least one label",
}
_READERS = {
    "columns": _columns,
    "column": _column,
    "choice": _choice,
    "choices": _choices,
    "labels": _labels,
    "number": _number,
    "text": _text,
    "lines": _lines,
}


def as_number(value: Any) -> float | None:
    """Return a finite number, or None for what is none."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) <= 1e30 else None


def as_date(value: Any) -> datetime | None:
    """Return the date or time of a text in ISO form, or None for what is none."""
    try:
        return datetime.fromisoformat(str(value).strip()).replace(tzinfo=None)
    except ValueError:
        return None
