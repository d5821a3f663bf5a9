"""Dates become their parts."""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from mhub_core.recipes.fields import DATE, NUMBER, Columns, Field
from mhub_core.recipes.step import Params, State, Step

_PARTS = {
    "year": "Year",
    "month": "Month, 1 to 12",
    "day": "Day of the month",
    "weekday": "Day of the week, Monday is 1",
    "hour": "Hour",
    "days": "Days since the first training row",
    "month_cycle": "Month on a circle: December is next to January",
    "weekday_cycle": "Day of the week on a circle",
    "hour_cycle": "Hour on a circle: 23 is next to 0",
}
_LENGTHS = {"month": 12, "weekday": 7, "hour": 24}
_SECONDS_A_DAY = 86_400


class DateParts(Step):
    """Put numbers in place of a date: what a model, a chart or a later step needs of it."""

    name, title = "date_parts", "Parts of dates"
    help = "Models get the usual parts of a date in any case; choose here which, and what stands on a circle."
    fields = (
        Field("column", "Column of dates", "column", of=DATE),
        Field("parts", "Parts", "choices", ("year", "month", "weekday"), tuple(_PARTS.items())),
        Field("date", "The date itself", "choice", "drop", (("drop", "Is left out"), ("keep", "Stays"))),
    )

    def after(self, params: Params, columns: Columns) -> dict[str, Any]:
        """A column of numbers for each part, two for a circle."""
        left = {name: what for name, what in columns.items() if name != params["column"] or params["date"] == "keep"}
        return left | {name: NUMBER for name in self.made(params)}

    def changed(self, params: Params) -> list[str]:
        """The one column."""
        return [params["column"]]

    def made(self, params: Params) -> list[str]:
        """Their names."""
        return [name for part in params["parts"] for name in _names(params["column"], part)]

    def former(self, params: Params, state: State) -> dict[str, str]:
        """All came from the one."""
        return {name: params["column"] for name in self.made(params)}

    def fit(self, train: pl.DataFrame, params: Params) -> State:
        """Learn the first day."""
        first = train[params["column"]].dt.epoch("s").min()
        return {"first": None if first is None else int(first) // _SECONDS_A_DAY}

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Take it apart."""
        values = frame[params["column"]]
        found = [column for part in params["parts"] for column in _columns(values, part, state["first"])]
        left = frame if params["date"] == "keep" else frame.drop(params["column"])
        return left.with_columns(found)

    def words(self, params: Params) -> str:
        """Say which."""
        parts = ", ".join(part.replace("_cycle", " on a circle") for part in params["parts"])
        return f"Take {parts} of “{params['column']}”"


def _names(column: str, part: str) -> list[str]:
    of_circle = part.removesuffix("_cycle")
    return [f"{column} {part}"] if of_circle == part else [f"{column} {of_circle} {side}" for side in ("sine", "cosine")]


def _columns(values: pl.Series, part: str, first: int | None) -> list[pl.Series]:
    names, of_circle = _names(values.name, part), part.removesuffix("_cycle")
    if part == "days":
        days = values.dt.epoch("s").cast(pl.Float64) / _SECONDS_A_DAY - (first or 0)
        return [days.floor().cast(pl.Int64).alias(names[0])]
    whole: pl.Series = getattr(values.dt, of_circle)().cast(pl.Int64)
    if of_circle == part:
        return [whole.alias(names[0])]
    angles = whole.cast(pl.Float64) * (2 * math.pi / _LENGTHS[of_circle])
    return [angles.sin().alias(names[0]), angles.cos().alias(names[1])]
