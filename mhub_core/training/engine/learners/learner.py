"""What workers ask of a learner: to learn, and to load what was learned."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np

from mhub_core.training.records import Outcome, Report, RunSpec


class Predictor(Protocol):
    """A model that was learned, in memory. It answers one caller at a time.

    `is_by_row`: what it says of an example is the same whatever examples stand beside it. Then questions of several people may
    be put to it together.
    """

    is_by_row: bool

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return float outputs for some examples, one for each, as the task of the data reads them (`Task.output` says their
        shape): probabilities that add up to 1 for a class, numbers in the target's own unit for a number.

        `x` is what the kind of the data keeps: float32 rows, images as uint8 from 0 to 255.
        """


class LearnerEngine(Protocol):
    """The working side of a learner."""

    def warm_up(self) -> None:
        """Get ready before a run is there, so that the first one begins at once."""

    def fit(self, spec: RunSpec, report: Report, folder: Path) -> Outcome:
        """Learn, measure on the hidden test split (`engine.measuring`), and leave the model as one file in the folder.

        `engine.rows.open_arrays` opens the data. Once `report.should_stop()` is true it ends early, in the state "stopped"; what
        was learned by then is measured and kept all the same. Raises MHubError.
        """

    def load(self, path: Path) -> Predictor:
        """Return the model of a file that `fit` left. The file's name says nothing, and it may go once this returns."""
