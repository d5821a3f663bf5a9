"""Fill what is missing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from mhub_core.recipes.fields import DATE, NUMBER, Columns, Field, as_date, as_number
from mhub_core.recipes.step import Params, Rows, State, Step, listed

_OF_NUMBERS = ("mean", "median")


class FillMissing(Step):
    """Put a value where there is none."""

    name, title = "fill_missing", "Fill missing values"
    help = (
        "Mean, median and most frequent value are those of the training rows. The row before is the nearest training row above; "
        "a row for a prediction comes after all of them."
    )
    fields = (
        Field("columns", "Columns", "columns"),
        Field(
            "how",
            "With",
            "choice",
            "median",
            (
                ("mean", "Mean"),
                ("median", "Median"),
                ("most_frequent", "Most frequent value"),
                ("forward", "Value of the row before"),
                ("constant", "A value"),
            ),
        ),
        Field("value", "Value", "text", shown_if=("how", ("constant",))),
    )

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """A mean needs numbers, and so does a column of numbers."""
        names = params.get("columns", [])
        if params.get("how") in _OF_NUMBERS and (texts := [name for name in names if columns[name] != NUMBER]):
            return {"columns": f"{listed(texts)} holds no numbers, so there is no {params['how']}"}
        has_numbers = any(columns[name] == NUMBER for name in names)
        if params.get("how") == "constant" and has_numbers and as_number(params.get("value")) is None:
            return {"value": "must be a number, because the columns hold numbers"}
        if params.get("how") == "constant" and any(columns[name] == DATE for name in names) and not as_date(params.get("value")):
            return {"value": "must be a date such as 2024-05-31, because the columns hold dates"}
        return {}

    def fit(self, train: pl.DataFrame, params: Params) -> State:
        """Learn one value per column; null where no training row has any."""
        return {"values": {name: _value(train[name], params) for name in params["columns"]}}

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Fill."""
        known = {name: value for name, value in state["values"].items() if value is not None}
        return frame.with_columns(_filled(frame[name], value) for name, value in known.items())

    def apply_here(self, frame: pl.DataFrame, params: Params, state: State, rows: Rows) -> pl.DataFrame:
        """Look for the row before among the training rows; what is above the first of them stays missing."""
        if params["how"] != "forward":
            return self.apply(frame, params, state)
        known = frame.select(pl.when(rows.train).then(pl.col(name)).forward_fill().alias(name) for name in params["columns"])
        return frame.with_columns(frame[name].zip_with(frame[name].is_not_null(), known[name]) for name in params["columns"])

    def words(self, params: Params) -> str:
        """Say with what."""
        how = {
            "most_frequent": "most frequent value",
            "forward": "value of the row before",
            "constant": f"“{params.get('value')}”",
        }.get(params["how"], params["how"])
        the = "" if params["how"] == "constant" else "the "
        return f"Fill missing values of {listed(params['columns'])} with {the}{how}"


def _value(values: pl.Series, params: Params) -> Any:
    how, known = params["how"], values.drop_nulls()
    if how == "constant":
        return as_number(params["value"]) if values.dtype.is_numeric() else params["value"]
    if known.is_empty():
        return None
    if how in _OF_NUMBERS:
        return known.cast(pl.Float64).mean() if how == "mean" else known.cast(pl.Float64).median()
    value = known[-1] if how == "forward" else known.mode().sort()[0]
    return value.isoformat() if isinstance(value, datetime) else value


def _filled(values: pl.Series, value: Any) -> pl.Series:
    if values.dtype.is_temporal():
        return values.fill_null(as_date(value))
    if values.dtype.is_integer() and value == int(value):
        return values.fill_null(int(value))
    return (values.cast(pl.Float64) if values.dtype.is_numeric() else values).fill_null(value)
