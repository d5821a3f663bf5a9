"""What a step for series is. A new one is a file in `signal_steps/` and a line in `registry.py`.

Steps for tables that change numbers do for series, too: the columns are the channels, the rows the steps of all series.
"""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from mhub_core.recipes.fields import NUMBER, Field
from mhub_core.recipes.step import AnyStep, Params, State, listed

# Of the table of series that steps choose from: beside the label, what is known of each.
STEPS, MISSING, CONTENT = "\0steps", "\0missing", "\0content"
CHANNELS = Field("columns", "Channels", "columns", of=NUMBER, optional=True, help="Empty: all channels.")


class SignalStep(AnyStep):
    """One step. A series is float64 `(steps, channels)`, NaN where a value is missing; a step gets the channels that were chosen
    of it."""

    def fit(self, train: np.ndarray, params: Params) -> State:
        """Return what the step needs to know of the steps of all training series, `(steps, channels)`."""
        return {}

    @abstractmethod
    def apply(self, values: np.ndarray, params: Params, state: State) -> np.ndarray:
        """Return one series after the step."""

    def length(self, params: Params) -> int | None:
        """Return how many steps all series have then; None: as many as before."""
        return None


def of_channels(params: Params) -> str:
    """Return in words of which channels, behind what is done."""
    names = params.get("columns") or []
    return f" of {listed(names)}" if names else ""
