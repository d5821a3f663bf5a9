"""The Keras side of a classification."""

from __future__ import annotations

from typing import Any

import keras

from mhub_core.data.records import DataSpec
from mhub_core.tasks.task import Loss
from mhub_core.training.engine.tasks.task import of_keras


class ClassificationEngine:
    """The network gives probabilities, before and after training."""

    def loss(self, data: DataSpec, loss: Loss) -> keras.losses.Loss:
        """Return that of Keras."""
        return of_keras(loss)

    def metric(self, data: DataSpec, loss: Loss) -> keras.Metric:
        """Return the accuracy."""
        kind = keras.metrics.CategoricalAccuracy if loss.one_hot else keras.metrics.SparseCategoricalAccuracy
        return kind(name="accuracy")

    def told(self, name: str, value: float, data: DataSpec) -> float:
        """Loss and accuracy have no unit."""
        return value

    def answer(self, output: Any, data: DataSpec) -> Any:
        """Return the probabilities."""
        return output
