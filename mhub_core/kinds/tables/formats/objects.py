"""Rows that come as objects, such as those of JSON, become a table. What is inside of an object gets a name with a dot."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import polars as pl

from mhub_core import settings
from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.tables import header
from mhub_core.kinds.tables.formats.format import Refusals

MAX_TEXT = 100_000
_MAX_DEPTH = 5  # of names with dots; what lies deeper is kept as text
_BATCH = 20_000
_HALF = re.compile("[\ud800-\udfff]")
_EXACT = 2**53  # whole numbers beyond it lose digits as floats


class Refused(Exception):
    """Raised when one row cannot be used; the message says why."""


class Rows:
    """Collects rows. Memory stays near that of the table: every few thousand rows become columns of polars."""

    def __init__(self, min_columns: int = 2) -> None:
        self._min_columns = min_columns
        self._columns: dict[str, list[Any]] = {}
        self._batches: list[pl.DataFrame] = []
        self._in_batch = self.num_rows = 0
        self._as_text: set[str] = set()  # columns with lists
        self._max_rows, self._max_columns = settings.number("MHUB_MAX_ROWS"), settings.number("MHUB_MAX_COLUMNS")

    def add(self, row: Any) -> None:
        """Add a row. Raises Refused when it cannot be one, and TooLarge for too many rows or columns."""
        if not isinstance(row, dict):
            raise Refused(f"is {_words(row)}, not an object with names and values")
        flat: dict[str, Any] = {}
        self._flatten("", row, flat)
        if not flat:
            raise Refused("has no values")
        for name, value in flat.items():
            column = self._columns.get(name)
            if column is None:
                column = self._columns[name] = []
                if len(self._columns) > self._max_columns:
                    raise TooLarge(f"The table has more than {self._max_columns:,} columns.", mend="Leave out some of them.")
            column.extend([None] * (self._in_batch - len(column)))
            column.append(value)
        self._in_batch += 1
        self.num_rows += 1
        if self.num_rows > self._max_rows:
            raise TooLarge(f"The table has more than {self._max_rows:,} rows.", mend="Upload only a part of it.")
        if self._in_batch == _BATCH:
            self._close_batch()

    def frame(self) -> tuple[pl.DataFrame, list[str]]:
        """Return the table, and what was changed in sentences. Raises Invalid when it is none."""
        self._close_batch()
        if not self._batches:
            raise Invalid("The file has no rows.", "One object with names and values for each row.", "Add the rows.")
        frame, notes = pl.concat(_alike(self._batches), how="diagonal"), []
        if frame.width < self._min_columns:
            raise Invalid(
                "The rows have only one value each.",
                "At least two columns are needed: one to learn from, and the target.",
                "Add the missing columns.",
            )
        if self._as_text:
            named = ", ".join(sorted(self._as_text)[:5])[:200]
            notes.append(f"Columns that hold lists are read as text: {named}.")
        names = header.unique_names(frame.columns, notes)
        return frame.rename(dict(zip(frame.columns, names, strict=True))), notes

    def _flatten(self, prefix: str, row: dict[str, Any], flat: dict[str, Any]) -> None:
        for name, value in row.items():
            full = f"{prefix}{name}"
            if isinstance(value, dict) and prefix.count(".") < _MAX_DEPTH:
                self._flatten(f"{full}.", value, flat)
                continue
            if isinstance(value, (dict, list)):
                self._as_text.add(full)
                value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            if isinstance(value, str) and len(value) > MAX_TEXT:
                raise Refused(f"has a value of more than {MAX_TEXT:,} characters in {full[:40]!r}")
            if _has_half_letters(full) or (isinstance(value, str) and _has_half_letters(value)):
                raise Refused("has half of a letter, such as \\ud83d without the half that follows it")
            if full in flat:
                raise Refused(f"names {full[:40]!r} twice")
            flat[full] = value

    def _close_batch(self) -> None:
        if not self._in_batch:
            return
        for values in self._columns.values():
            values.extend([None] * (self._in_batch - len(values)))
        self._batches.append(pl.DataFrame([_series(name, values) for name, values in self._columns.items()]))
        self._columns = {name: [] for name in self._columns}
        self._in_batch = 0


def _has_half_letters(text: str) -> bool:
    """Tell whether a text has halves of pairs, which JSON can write and no encoding knows."""
    return not text.isascii() and bool(_HALF.search(text))


def shown(value: Any) -> str:
    """Return the beginning of a value as it is shown, whatever is in it."""
    return str(value)[:200].encode("utf-8", "replace").decode()


def pairs(given: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object as Python's JSON gives its parts. Raises ValueError for a name that occurs twice."""
    found = dict(given)
    if len(found) < len(given):
        raise ValueError("a name occurs twice in one object")
    return found


def no_json(error: ValueError | RecursionError) -> str:
    """Return in words why a text is no JSON."""
    if isinstance(error, RecursionError):
        return "its values are nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg[0].lower()}{error.msg[1:].removesuffix(' at')} at character {error.pos + 1:,}"
    words = str(error)[:200]
    return "a number has more than 4,300 digits" if "int_max_str_digits" in words else words


def refuse_depth(error: RecursionError) -> NoReturn:
    """Raise Invalid for values in values without end."""
    raise Invalid(
        "The values of this file are nested too deeply.", "A list of objects with names and values.", "Write one object per row."
    ) from error


def require_some(rows: Rows, refusals: Refusals, noun: str, expected: str, mend: str) -> None:
    """Raise Invalid when rows were refused and none is left."""
    if not rows.num_rows and refusals.count:
        what, why = refusals.examples[0]
        raise Invalid(f"No {noun} of this file can be used: {what} {why}.", expected, mend)


def _series(name: str, values: list[Any]) -> pl.Series:
    """Return a column of the type that all values have; text when they differ."""
    types = {type(value) for value in values} - {type(None)}
    if not types:
        return pl.Series(name, values, pl.Null)
    if types == {bool}:
        return pl.Series(name, values, pl.Boolean)
    large = any(type(value) is int and abs(value) > _EXACT for value in values)
    if types == {int} and not any(type(value) is int and abs(value) >= 2**63 for value in values):
        return pl.Series(name, values, pl.Int64)
    if types <= {int, float} and not large:
        return pl.Series(name, [None if value is None else float(value) for value in values], pl.Float64)
    return pl.Series(name, [None if value is None else _as_text(value) for value in values], pl.String)


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _alike(batches: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Return batches whose columns have one type each."""
    types: dict[str, set[Any]] = {}
    for batch in batches:
        for name, dtype in batch.schema.items():
            types.setdefault(name, set()).add(dtype)
    wanted = {name: _common(found - {pl.Null}) for name, found in types.items()}
    return [batch.with_columns(pl.col(name).cast(wanted[name]) for name in batch.columns) for batch in batches]


def _common(types: set[Any]) -> Any:
    if len(types) == 1:
        return types.pop()
    return pl.Float64 if types == {pl.Int64, pl.Float64} else pl.String


def _words(value: Any) -> str:
    words = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return words.get(type(value), "a number")
