"""Rare categories become one."""

from __future__ import annotations

import polars as pl

from mhub_core.recipes.fields import TEXT, Columns, Field
from mhub_core.recipes.step import Params, State, Step, listed, number


class GroupRare(Step):
    """Put the categories that few training rows have together."""

    name, title = "group_rare", "Group rare categories"
    help = "Also a category that no training row has counts as rare, so a model has an answer for new ones."
    fields = (
        Field("columns", "Columns", "columns", of=TEXT),
        Field("share", "Rare means fewer training rows than (percent)", "number", 1.0),
        Field("name", "Name of the group", "text", "other"),
    )

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """A share of the rows."""
        return {} if 0 < params.get("share", 1) <= 50 else {"share": "must be above 0 and at most 50"}

    def fit(self, train: pl.DataFrame, params: Params) -> State:
        """Learn which categories are frequent."""
        least = train.height * params["share"] / 100
        return {"frequent": {name: _frequent(train[name], least) for name in params["columns"]}}

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Rename the others; what is missing stays so."""
        return frame.with_columns(
            pl.when(pl.col(name).is_null() | pl.col(name).is_in(frequent)).then(pl.col(name)).otherwise(pl.lit(params["name"]))
            for name, frequent in state["frequent"].items()
        )

    def words(self, params: Params) -> str:
        """Say which are rare."""
        return f"Group categories of {listed(params['columns'])} below {number(params['share'])} % as “{params['name']}”"


def _frequent(values: pl.Series, least: float) -> list[str]:
    counts = values.alias("text").drop_nulls().value_counts(name="rows")
    return counts.filter(pl.col("rows") >= least)["text"].sort().to_list()
