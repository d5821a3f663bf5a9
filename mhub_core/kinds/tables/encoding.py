"""How the columns of a table become numbers: standardised numbers and one-hot categories. Pure NumPy on plain data.

The encoder is plain JSON: `{"columns": [{"name", "kind": "number", "mean", "std"} | {"name", "kind": "category",
"categories"}], "num_features": n}`. It is fitted on training rows only and used again, unchanged, for the test rows and
for predictions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mhub_core.data.records import Column
from mhub_core.errors import Invalid

LARGEST = 1e30  # float32 holds it, and its square is finite in float64
MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "?", "#N/A")


def fit(columns: Sequence[Column]) -> dict[str, Any]:
    """Return the encoder of the columns that are features.

    Their facts (mean, std, categories) are those of the training rows.
    """
    parts = [_fit_column(column) for column in columns if column.kind != "ignored"]
    return {"columns": parts, "num_features": sum(_width(part) for part in parts)}


def _fit_column(column: Column) -> dict[str, Any]:
    if column.kind == "number":
        return {"name": column.name, "kind": "number", "mean": column.mean or 0.0, "std": column.std or 1.0}
    return {"name": column.name, "kind": "category", "categories": list(column.categories)}


def _width(part: dict[str, Any]) -> int:
    return 1 if part["kind"] == "number" else len(part["categories"])


def encode_columns(encoder: dict[str, Any], columns: Mapping[str, np.ndarray], num_rows: int) -> np.ndarray:
    """Return float32 `(rows, features)`. Missing numbers come as NaN in float64, missing categories as None among text.

    A missing number becomes the mean (0 after standardising); a missing or unseen category is all zero.
    """
    encoded = np.zeros((num_rows, encoder["num_features"]), np.float32)
    at = 0
    for part in encoder["columns"]:
        values = columns[part["name"]]
        if part["kind"] == "number":
            scaled = (values - part["mean"]) / part["std"]
            scaled[np.isnan(scaled)] = 0.0  # `nan_to_num` takes ten times as long for a row
            encoded[:, at] = scaled
        else:
            _encode_categories(encoded, at, part["categories"], values)
        at += _width(part)
    return encoded


def _encode_categories(encoded: np.ndarray, at: int, categories: list[str], values: np.ndarray) -> None:
    position = {category: index for index, category in enumerate(categories)}
    index = np.fromiter((position.get(value, -1) for value in values), np.int64, len(values))
    known = np.flatnonzero(index >= 0)
    encoded[known, at + index[known]] = 1.0


def encode_rows(encoder: dict[str, Any], rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Return float32 `(rows, features)` of rows that a person gave. Raises Invalid as `read_rows` does."""
    return encode_columns(encoder, read_rows(encoder["columns"], rows), len(rows))


def read_rows(parts: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """Return the columns of rows that a person gave, by name, as `encode_columns` takes them. Other names are left out.

    `parts` have a `name` and a `kind`. Raises Invalid with one problem per column whose value is no number.
    """
    problems: dict[str, str] = {}
    columns: dict[str, np.ndarray] = {}
    for part in parts:
        name = part["name"]
        values = [row.get(name) for row in rows]
        if part["kind"] == "category":
            columns[name] = np.array([None if value is None else category_text(value) for value in values], object)
            continue
        numbers = [as_number(value) for value in values]
        columns[name] = np.array([math.nan if number is None else number for number in numbers])
        wrong = [str(value)[:40] for value, number in zip(values, numbers, strict=True) if number is None]
        if wrong:
            problems[name] = f"{wrong[0]!r} is not a number"
    if problems:
        raise Invalid(
            "Some values are not numbers: " + ", ".join(list(problems)[:5]) + ".",
            f"A number of at most {LARGEST:g}, or nothing where the value is missing.",
            "Correct these columns.",
            problems,
        )
    return columns


def as_number(value: Any) -> float | None:
    """Return a value as a float, NaN for a missing one, None for something that is not a number or far beyond any measure."""
    if value is None or (isinstance(value, str) and value.strip() in MISSING):
        return math.nan
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return math.nan if math.isnan(number) else number if abs(number) <= LARGEST else None


def category_text(value: Any) -> str:
    """Return a category as the text that stands for it: true and false in lower case, without outer blanks."""
    return str(value).lower() if isinstance(value, bool) else str(value).strip()
