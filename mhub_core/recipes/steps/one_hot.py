"""Categories become columns of 0 and 1."""

from __future__ import annotations

from typing import Any

import polars as pl

from mhub_core.recipes.fields import TEXT, Columns, Field
from mhub_core.recipes.step import Params, State, Step, listed, new_name

_MOST = 200


class OneHot(Step):
    """Put a column of 0 and 1 for each frequent category in place of a column of text."""

    name, title = "one_hot", "Encode categories: one-hot"
    help = "A column for each category of the training rows, the most frequent first; other and missing ones are 0 in all."
    fields = (
        Field("columns", "Columns", "columns", of=TEXT),
        Field("most", "Maximum columns per column", "number", 20.0),
    )
    makes_columns = True

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """A whole number."""
        most = params.get("most", 1)
        return {} if most == int(most) and 1 <= most <= _MOST else {"most": f"must be a whole number from 1 to {_MOST}"}

    def after(self, params: Params, columns: Columns) -> dict[str, Any]:
        """The new ones have the names of what is found."""
        return {name: what for name, what in columns.items() if name not in params["columns"]}

    def former(self, params: Params, state: State) -> dict[str, str]:
        """Each came from one of the columns."""
        return {made: name for name, found in state["categories"].items() for _, made in found}

    def fit(self, train: pl.DataFrame, params: Params) -> State:
        """Learn the most frequent categories, and name their columns."""
        taken = list(train.columns)
        found: dict[str, list[list[str]]] = {}
        for name in params["columns"]:
            found[name] = []
            for category in frequent(train[name], int(params["most"])):
                found[name].append([category, new_name(f"{name}={category}"[:200], taken)])
                taken.append(found[name][-1][1])
        return {"categories": found}

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Compare with each category."""
        made = [
            (pl.col(name) == category).fill_null(False).cast(pl.Int64).alias(column)
            for name, found in state["categories"].items()
            for category, column in found
        ]
        return frame.with_columns(made).drop(params["columns"])

    def words(self, params: Params) -> str:
        """Say which."""
        return f"Encode {listed(params['columns'])} as one-hot columns"


def frequent(values: pl.Series, most: int | None = None) -> list[str]:
    """Return the categories of a column, the most frequent first, of equally frequent ones by name."""
    counts = values.alias("text").drop_nulls().value_counts(name="rows").sort("rows", "text", descending=[True, False])
    found = counts["text"].to_list()
    return found[:most]
