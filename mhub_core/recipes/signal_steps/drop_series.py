"""Drop series that tell too little."""

from __future__ import annotations

import polars as pl

from mhub_core.recipes.fields import Columns, Field
from mhub_core.recipes.signal_step import MISSING, STEPS
from mhub_core.recipes.step import Params, Step, number


class DropSeries(Step):
    """Keep the series that have so many steps and values."""

    name, title = "drop_series", "Drop short or patchy series"
    help = "Predictions are still made for such series."
    fields = (
        Field("least", "Steps at least", "number", optional=True),
        Field("missing", "Missing values at most (percent)", "number", 50.0, optional=True),
    )
    changes_rows = True

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """One bound at least."""
        if params.get("least") is None and params.get("missing") is None:
            return {"least": "give one of both"}
        missing = params.get("missing")
        return {} if missing is None or 0 <= missing <= 100 else {"missing": "must be from 0 to 100"}

    def keep(self, frame: pl.DataFrame, params: Params, train: pl.Series) -> pl.Series:
        """Compare what is known of each."""
        kept = pl.repeat(True, frame.height, eager=True)
        if params["least"] is not None:
            kept &= frame[STEPS] >= params["least"]
        if params["missing"] is not None:
            kept &= frame[MISSING] * 100 <= params["missing"]
        return kept

    def words(self, params: Params) -> str:
        """Say the bounds."""
        told = [f"fewer than {number(params['least'])} steps"] if params["least"] is not None else []
        told += [f"over {number(params['missing'])} % missing values"] if params["missing"] is not None else []
        return f"Drop series with {' or '.join(told)}"
