"""All series get one number of steps."""

from __future__ import annotations

import numpy as np

from mhub_core.data import signal
from mhub_core.data.signal import MAX_STEPS
from mhub_core.recipes.fields import Columns, Field
from mhub_core.recipes.signal_step import SignalStep
from mhub_core.recipes.step import Params, State, number

_HOW = {
    "resample": "Stretch or condense each series",
    "end": "Keep the beginning: cut off or fill up the end",
    "start": "Keep the end: cut off or fill up the beginning",
}
_WORDS = {
    "resample": "Bring each series to {} steps by stretching or condensing",
    "end": "Take the first {} steps",
    "start": "Take the last {} steps",
}


class Length(SignalStep):
    """Resample, cut off or fill up."""

    name, title = "series_length", "Change the number of steps"
    help = "Condensing takes means of neighbours, stretching the line between them. What a model is asked about changes alike."
    fields = (
        Field("how", "How", "choice", "resample", tuple(_HOW.items())),
        Field("steps", "Steps", "number"),
        Field(
            "fill",
            "Fill up with",
            "choice",
            "edge",
            (("edge", "The value at the edge"), ("zero", "0")),
            shown_if=("how", ("end", "start")),
        ),
    )

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """Two steps at least."""
        steps = params.get("steps", 2)
        return (
            {}
            if steps == int(steps) and 2 <= steps <= MAX_STEPS
            else {"steps": f"must be a whole number from 2 to {MAX_STEPS:,}"}
        )

    def length(self, params: Params) -> int:
        """As many as was chosen."""
        return int(params["steps"])

    def apply(self, values: np.ndarray, params: Params, state: State) -> np.ndarray:
        """Bring one series to the length."""
        length = int(params["steps"])
        if params["how"] == "resample":
            return signal.stretched(signal.filled(values), length) if len(values) != length else values
        kept = values[:length] if params["how"] == "end" else values[-length:]
        added = (0, length - len(kept)) if params["how"] == "end" else (length - len(kept), 0)
        if params["fill"] == "edge":
            return np.pad(kept, (added, (0, 0)), mode="edge")
        return np.pad(kept, (added, (0, 0)))

    def words(self, params: Params) -> str:
        """Say how."""
        return _WORDS[params["how"]].format(number(params["steps"]))
