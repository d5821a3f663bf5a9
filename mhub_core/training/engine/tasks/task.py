"""What training asks of a task when Keras objects are needed."""

from __future__ import annotations

from typing import Any, Protocol

import keras

from mhub_core.data.records import DataSpec
from mhub_core.tasks.task import Loss


def of_keras(loss: Loss) -> keras.losses.Loss:
    """Return the loss of Keras that a loss names."""
    return getattr(keras.losses, loss.keras_class)(**loss.arguments)


class TaskEngine(Protocol):
    """The Keras side of a task."""

    def loss(self, data: DataSpec, loss: Loss) -> keras.losses.Loss:
        """Return what is minimized."""

    def metric(self, data: DataSpec, loss: Loss) -> keras.Metric:
        """Return the metric of the second curve, named as the task's `curve`."""

    def told(self, name: str, value: float, data: DataSpec) -> float:
        """Return a value of the loss or the metric as people read it."""

    def answer(self, output: Any, data: DataSpec) -> Any:
        """Return the tensor that the kept model gives for the one that was trained."""
