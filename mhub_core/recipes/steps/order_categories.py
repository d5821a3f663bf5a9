"""Categories that have an order become their place in it."""

from __future__ import annotations

from typing import Any

import polars as pl

from mhub_core.recipes.fields import NUMBER, TEXT, Columns, Field
from mhub_core.recipes.step import Params, State, Step
from mhub_core.recipes.steps.ordinal import places


class OrderCategories(Step):
    """Replace a category by its place in an order that a person gives."""

    name, title = "order_categories", "Order of categories"
    help = "For sizes, grades, answers from “never” to “always”: a model then knows that one is more than the other."
    fields = (
        Field("column", "Column", "column", of=TEXT),
        Field(
            "order",
            "Categories from the least to the most, one in a line",
            "lines",
            help="They become 0, 1, 2 … Those that are not listed become missing.",
        ),
    )

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """Two categories at least, each once."""
        order = _order(params)
        if len(order) < 2:
            return {"order": "list at least two categories"}
        return {} if len(set(order)) == len(order) else {"order": "a category stands there twice"}

    def after(self, params: Params, columns: Columns) -> dict[str, Any]:
        """A number."""
        return {name: NUMBER if name == params["column"] else what for name, what in columns.items()}

    def changed(self, params: Params) -> list[str]:
        """The one column."""
        return [params["column"]]

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Look each up."""
        return frame.with_columns(places(frame[params["column"]], _order(params)))

    def words(self, params: Params) -> str:
        """Say the order."""
        return f"Order “{params['column']}”: {' < '.join(_order(params)[:8])}{' < …' if len(_order(params)) > 8 else ''}"


def _order(params: Params) -> list[str]:
    return [line.strip() for line in params.get("order", "").splitlines() if line.strip()]
