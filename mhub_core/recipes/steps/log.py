"""The logarithm of numbers."""

from __future__ import annotations

import polars as pl

from mhub_core.recipes.fields import NUMBER, Columns, Field
from mhub_core.recipes.step import Params, State, Step, listed


class Log(Step):
    """Bring numbers of very different size together."""

    name, title = "log", "Logarithm"
    help = "Replaces x by log(1 + x), and a negative x by −log(1 − x): prices, populations and counts become comparable."
    fields = (Field("columns", "Columns", "columns", of=NUMBER),)

    def after(self, params: Params, columns: Columns) -> dict[str, str]:
        """Numbers stay numbers."""
        return dict(columns)

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Take it of the size, and keep the sign."""
        return frame.with_columns(
            (pl.col(name).cast(pl.Float64).abs().log1p() * pl.col(name).cast(pl.Float64).sign()).alias(name)
            for name in params["columns"]
        )

    def words(self, params: Params) -> str:
        """Say of what."""
        return f"Take the logarithm of {listed(params['columns'])}"
