"""Rename a column."""

from __future__ import annotations

import polars as pl

from mhub_core.recipes.fields import Columns, Field
from mhub_core.recipes.step import Params, State, Step


class Rename(Step):
    """Call a column otherwise."""

    name, title = "rename", "Rename a column"
    help = "Rows for a prediction keep the names of the uploaded file."
    fields = (Field("column", "Column", "column"), Field("to", "New name", "text"))

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """Two columns cannot have one name."""
        taken = params.get("to") in columns and params.get("to") != params.get("column")
        return {"to": "is the name of another column"} if taken else {}

    def after(self, params: Params, columns: Columns) -> dict[str, str]:
        """In its place stands the new name."""
        return {params["to"] if name == params["column"] else name: what for name, what in columns.items()}

    def changed(self, params: Params) -> list[str]:
        """The one column."""
        return [params["column"]]

    def former(self, params: Params, state: State) -> dict[str, str]:
        """The old name by the new one."""
        return {params["to"]: params["column"]}

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Rename."""
        return frame.rename({params["column"]: params["to"]})

    def words(self, params: Params) -> str:
        """Say both names."""
        return f"Rename “{params['column']}” to “{params['to']}”"
