"""What workers ask of a learner: to learn, and to load what was learned."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np

from mhub_core.training.records import Outcome, Report, RunSpec


class Predictor(Protocol):
    """A model that was learned, in memory. It answers one caller at a time."""

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the outputs for some examples, one for each, as the task of the data reads them."""


class LearnerEngine(Protocol):
    """The working side of a learner."""

    def warm_up(self) -> None:
        """Get ready before a run is there, so that the first one begins at once."""

    def fit(self, spec: RunSpec, report: Report, folder: Path) -> Outcome:
        """Learn, measure on the hidden test split, and leave the model as one file in the folder. Raises MHubError."""

    def load(self, path: Path) -> Predictor:
        """Return the model of a file that `fit` left. The file's name says nothing, and it may go once this returns."""
