"""The Keras side of a detection: a loss that lays boxes over whatever grid a network has.

In the manner of CenterNet (Zhou et al. 2019, Objects as Points, https://arxiv.org/abs/1904.07850) and FCOS (Tian et al. 2019,
https://arxiv.org/abs/1904.01355): the cell in the middle of an object says its class, it and its neighbours where the sides lie.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from mhub_core.data.records import DataSpec
from mhub_core.tasks.boxes import SIDES
from mhub_core.tasks.detection import GIOU, L1
from mhub_core.tasks.task import Loss

_SPREAD, _LEAST_SPREAD = 0.09, 0.3  # of the hill around a middle: share of the side of the box; cells
_AROUND = np.array([(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)])  # the cells that learn the sides of a box
_CENTER, _SURE = 2.0, 4.0  # exponents of the focal loss as in CenterNet, alpha and beta
_BOX_WEIGHTS = {GIOU: 2.0, L1: 10.0}
_LEAST_USUAL = 0.1  # objects in an image, where hardly any has one
_TINY = 1e-6


class DetectionEngine:
    """The network gives confidences and sides, before and after training."""

    def loss(self, data: DataSpec, loss: Loss) -> keras.losses.Loss:
        """Return the focal loss of the middles and the loss of the boxes."""
        return BoxLoss(len(data.classes), **loss.arguments)

    def metric(self, data: DataSpec, loss: Loss) -> keras.Metric:
        """Return how far the boxes at the true middles overlap."""
        return BoxOverlap()

    def told(self, name: str, value: float, data: DataSpec) -> float:
        """Loss and overlap have no unit."""
        return value

    def answer(self, output: Any, data: DataSpec) -> Any:
        """Return confidences and sides; boxes are made of them with NumPy."""
        return output


class BoxLoss(keras.losses.Loss):  # type: ignore[misc]  # Keras says nothing about its types.
    """Of `y_true` `(batch, boxes, 5)` as the task keeps them and `y_pred` `(batch, rows, columns, classes + 4)`, one loss for
    each image: all are divided by the mean number of objects in an image of the batch."""

    def __init__(self, num_classes: int, box: str) -> None:
        super().__init__(name="detection")
        self._num_classes, self._box = num_classes, box

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return `(batch,)`."""
        y_true, y_pred = ops.cast(y_true, "float32"), ops.cast(y_pred, "float32")
        is_box = ops.cast(y_true[..., 0] >= 0, "float32")
        usual = ops.maximum(ops.mean(ops.sum(is_box, axis=1)), _LEAST_USUAL)
        focal = _focal(y_true, y_pred[..., : self._num_classes], is_box)
        overlap, distance, counts = _at_middles(y_true, y_pred[..., self._num_classes :], is_box, _AROUND)
        wrong = 1 - overlap if self._box == GIOU else distance
        by_box = ops.sum(wrong * counts, axis=-1) / ops.maximum(ops.sum(counts, axis=-1), 1.0)
        return (focal + _BOX_WEIGHTS[self._box] * ops.sum(by_box, axis=1)) / usual


def _focal(y_true: Any, confidences: Any, is_box: Any) -> Any:
    """Return the penalty-reduced focal loss of CenterNet (equation 1), summed over the cells of each image: `(batch,)`."""
    rows, columns, number = confidences.shape[1:]
    of_class = ops.one_hot(ops.cast(y_true[..., 0], "int32"), number) * is_box[..., None]
    down = _cells(y_true[..., 2], y_true[..., 4], rows)
    across = _cells(y_true[..., 1], y_true[..., 3], columns)
    laid = [ops.einsum("bnh,bnw,bnc->bhwc", *pair, of_class) for pair in zip(down, across, strict=True)]
    middle, hill = (ops.minimum(one, 1.0) for one in laid)
    sure = ops.clip(confidences, _TINY, 1 - _TINY)
    missed = middle * ops.power(1 - sure, _CENTER) * ops.log(sure)
    made_up = (1 - middle) * ops.power(1 - hill, _SURE) * ops.power(sure, _CENTER) * ops.log(1 - sure)
    return -ops.sum(missed + made_up, axis=(1, 2, 3))


