"""The Keras side of a segmentation."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from mhub_core.data.records import DataSpec
from mhub_core.tasks.segmentation import BACKGROUND
from mhub_core.tasks.task import Loss
from mhub_core.training.engine.tasks.task import of_keras


class SegmentationEngine:
    """The network gives probabilities for each pixel, before and after training."""

    def loss(self, data: DataSpec, loss: Loss) -> keras.losses.Loss:
        """Return that of Keras."""
        return of_keras(loss)

    def metric(self, data: DataSpec, loss: Loss) -> keras.Metric:
        """Return the Dice coefficient."""
        return Dice(len(data.classes), loss.one_hot)

    def told(self, name: str, value: float, data: DataSpec) -> float:
        """Loss and Dice have no unit."""
        return value

    def answer(self, output: Any, data: DataSpec) -> Any:
        """Return the probabilities."""
        return output


class Dice(keras.Metric):  # type: ignore[misc]  # Keras says nothing about its types.
    """The mean Dice coefficient of all classes but the background, over the pixels of all batches: as the hub's own score."""

    def __init__(self, num_classes: int, one_hot: bool) -> None:
        super().__init__(name="dice")
        self._num_classes, self._one_hot = num_classes, one_hot
        self._hits = self.add_weight(shape=(num_classes,), initializer="zeros", name="hits")
        self._areas = self.add_weight(shape=(num_classes,), initializer="zeros", name="areas")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch: `y_true` class numbers or one-hot, `y_pred` `(batch, height, width, classes)`."""
        drawn = ops.one_hot(ops.argmax(y_pred, axis=-1), self._num_classes)
        true = y_true if self._one_hot else ops.one_hot(ops.cast(y_true, "int32"), self._num_classes)
        true = ops.cast(true, drawn.dtype)
        pixels = tuple(range(len(drawn.shape) - 1))
        self._hits.assign_add(ops.cast(ops.sum(true * drawn, axis=pixels), self._hits.dtype))
        self._areas.assign_add(ops.cast(ops.sum(true + drawn, axis=pixels), self._areas.dtype))

    def result(self) -> Any:
        """Return the mean over the classes that are there, or are drawn."""
        counted = ops.cast(self._areas > 0, "float32") * ops.cast(ops.arange(self._num_classes) != BACKGROUND, "float32")
        dice = 2 * self._hits / ops.maximum(self._areas, 1.0)
        return ops.sum(dice * counted) / ops.maximum(ops.sum(counted), 1.0)
