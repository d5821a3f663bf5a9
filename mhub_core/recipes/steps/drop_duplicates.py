"""Drop rows that repeat another."""

from __future__ import annotations

import polars as pl

from mhub_core.recipes.fields import Field
from mhub_core.recipes.step import Params, Step, listed


class DropDuplicates(Step):
    """Keep one of the rows that are the same."""

    name, title = "drop_duplicates", "Drop duplicate rows"
    help = "Of rows that are the same the first stays, a training row before a test row: no test row repeats one of training."
    fields = (Field("columns", "Same in", "columns", optional=True, help="Empty: in all columns."),)
    changes_rows = True
    offers_target = True

    def keep(self, frame: pl.DataFrame, params: Params, train: pl.Series) -> pl.Series:
        """Look at the training rows first, so that which of them stay depends on no test row."""
        names = params["columns"] or frame.columns
        ordered = frame.select(names).with_columns(train.alias("\0train")).with_row_index("\0row")
        ordered = ordered.sort("\0train", "\0row", descending=[True, False])
        first = ordered.unique(names, keep="first", maintain_order=True)["\0row"]
        return pl.int_range(frame.height, dtype=pl.UInt32, eager=True).is_in(first.implode())

    def words(self, params: Params) -> str:
        """Say by what."""
        return f"Drop duplicate rows{' by ' + listed(params['columns']) if params['columns'] else ''}"
