"""Regression: the answer is one number, in the target's own unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data.records import DataSpec, Frame
from mhub_core.errors import Invalid
from mhub_core.graphs.answer import NUMBER, Output
from mhub_core.tasks.task import Loss, Score

MAX_POINTS = 500
_FAR = 1e4  # standard deviations; float32 keeps seven digits


class Regression:
    """`y` is float64 `(examples,)`; `target` is `{"name", "mean", "std"}` of the train rows; a model gives `(batch, 1)`.

    A network learns the standardised target; the model that is kept answers in the target's own unit. Older versions hold `y`
    in float32.
    """

    name = "regression"
    title = "Regression"
    help = "predict a number"
    curve = Score("mae", "Mean absolute error", "How far off a prediction is on average.", False, ".4g")
    curve_help = (
        "The network learns the standardized target (mean 0, standard deviation 1), and the loss is measured on that. "
        "The MAE is in the unit of the target, like the scores."
    )
    batch_size = 32
    num_steps = 300
    hidden_share = "a fifth of all"
    num_examples = 0
    losses: tuple[Loss, ...] = (
        Loss(
            "mean_squared_error",
            "Mean squared error",
            "Large errors count much more than small ones. The usual choice.",
            "MeanSquaredError",
        ),
        Loss(
            "mean_absolute_error",
            "Mean absolute error",
            "Every unit of error counts the same: for data with outliers.",
            "MeanAbsoluteError",
        ),
        Loss("huber", "Huber", "Squared for small errors, absolute for large ones: between the two.", "Huber"),
        Loss("log_cosh", "Log-cosh", "Like Huber, but smooth everywhere.", "LogCosh"),
    )
    scores: tuple[Score, ...] = (
        Score(
            "rmse",
            "RMSE",
            "Root mean squared error: the usual size of an error, in the unit of the target. Large errors count more.",
            False,
            ".4g",
        ),
        Score(
            "mae",
            "MAE",
            "Mean absolute error: how far off a prediction is on average, in the unit of the target.",
            False,
            ".4g",
        ),
        Score(
            "r2",
            "R²",
            "Share of the target's variance that the model explains. 1 is perfect; 0 is no better than predicting the mean.",
        ),
    )

    def output(self, data: DataSpec) -> Output:
        """One number."""
        return NUMBER

    def read_column(self, values: pl.Series) -> tuple[np.ndarray, tuple[str, ...]]:
        """Return the numbers. Raises Invalid for text."""
        if values.dtype == pl.String:
            raise Invalid(
                f"The target {values.name!r} is text or a date.",
                "Regression needs a numeric target.",
                "Choose classification, or another target.",
            )
        return values.cast(pl.Float64).to_numpy(), ()

    def describe(self, name: str, y: np.ndarray, classes: Sequence[str], train: np.ndarray) -> dict[str, Any]:
        """Measure the target of the train rows."""
        seen = y[train].astype(np.float64)
        return {"name": name, "mean": float(seen.mean()), "std": float(seen.std()) or 1.0}

    def notes(self, y: np.ndarray, classes: Sequence[str]) -> list[str]:
        """Nothing."""
        return []

    def strata(self, y: np.ndarray) -> None:
        """Numbers make no groups."""
        return None

    def encode(self, y: np.ndarray, data: DataSpec, loss: Loss) -> np.ndarray:
        """Return the standardised target, float32."""
        return _standardised(y, data)

    def scorer(self, data: DataSpec) -> RegressionScorer:
        """Return what measures errors."""
        return RegressionScorer(data)

    def wrongness(self, truth: np.ndarray, output: np.ndarray) -> np.ndarray:
        """How far from the truth."""
        far: np.ndarray = np.abs(output[:, 0].astype(np.float64) - truth)
        return far

    def answer(self, output: np.ndarray, data: DataSpec, frame: Frame | None = None) -> dict[str, Any]:
        """Return the number."""
        return {"value": float(output[0])}

    def truth(self, y: Any, data: DataSpec) -> dict[str, Any]:
        """Return the number."""
        return {"value": float(y)}

    def truth_file(self, y: Any, data: DataSpec) -> None:
        """A number needs no file."""
        return None


def needs_float64(data: DataSpec) -> bool:
    """Return whether the target differs so little from its mean, as moments in seconds do, that float32 would lose it."""
    return bool(abs(data.target["mean"]) > _FAR * data.target["std"])


def _standardised(y: np.ndarray, data: DataSpec) -> np.ndarray:
    standardised: np.ndarray = ((y - data.target["mean"]) / data.target["std"]).astype(np.float32)
    return standardised


class RegressionScorer:
    """Errors in the target's own unit.

    `mae` is the mean absolute error, `rmse` the root of the mean squared error, `r2` the share of the variance that is explained
    (0 when the truth does not vary). The loss is none of them: it is that of the standardised target.
    """

    def __init__(self, data: DataSpec) -> None:
        self._data = data
        self._true: list[np.ndarray] = []
        self._predicted: list[np.ndarray] = []

    def add(self, truth: np.ndarray, output: np.ndarray) -> None:
        """Keep a batch: `truth` float `(rows,)`, `output` float `(rows, 1)`; two numbers a row, so all of them fit."""
        # Compared as the network saw it and in the precision of its output, so that what was learned perfectly has no error left.
        standardised = _standardised(truth, self._data).astype(np.float64 if needs_float64(self._data) else np.float32)
        seen = standardised * self._data.target["std"] + self._data.target["mean"]
        self._true.append(seen.astype(np.float64))
        self._predicted.append(output[:, 0].astype(np.float64))

    def report(self) -> dict[str, Any]:
        """Return the scores, and up to 500 rows, evenly picked: truth, prediction, and `predicted - true`."""
        true, predicted = np.concatenate(self._true), np.concatenate(self._predicted)
        error = predicted - true
        spread = float(np.square(true - true.mean()).sum())
        squared = float(np.square(error).mean())
        scores = {
            "mae": float(np.abs(error).mean()),
            "rmse": squared**0.5,
            "r2": 1.0 - float(np.square(error).sum()) / spread if spread > 0 else 0.0,
        }
        picked = np.linspace(0, len(error) - 1, min(len(error), MAX_POINTS)).round().astype(int)
        residuals = {"true": true[picked].tolist(), "predicted": predicted[picked].tolist(), "error": error[picked].tolist()}
        return {"task": Regression.name, "scores": scores, "residuals": residuals}
