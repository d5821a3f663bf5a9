"""Noise of series is evened out."""

from __future__ import annotations

import numpy as np
import polars as pl

from mhub_core.recipes.fields import Columns, Field
from mhub_core.recipes.signal_step import CHANNELS, SignalStep, of_channels
from mhub_core.recipes.step import Params, State, number

MAX_WINDOW = 1_001


class Smooth(SignalStep):
    """Put the mean or the median of neighbours in the place of each value. What is missing stays missing."""

    name, title = "smooth", "Smooth"
    help = "A mean takes away noise, a median single peaks. At the ends the neighbours that are there count."
    fields = (
        CHANNELS,
        Field("how", "Take of the neighbours the", "choice", "mean", (("mean", "Mean"), ("median", "Median"))),
        Field("window", "Steps together", "number", 5.0, help="How many neighbours count, the step itself in their middle."),
    )

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """An odd number, so that there is a middle."""
        window = params.get("window", 3)
        is_good = window == int(window) and window % 2 == 1 and 3 <= window <= MAX_WINDOW
        return {} if is_good else {"window": f"must be an odd number from 3 to {MAX_WINDOW:,}"}

    def apply(self, values: np.ndarray, params: Params, state: State) -> np.ndarray:
        """Smooth one series."""
        roll = pl.Series.rolling_mean if params["how"] == "mean" else pl.Series.rolling_median
        lines = (pl.Series(channel).fill_nan(None) for channel in values.T)
        rolled = [roll(line, int(params["window"]), min_samples=1, center=True).to_numpy() for line in lines]
        return np.where(np.isnan(values), np.nan, np.stack(rolled, axis=1))

    def words(self, params: Params) -> str:
        """Say how."""
        return f"Smooth{of_channels(params)} by the {params['how']} of {number(params['window'])} steps"
