"""Drop columns."""

from __future__ import annotations

import polars as pl

from mhub_core.recipes.fields import Columns, Field
from mhub_core.recipes.step import Params, State, Step, listed


class DropColumns(Step):
    """Take columns out of the table."""

    name, title = "drop_columns", "Drop columns"
    help = "A model that is trained on the new version does not ask for them."
    fields = (Field("columns", "Columns", "columns"),)

    def after(self, params: Params, columns: Columns) -> dict[str, str]:
        """The others are left."""
        return {name: what for name, what in columns.items() if name not in params["columns"]}

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Drop."""
        return frame.drop(params["columns"])

    def words(self, params: Params) -> str:
        """Say which."""
        return f"Drop {listed(params['columns'])}"
