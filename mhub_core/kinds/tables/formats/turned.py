"""Tables that are one object: of columns, or of rows by their names. Which it is, is a guess that can be changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mhub_core.data.records import Option
from mhub_core.errors import Invalid
from mhub_core.kinds.tables import choosing

_ROWS, _COLUMNS = "rows", "columns"
_INSIDE = ((_ROWS, "rows"), (_COLUMNS, "columns"))


def option(value: Any, chosen: dict[str, Any]) -> list[Option]:
    """Return the option about an object of objects: each may be a row or a column."""
    return (
        [Option("inside", "The objects inside are", _ROWS if are_rows(value, chosen) else _COLUMNS, _INSIDE)]
        if (_holds_objects(value))
        else []
    )


def are_rows(value: Any, chosen: dict[str, Any]) -> bool:
    """Return whether the objects inside of one are rows: they are where there are more of them than each has names."""
    if not _holds_objects(value):
        return False
    guess = _ROWS if len(value) > max(map(len, value.values())) else _COLUMNS
    return choosing.one_of(chosen, "inside", "What is inside", _INSIDE, guess) == _ROWS


def _holds_objects(value: Any) -> bool:
    return isinstance(value, dict) and len(value) > 1 and all(isinstance(held, dict) and held for held in value.values())


def from_columns(value: Any) -> Iterator[dict[str, Any]]:
    """Give the rows of an object of columns, each a list or an object by row, or of what pandas calls "split"."""
    if isinstance(value, dict) and isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
        names = list(map(str, value["columns"]))
        if all(isinstance(row, list) and len(row) == len(names) for row in value["data"]):
            return (dict(zip(names, row, strict=True)) for row in value["data"])
    columns = value if isinstance(value, dict) else {}
    by_row = {name: held for name, held in columns.items() if isinstance(held, (list, dict))}
    sizes = {len(held) for held in by_row.values()}
    kinds = {type(held) for held in by_row.values()}
    if not by_row or len(by_row) < len(columns) or len(sizes) > 1 or len(kinds) > 1:
        raise Invalid(
            "This JSON file holds no table.",
            'A list of objects, such as [{"length": 5.1, "species": "rose"}], an object of columns of one length, or one of '
            'these under a name, such as {"data": [...]}.',
            "Save the table in one of these ways, or as CSV.",
        )
    keys = list(next(iter(by_row.values()))) if kinds == {dict} else list(range(sizes.pop()))
    return ({name: held.get(key) if isinstance(held, dict) else held[key] for name, held in by_row.items()} for key in keys)