def _cells(middle: Any, side: Any, number: int) -> tuple[Any, Any]:
    """Return along one direction `(batch, boxes, cells)`: 1 in the cell of the middle, and a hill around it."""
    cell = ops.clip(ops.floor(middle * number), 0, number - 1)[..., None]
    far = ops.arange(number, dtype="float32") - cell
    spread = ops.maximum(side * number * _SPREAD, _LEAST_SPREAD)[..., None]
    return ops.cast(ops.equal(far, 0), "float32"), ops.exp(-ops.square(far / spread) / 2)


def _at_middles(y_true: Any, sides: Any, is_box: Any, around: np.ndarray) -> tuple[Any, Any, Any]:
    """Return GIoU, mean distance of the sides, and 1 where that counts, `(batch, boxes, len(around))`: of the boxes that the
    cells around each middle tell of. A cell counts when it lies in the box, and the one in the middle always does."""
    rows, columns = sides.shape[1:3]
    size = np.array([columns, rows], "float32")
    middle = ops.clip(ops.floor(y_true[..., 1:3] * size), 0, size - 1)
    cells = middle[:, :, None, :] + ops.convert_to_tensor(around[:, ::-1].astype("float32"))  # (batch, boxes, around, 2)
    inside = ops.clip(cells, 0, size - 1)
    points = (cells + 0.5) / size
    low, high = (y_true[:, :, None, 1:3] + sign * y_true[:, :, None, 3:5] / 2 for sign in (-1, 1))
    is_in = ops.all((cells == inside) & (points > low) & (points < high), axis=-1)
    is_middle = ops.convert_to_tensor((around == 0).all(axis=1))
    counts = ops.cast(is_in | is_middle, "float32") * is_box[..., None]
    flat = ops.reshape(sides, (-1, rows * columns, SIDES))
    index = ops.cast(inside[..., 1] * columns + inside[..., 0], "int32")
    told = ops.take_along_axis(flat, ops.reshape(index, (-1, index.shape[1] * len(around), 1)), axis=1)
    told = ops.reshape(told, (-1, index.shape[1], len(around), SIDES))
    start, end = points - told[..., :2], points + told[..., 2:]
    distance = ops.mean(ops.abs(ops.concatenate([start - low, end - high], axis=-1)), axis=-1)
    return _giou(start, end, low, high), distance, counts


def _giou(start: Any, end: Any, low: Any, high: Any) -> Any:
    """Return the generalized intersection over union of boxes by their corners (Rezatofighi et al. 2019,
    https://arxiv.org/abs/1902.09630): from -1 to 1."""
    shared = ops.prod(ops.maximum(ops.minimum(end, high) - ops.maximum(start, low), 0.0), axis=-1)
    union = ops.prod(end - start, axis=-1) + ops.prod(high - low, axis=-1) - shared
    around = ops.prod(ops.maximum(end, high) - ops.minimum(start, low), axis=-1)
    return shared / ops.maximum(union, _TINY) - (around - union) / ops.maximum(around, _TINY)


class BoxOverlap(keras.Metric):  # type: ignore[misc]
    """The mean IoU of the true boxes with those that the cells in their middles tell of, over all batches."""

    def __init__(self) -> None:
        super().__init__(name="box_iou")
        self._total = self.add_weight(shape=(), initializer="zeros", name="total")
        self._number = self.add_weight(shape=(), initializer="zeros", name="number")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch, see `BoxLoss`."""
        y_true, y_pred = ops.cast(y_true, "float32"), ops.cast(y_pred, "float32")
        is_box = ops.cast(y_true[..., 0] >= 0, "float32")
        overlap, _, counts = _at_middles(y_true, y_pred[..., -SIDES:], is_box, np.zeros((1, 2), int))
        self._total.assign_add(ops.sum(ops.maximum(overlap, 0.0) * counts))
        self._number.assign_add(ops.sum(counts))

    def result(self) -> Any:
        """Return the mean."""
        return self._total / ops.maximum(self._number, 1.0)
