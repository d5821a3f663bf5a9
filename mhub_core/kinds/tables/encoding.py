"""How the columns of a table become numbers: standardised numbers, one-hot categories, and both out of dates.

The encoder is plain JSON: `{"columns": [part, ...], "num_features": n}`, each part one of

    {"name", "kind": "number", "mean", "std"}, and how its cells are written where that is unusual: "convention", "marks"
    {"name", "kind": "category", "categories"}
    {"name", "kind": "date", "form", "has_times", "parts": [parts as above, named as in `dates.parts_of`]}

It is fitted on training rows only and used again, unchanged, for the test rows and for predictions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import polars as pl

from mhub_core.data.records import Column
from mhub_core.errors import Invalid
from mhub_core.kinds.tables import dates, marks, numbers
from mhub_core.kinds.tables.category_cells import as_categories
from mhub_core.kinds.tables.numbers import LARGEST


def fit(columns: Sequence[Column]) -> dict[str, Any]:
    """Return the encoder of the columns that are features.

    Their facts (mean, std, categories, parts) are those of the training rows.
    """
    parts = [_fit_column(column) for column in columns if column.kind != "ignored"]
    return {"columns": parts, "num_features": sum(_width(part) for part in parts)}


def _fit_column(column: Column) -> dict[str, Any]:
    if column.kind == "number":
        written = {"convention": column.convention, "marks": list(column.marks)}
        written = {name: value for name, value in written.items() if value}
        return {"name": column.name, "kind": "number", "mean": column.mean or 0.0, "std": column.std or 1.0, **written}
    if column.kind == "date":
        return {"name": column.name, "kind": "date", **(column.written or {}), "parts": list(column.parts)}
    return {"name": column.name, "kind": "category", "categories": list(column.categories)}


def _width(part: dict[str, Any]) -> int:
    if part["kind"] == "date":
        return sum(map(_width, part["parts"]))
    return 1 if part["kind"] == "number" else len(part["categories"])


def encode_columns(encoder: dict[str, Any], columns: Mapping[str, np.ndarray | pl.Series], num_rows: int) -> np.ndarray:
    """Return float32 `(rows, features)`. Missing numbers come as NaN in float64, missing categories as None among text, dates
    as days since 1970 in float64, NaN where they are missing.

    A missing number becomes the mean (0 after standardising); a missing or unseen category is all zero.
    """
    encoded = np.zeros((num_rows, encoder["num_features"]), np.float32)
    put(ready(encoder, columns), encoded, 0)
    return encoded


def ready(encoder: dict[str, Any], columns: Mapping[str, np.ndarray | pl.Series]) -> list[Ready]:
    """Return columns, given as `encode_columns` takes them, so far encoded that `put` writes any of their rows."""
    return [one for part in encoder["columns"] for one in _ready(part, columns[part["name"]])]


def put(columns: Sequence[Ready], into: np.ndarray, first: int) -> None:
    """Write the features of as many rows from `first` on into zeros, float32 `(rows, features)`."""
    at = 0
    for one in columns:
        one.put(into[:, at : at + one.width], first)
        at += one.width


class Ready(Protocol):
    """All rows of a column, or of a part of one, so far encoded that only their place is missing. `width`: its features."""

    width: int

    def put(self, into: np.ndarray, first: int) -> None:
        """Write as many rows from `first` on into zeros, float32 `(rows, width)`."""


class _Scaled:
    """Numbers, float32 `(rows,)`."""

    width = 1

    def __init__(self, part: Mapping[str, Any], values: np.ndarray) -> None:
        scaled = (values - part["mean"]) / part["std"]  # in float64: what differs little from the mean is not lost
        scaled[np.isnan(scaled)] = 0.0  # `nan_to_num` takes ten times as long for a row
        self._scaled = scaled.astype(np.float32)

    def put(self, into: np.ndarray, first: int) -> None:
        into[:, 0] = self._scaled[first : first + len(into)]


class _OneHot:
    """Categories, as the number of each row, -1 for none."""

    def __init__(self, part: Mapping[str, Any], values: np.ndarray | pl.Series) -> None:
        self.width, self._places = len(part["categories"]), _places(part["categories"], values)

    def put(self, into: np.ndarray, first: int) -> None:
        places = self._places[first : first + len(into)]
        known = np.flatnonzero(places >= 0)
        into[known, places[known]] = 1.0


class _Days:
    """Dates without times, of which there are fewer than rows: the features of every day, and which day each row has."""

    def __init__(self, table: np.ndarray, places: np.ndarray) -> None:
        self.width, self._table, self._places = table.shape[1], table, places

    def put(self, into: np.ndarray, first: int) -> None:
        into[:] = self._table[self._places[first : first + len(into)]]


def _ready(part: dict[str, Any], values: np.ndarray | pl.Series) -> list[Ready]:
    if part["kind"] == "number":
        return [_Scaled(part, np.asarray(values))]
    if part["kind"] == "category":
        return [_OneHot(part, values)]
    days = np.asarray(values)
    found = dates.by_day(days)
    if found is None:
        return _of_days(part, days)
    every, places = found
    table = np.zeros((len(every) + 1, _width(part)), np.float32)  # the last row is that of no date
    put(_of_days(part, every), table[:-1], 0)
    return [_Days(table, places)]


def _of_days(part: dict[str, Any], days: np.ndarray) -> list[Ready]:
    found = dates.parts_of_days(days)
    return [ready for one in part["parts"] for ready in _ready(one, found[one["name"]])]


def _places(categories: list[str], values: np.ndarray | pl.Series) -> np.ndarray:
    """Return int32 `(rows,)`: which category each text is, -1 for none of them."""
    if isinstance(values, pl.Series):
        codes = values.cast(pl.Enum(categories), strict=False).to_physical().cast(pl.Int32)
        return (codes.fill_null(-1) if codes.null_count() else codes).to_numpy()
    position = {category: index for index, category in enumerate(categories)}  # for a few rows the quicker way
    return np.fromiter((position.get(value, -1) for value in values), np.int32, len(values))


def array_of(values: pl.Series, kind: str) -> np.ndarray | pl.Series:
    """Return a tidy column as `encode_columns` takes it."""
    if kind == "category":
        return values
    plain = dates.days_of(values) if values.dtype.is_temporal() else values.cast(pl.Float64)
    return (plain.fill_null(float("nan")) if plain.null_count() else plain).to_numpy()


def encode_rows(encoder: dict[str, Any], rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Return float32 `(rows, features)` of rows that a person gave. Raises Invalid as `read_rows` does."""
    return encode_columns(encoder, read_rows(encoder["columns"], rows), len(rows))


