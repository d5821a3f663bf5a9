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
        smoothed = _mean if params["how"] == "mean" else _median
        lines = [smoothed(channel, int(params["window"])) for channel in values.T]
        return np.where(np.isnan(values), np.nan, np.stack(lines, axis=1))

    def words(self, params: Params) -> str:
        """Say how."""
        return f"Smooth{of_channels(params)} by the {params['how']} of {number(params['window'])} steps"


def _mean(line: np.ndarray, window: int) -> np.ndarray:
    """Return the means of the values that are there, NaN where none is."""
    is_there, half = ~np.isnan(line), window // 2
    sums, counts = (np.convolve(one, np.ones(window))[half : half + len(line)] for one in (np.where(is_there, line, 0), is_there))
    means: np.ndarray = np.divide(sums, counts, out=np.full(len(line), np.nan), where=counts > 0)
    return means


def _median(line: np.ndarray, window: int) -> np.ndarray:
    known = pl.Series(line).fill_nan(None)
    return known.rolling_median(window, min_samples=1, center=True).fill_null(float("nan")).to_numpy()
