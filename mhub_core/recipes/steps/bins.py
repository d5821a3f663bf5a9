"""Numbers become ranges."""

from __future__ import annotations

import polars as pl

from mhub_core.recipes.fields import NUMBER, TEXT, Columns, Field
from mhub_core.recipes.step import Params, State, Step, number

_MOST = 50


class Bins(Step):
    """Replace a number by the range that it lies in."""

    name, title = "bins", "Numbers into ranges"
    help = "Borders are found on the training rows; values beyond the first or last border belong to the outer ranges."
    fields = (
        Field("column", "Column", "column", of=NUMBER),
        Field("number", "Number of ranges", "number", 5.0),
        Field("by", "Ranges are", "choice", "rows", (("rows", "Equally full"), ("width", "Equally wide"))),
    )

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """A whole number of ranges."""
        wanted = params.get("number", 2)
        return {} if wanted == int(wanted) and 2 <= wanted <= _MOST else {"number": f"must be a whole number from 2 to {_MOST}"}

    def after(self, params: Params, columns: Columns) -> dict[str, str]:
        """A range is a category."""
        return {name: TEXT if name == params["column"] else what for name, what in columns.items()}

    def changed(self, params: Params) -> list[str]:
        """The one column."""
        return [params["column"]]

    def fit(self, train: pl.DataFrame, params: Params) -> State:
        """Learn the borders between the ranges."""
        values = train[params["column"]].cast(pl.Float64).drop_nulls()
        parts = [part / int(params["number"]) for part in range(1, int(params["number"]))]
        if values.is_empty():
            return {"borders": []}
        if params["by"] == "rows":
            borders = [values.quantile(part, "linear") for part in parts]
        else:
            low, high = values.min(), values.max()
            borders = [low + part * (high - low) for part in parts]
        return {"borders": sorted({float(f"{border:.6g}") for border in borders if border is not None})}

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Name the range of each value."""
        name, borders = params["column"], state["borders"]
        if not borders:
            return frame.with_columns(pl.when(pl.col(name).is_not_null()).then(pl.lit("any")).alias(name))
        between = [f"{number(low)} to {number(high)}" for low, high in zip(borders, borders[1:], strict=False)]
        labels = [f"below {number(borders[0])}", *between, f"{number(borders[-1])} or more"]
        ranges = frame[name].cast(pl.Float64).cut(borders, labels=labels, left_closed=True)
        return frame.with_columns(ranges.cast(pl.String).alias(name))

    def words(self, params: Params) -> str:
        """Say how many."""
        how = "equally full" if params["by"] == "rows" else "equally wide"
        return f"Turn “{params['column']}” into {int(params['number'])} {how} ranges"
