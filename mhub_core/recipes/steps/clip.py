"""Clip numbers to bounds."""

from __future__ import annotations

import polars as pl

from mhub_core.recipes.fields import NUMBER, Columns, Field
from mhub_core.recipes.step import Params, State, Step, listed, number


class Clip(Step):
    """Pull values beyond two bounds to the nearer one."""

    name, title = "clip", "Clip outliers"
    help = "Percentiles are those of the training rows."
    fields = (
        Field("columns", "Columns", "columns", of=NUMBER),
        Field("by", "Bounds are", "choice", "percentiles", (("percentiles", "Percentiles"), ("values", "Values"))),
        Field("lower", "Lower bound", "number", 1.0, optional=True),
        Field("upper", "Upper bound", "number", 99.0, optional=True),
    )

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """One bound at least; the lower one below the other."""
        lower, upper = params.get("lower"), params.get("upper")
        if lower is None and upper is None:
            return {"lower": "give a lower or an upper bound"}
        if lower is not None and upper is not None and lower >= upper:
            return {"upper": "must be above the lower bound"}
        if params.get("by") == "percentiles":
            return {
                name: "must be from 0 to 100"
                for name, bound in (("lower", lower), ("upper", upper))
                if bound is not None and not 0 <= bound <= 100
            }
        return {}

    def fit(self, train: pl.DataFrame, params: Params) -> State:
        """Learn the bounds of each column."""
        return {
            "bounds": {name: [_bound(train[name], params, side) for side in ("lower", "upper")] for name in params["columns"]}
        }

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Clip."""
        return frame.with_columns(frame[name].cast(pl.Float64).clip(*bounds) for name, bounds in state["bounds"].items())

    def words(self, params: Params) -> str:
        """Say the bounds."""
        of = "percentile " if params["by"] == "percentiles" else ""
        bounds = (("from", params.get("lower")), ("to", params.get("upper")))
        said = [f"{side} {of}{number(bound)}" for side, bound in bounds if bound is not None]
        return f"Clip {listed(params['columns'])} {' '.join(said)}"


def _bound(values: pl.Series, params: Params, side: str) -> float | None:
    bound: float | None = params.get(side)
    if bound is None or params["by"] == "values":
        return bound
    return values.cast(pl.Float64).quantile(bound / 100, "linear")
