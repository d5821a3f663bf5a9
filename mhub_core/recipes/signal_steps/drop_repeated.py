"""Drop series that repeat another."""

from __future__ import annotations

import polars as pl

from mhub_core.recipes.signal_step import CONTENT
from mhub_core.recipes.step import Params, Step
from mhub_core.recipes.steps.drop_duplicates import DropDuplicates


class DropRepeated(Step):
    """Keep one of the series whose values are the same."""

    name, title = "drop_repeated", "Drop repeated series"
    help = "Of series of the same values the first stays, a training series before one of the test."
    fields = ()
    changes_rows = True

    def keep(self, frame: pl.DataFrame, params: Params, train: pl.Series) -> pl.Series:
        """Compare all values."""
        return DropDuplicates().keep(frame, {"columns": [CONTENT]}, train)

    def words(self, params: Params) -> str:
        """Say it."""
        return "Drop repeated series"