def read_rows(parts: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """Return the columns of rows that a person gave, by name, as `encode_columns` takes them. Other names are left out.

    `parts` have a `name` and a `kind`. Raises Invalid with one problem per column whose value is no number, or no date.
    """
    problems: dict[str, str] = {}
    columns: dict[str, np.ndarray] = {}
    for part in parts:
        name = part["name"]
        values = [row.get(name) for row in rows]
        if part["kind"] == "category":
            columns[name] = np.array(as_categories(values, part.get("categories") or ()), object)
            continue
        found = [as_days(value, part) if part["kind"] == "date" else as_number(value, part) for value in values]
        columns[name] = np.array([math.nan if number is None else number for number in found])
        wrong = [str(value)[:40] for value, number in zip(values, found, strict=True) if number is None]
        if wrong:
            problems[name] = f"{wrong[0]!r} is not a {part['kind']}"
    if problems:
        are_dates = {part["kind"] for part in parts if part["name"] in problems} == {"date"}
        raise Invalid(
            f"Some values are not {'dates' if are_dates else 'numbers'}: " + ", ".join(list(problems)[:5]) + ".",
            "A date such as 2024-05-31, or nothing where the value is missing."
            if are_dates
            else f"A number of at most {LARGEST:g}, or nothing where the value is missing.",
            "Correct these columns.",
            problems,
        )
    return columns


def as_number(value: Any, part: Mapping[str, Any] | None = None) -> float | None:
    """Return a value as a float, NaN for a missing one, None for something that is not a number or far beyond any measure.

    Text is read as the cells of the column were: `part` is that of the encoder.
    """
    if value is None or (isinstance(value, str) and (marks.is_missing(value) or value.strip() in (part or {}).get("marks", ()))):
        return math.nan
    try:
        number = (
            numbers.value_of(value, (part or {}).get("convention") or numbers.POINT) if isinstance(value, str) else float(value)
        )
    except (TypeError, ValueError, OverflowError):
        return None
    if number is None or math.isnan(number):
        return number
    return number if abs(number) <= LARGEST else None


def as_days(value: Any, part: Mapping[str, Any]) -> float | None:
    """Return a date as days since 1970, NaN for a missing one, None for something that is no date.

    Text is read as the dates of the column were written, or in ISO form.
    """
    if value is None or marks.is_missing(str(value)):
        return math.nan
    form = (part.get("written") or part).get("form", dates.ISO)
    for written in (dates.Written(form, has_times=True), dates.Written(dates.ISO, has_times=True)):
        days = dates.days_of(dates.parse(pl.Series([str(value).strip()]), written))[0]
        if days is not None:
            return float(days)
    return None
