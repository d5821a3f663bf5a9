"""Bring numbers to one scale."""

from __future__ import annotations

import polars as pl

from mhub_core.recipes.fields import NUMBER, Field
from mhub_core.recipes.step import Params, State, Step, listed

_WORDS = {
    "normalise": "Normalise {} to 0 … 1",
    "standardise": "Standardise {}",
    "robust": "Scale {} by median and quartiles",
}


class Scale(Step):
    """Move numbers to a common origin and divide them by their spread."""

    name, title = "scale", "Scale numbers"
    help = (
        "Minimum, mean, quartiles and so on are those of the training rows. Numbers are standardised for every model in any "
        "case, so this changes what you see and combine more than what a model learns."
    )
    fields = (
        Field("columns", "Columns", "columns", of=NUMBER),
        Field(
            "how",
            "How",
            "choice",
            "standardise",
            (
                ("standardise", "Standardise: mean 0, deviation 1"),
                ("normalise", "Normalise: minimum 0, maximum 1"),
                ("robust", "Robust: median 0, distance of the quartiles 1 (for outliers)"),
            ),
        ),
    )

    def fit(self, train: pl.DataFrame, params: Params) -> State:
        """Learn origin and spread of each column."""
        return {"scales": {name: _scale(train[name].cast(pl.Float64), params["how"]) for name in params["columns"]}}

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Scale."""
        return frame.with_columns(
            ((pl.col(name).cast(pl.Float64) - origin) / spread).alias(name) for name, (origin, spread) in state["scales"].items()
        )

    def words(self, params: Params) -> str:
        """Say how."""
        return _WORDS[params["how"]].format(listed(params["columns"]))


def _scale(values: pl.Series, how: str) -> list[float]:
    """Return origin and spread; a column without a spread keeps its scale."""
    if values.drop_nulls().is_empty():
        return [0.0, 1.0]
    if how == "normalise":
        origin, spread = values.min(), values.max() - values.min()  # type: ignore[operator]
    elif how == "robust":
        low, high = (values.quantile(share, "linear") for share in (0.25, 0.75))
        origin, spread = values.median(), high - low  # type: ignore[operator]
    else:
        origin, spread = values.mean(), values.std(ddof=0)
    return [float(origin or 0.0), float(spread or 1.0)]  # type: ignore[arg-type]
