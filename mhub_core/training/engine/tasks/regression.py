"""The Keras side of a regression: the network learns the standardised target and answers in the target's own unit."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from mhub_core.data.records import DataSpec
from mhub_core.tasks.regression import needs_float64
from mhub_core.tasks.task import Loss
from mhub_core.training.engine.tasks.task import of_keras


class RegressionEngine:
    """The network gives one number."""

    def loss(self, data: DataSpec, loss: Loss) -> keras.losses.Loss:
        """Return that of Keras."""
        return of_keras(loss)

    def metric(self, data: DataSpec, loss: Loss) -> keras.Metric:
        """Return the mean absolute error."""
        return keras.metrics.MeanAbsoluteError(name="mae")

    def told(self, name: str, value: float, data: DataSpec) -> float:
        """Return the mean absolute error in the target's own unit; the loss stays that of the standardised target."""
        return value * data.target["std"] if name == "mae" else value

    def answer(self, output: Any, data: DataSpec) -> Any:
        """Return the number in the target's own unit."""
        std, mean, name = data.target["std"], data.target["mean"], "in_the_targets_unit"
        if not needs_float64(data):
            return keras.layers.Rescaling(std, mean, name=name)(output)
        # The layer takes its two numbers through float32, so the mean comes in two parts that this does not change.
        large = float(np.float32(mean))
        near = keras.layers.Rescaling(std, mean - large, name="near_the_targets_mean", dtype="float64")(output)
        return keras.layers.Rescaling(1.0, large, name=name, dtype="float64")(near)
