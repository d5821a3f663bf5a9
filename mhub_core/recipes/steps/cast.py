"""Turn numbers into categories, and text into numbers."""

from __future__ import annotations

import polars as pl

from mhub_core.recipes.fields import NUMBER, TEXT, Columns, Field
from mhub_core.recipes.step import Params, State, Step, listed

_SECONDS_A_DAY = 86_400


class Cast(Step):
    """Let columns hold something else."""

    name, title = "cast", "Change the type of columns"
    help = "Numbers that only name something, such as a postcode, learn better as categories."
    fields = (
        Field("columns", "Columns", "columns"),
        Field(
            "to",
            "Into",
            "choice",
            TEXT,
            ((TEXT, "Categories (text)"), (NUMBER, "Numbers (text that is not a number counts as missing; dates become days)")),
        ),
    )

    def after(self, params: Params, columns: Columns) -> dict[str, str]:
        """All of them hold the same."""
        return {name: params["to"] if name in params["columns"] else what for name, what in columns.items()}

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Cast."""
        do = _as_text if params["to"] == TEXT else _as_number
        return frame.with_columns(do(frame[name]) for name in params["columns"])

    def words(self, params: Params) -> str:
        """Say into what."""
        return f"Turn {listed(params['columns'])} into {'categories' if params['to'] == TEXT else 'numbers'}"


def _as_text(values: pl.Series) -> pl.Series:
    """Return 3 for 3.0, so that rows for a prediction, which come as floats, get the category of the rows that were whole."""
    if values.dtype.is_temporal():
        return values.dt.strftime("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")
    if not values.dtype.is_float():
        return values.cast(pl.String)
    is_whole = (values == values.round(0)) & (values.abs() < 2**53)
    whole = values.set(~is_whole.fill_null(False), None).cast(pl.Int64).cast(pl.String)
    return whole.zip_with(is_whole.fill_null(False), values.cast(pl.String)).alias(values.name)


def _as_number(values: pl.Series) -> pl.Series:
    if values.dtype.is_temporal():
        return values.dt.epoch("s").cast(pl.Float64) / _SECONDS_A_DAY
    return values if values.dtype.is_numeric() else values.str.strip_chars().cast(pl.Float64, strict=False).fill_nan(None)
