"""Drop rows in which something is missing."""

from __future__ import annotations

import polars as pl

from mhub_core.recipes.fields import Field
from mhub_core.recipes.step import Params, Step, listed


class DropMissing(Step):
    """Keep the rows that have a value in each of some columns."""

    name, title = "drop_missing", "Drop rows with missing values"
    help = "A model is still asked about such rows: a missing value then counts as the mean, or as no category."
    fields = (Field("columns", "Columns", "columns", optional=True, help="Empty: any column."),)
    changes_rows = True
    offers_target = True

    def keep(self, frame: pl.DataFrame, params: Params, train: pl.Series) -> pl.Series:
        """Keep rows without a null."""
        names = params["columns"] or frame.columns
        return frame.select(pl.all_horizontal(pl.col(names).is_not_null()).alias("keep"))["keep"]

    def words(self, params: Params) -> str:
        """Say of which columns."""
        return f"Drop rows in which {listed(params['columns']) if params['columns'] else 'any column'} is missing"
