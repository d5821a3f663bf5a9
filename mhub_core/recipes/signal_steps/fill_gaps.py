"""Missing values of series get a value."""

from __future__ import annotations

import numpy as np

from mhub_core.data import signal
from mhub_core.recipes.fields import Field
from mhub_core.recipes.signal_step import CHANNELS, SignalStep, of_channels
from mhub_core.recipes.step import Params, State, number

_HOW = {
    "forward": "The value before",
    "line": "The line between the neighbours",
    "mean": "The mean of the channel in the training series",
    "constant": "A number",
}
_WORDS = {"forward": "the value before", "line": "the line between the neighbours", "mean": "the mean of the channel"}


class FillGaps(SignalStep):
    """Fill the gaps of each series."""

    name, title = "fill_gaps", "Fill missing values"
    help = "Where nothing stands before or beside a gap, the next known value is taken. Without this step gaps become lines."
    fields = (
        CHANNELS,
        Field("how", "Fill with", "choice", "forward", tuple(_HOW.items())),
        Field("value", "Number", "number", 0.0, shown_if=("how", ("constant",))),
    )

    def fit(self, train: np.ndarray, params: Params) -> State:
        """Learn the mean of each channel; of one without a value it is 0."""
        if params["how"] != "mean":
            return {}
        known = ~np.isnan(train)
        counts = np.maximum(known.sum(axis=0), 1)
        return {"means": (np.where(known, train, 0).sum(axis=0) / counts).tolist()}

    def apply(self, values: np.ndarray, params: Params, state: State) -> np.ndarray:
        """Fill one series."""
        gaps = np.isnan(values)
        if params["how"] in ("mean", "constant"):
            return np.where(gaps, params["value"] if params["how"] == "constant" else np.array(state["means"]), values)
        if params["how"] == "line" or not gaps.any():
            return signal.filled(values)
        last = np.maximum.accumulate(np.where(gaps, -1, np.arange(len(values))[:, None]), axis=0)
        before = np.take_along_axis(values, np.maximum(last, 0), axis=0)
        return signal.filled(np.where(gaps & (last >= 0), before, values))

    def words(self, params: Params) -> str:
        """Say with what."""
        what = number(params["value"]) if params["how"] == "constant" else _WORDS[params["how"]]
        return f"Fill missing values{of_channels(params)} with {what}"
