"""The working side of the Keras learner."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from mhub_core.training.engine import by_row, fit, stored
from mhub_core.training.records import Outcome, Report, RunSpec


class KerasPredictor:
    """A kept network. A wide layer times all rows may be larger than memory, so they go through it in pieces."""

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self._size = stored.rows_at_once(model)
        self.is_by_row = by_row.is_by_row(model)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the network's outputs."""
        pieces = [
            np.asarray(self._model.predict_on_batch(x[first : first + self._size])) for first in range(0, len(x), self._size)
        ]
        return np.concatenate(pieces)


class KerasEngine:
    """Trains networks and loads them."""

    def warm_up(self) -> None:
        """Start the back end."""
        fit.warm_up()

    def fit(self, spec: RunSpec, report: Report, folder: Path) -> Outcome:
        """Train a network."""
        return fit.fit(spec, report, folder)

    def load(self, path: Path) -> KerasPredictor:
        """Return a kept network."""
        return KerasPredictor(stored.read(path))
