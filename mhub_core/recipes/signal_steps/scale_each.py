"""Each series is scaled by itself."""

from __future__ import annotations

import numpy as np

from mhub_core.recipes.fields import Field
from mhub_core.recipes.signal_step import CHANNELS, SignalStep, of_channels
from mhub_core.recipes.step import Params, State

_HOW = {
    "standardise": "Mean 0 and deviation 1",
    "range": "Minimum 0 and maximum 1",
    "center": "Mean 0",
}
_WORDS = {
    "standardise": "Bring each series{} to mean 0 and deviation 1 by itself",
    "range": "Bring each series{} to 0 … 1 by itself",
    "center": "Take the mean off each series{}",
}


class ScaleEach(SignalStep):
    """Take level and size off each channel of each series, so that its shape is left."""

    name, title = "scale_each", "Scale each series by itself"
    help = "For data in which the shape matters and neither the level nor the size does, such as recordings of different devices."
    fields = (CHANNELS, Field("how", "Each series then has", "choice", "standardise", tuple(_HOW.items())))

    def apply(self, values: np.ndarray, params: Params, state: State) -> np.ndarray:
        """Scale one series; a channel without a value stays so, one that never changes becomes 0."""
        known = ~np.isnan(values).all(axis=0)
        scaled, there = values.copy(), values[:, known]
        if params["how"] == "range":
            origin = np.nanmin(there, axis=0)
            spread = np.nanmax(there, axis=0) - origin
        else:
            origin = np.nanmean(there, axis=0)
            spread = np.nanstd(there, axis=0) if params["how"] == "standardise" else np.ones(there.shape[1])
        spread = np.where(spread > np.abs(origin) * 1e-12, spread, 1.0)
        scaled[:, known] = (there - origin) / spread
        return scaled

    def words(self, params: Params) -> str:
        """Say to what."""
        return _WORDS[params["how"]].format(of_channels(params))
