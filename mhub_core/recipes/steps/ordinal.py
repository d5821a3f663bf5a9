"""Categories become whole numbers."""

from __future__ import annotations

from typing import Any

import polars as pl

from mhub_core.recipes.fields import NUMBER, TEXT, Columns, Field
from mhub_core.recipes.step import Params, State, Step, listed


class Ordinal(Step):
    """Number the categories of a column by the alphabet."""

    name, title = "ordinal", "Encode categories: numbers"
    help = (
        "0, 1, 2 … by the alphabet. A category that no training row has becomes missing. For sizes and grades choose “Order of "
        "categories”."
    )
    fields = (Field("columns", "Columns", "columns", of=TEXT),)

    def after(self, params: Params, columns: Columns) -> dict[str, Any]:
        """Numbers."""
        return {name: NUMBER if name in params["columns"] else what for name, what in columns.items()}

    def fit(self, train: pl.DataFrame, params: Params) -> State:
        """Learn the categories in their order."""
        return {"categories": {name: train[name].drop_nulls().unique().sort().to_list() for name in params["columns"]}}

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Number them."""
        return frame.with_columns(places(frame[name], found) for name, found in state["categories"].items())

    def words(self, params: Params) -> str:
        """Say which."""
        return f"Encode {listed(params['columns'])} as numbers by the alphabet"


def places(values: pl.Series, categories: list[str]) -> pl.Series:
    """Return the place of each category among others, int64, null for one that is not there."""
    numbers = pl.Series(range(len(categories)), dtype=pl.Int64)
    return values.replace_strict(pl.Series(categories, dtype=pl.String), numbers, default=None, return_dtype=pl.Int64)
