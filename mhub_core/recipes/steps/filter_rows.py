"""Keep rows that fulfil a condition."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from mhub_core.recipes.fields import DATE, NUMBER, TEXT, Columns, Field, as_date, as_number
from mhub_core.recipes.step import Params, Step

_WORDS = {
    "equal": "is",
    "unequal": "is not",
    "less": "is less than",
    "at_most": "is at most",
    "more": "is more than",
    "at_least": "is at least",
    "contains": "contains",
}
_ORDER = ("less", "at_most", "more", "at_least")


class FilterRows(Step):
    """Keep the rows whose value in a column compares so."""

    name, title = "filter_rows", "Keep rows that fulfil a condition"
    help = "Rows in which the value is missing are dropped. Test rows are filtered too, and stay test rows."
    fields = (
        Field("column", "Column", "column"),
        Field("comparison", "Keep rows whose value", "choice", "equal", tuple(_WORDS.items())),
        Field("value", "Value", "text"),
    )
    changes_rows = True
    offers_target = True

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """Only numbers have an order, and only text contains."""
        holds, comparison = columns.get(params.get("column", "")), params.get("comparison")
        if holds in (NUMBER, DATE) and comparison == "contains":
            return {"comparison": "only text can contain something"}
        if holds == TEXT and comparison in _ORDER:
            return {"comparison": "text has no order: choose “is”, “is not” or “contains”"}
        if holds == NUMBER and "value" in params and as_number(params["value"]) is None:
            return {"value": "must be a number, because the column holds numbers"}
        if holds == DATE and "value" in params and as_date(params["value"]) is None:
            return {"value": "must be a date such as 2024-05-31, because the column holds dates"}
        return {}

    def keep(self, frame: pl.DataFrame, params: Params, train: pl.Series) -> pl.Series:
        """Compare; null compares with nothing."""
        values = frame[params["column"]]
        read = as_number if values.dtype.is_numeric() else as_date if values.dtype.is_temporal() else str
        other = read(params["value"])
        return _compare(values, params["comparison"], other).fill_null(False)

    def words(self, params: Params) -> str:
        """Say the condition."""
        return f"Keep rows whose “{params['column']}” {_WORDS[params['comparison']]} {params['value']}"


def _compare(values: pl.Series, comparison: str, other: float | str | datetime | None) -> pl.Series:
    compared = {
        "equal": lambda: values == other,
        "unequal": lambda: values != other,
        "less": lambda: values < other,
        "at_most": lambda: values <= other,
        "more": lambda: values > other,
        "at_least": lambda: values >= other,
        "contains": lambda: values.str.contains(str(other), literal=True),
    }
    return compared[comparison]()
