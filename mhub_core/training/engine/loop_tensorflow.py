"""The fast loop: whole windows of batches run inside one TensorFlow graph, without Python between two batches.

The only file of the engine that uses TensorFlow itself. On small networks it is several times as fast as `Model.fit`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from mhub_core.training.engine.rows import Rows
from mhub_core.training.engine.windows import Windows

Values = dict[str, float]
_MEASURED_ROWS = 512
_MEASURED_BYTES = 4_000_000


class TensorFlowLoop:
    """Trains and measures a compiled model on rows."""

    def __init__(self, model: keras.Model, rows: Rows, batch_size: int) -> None:
        self._model = model
        # Measuring keeps no gradients, so larger batches fit.
        measured = max(batch_size, min(_MEASURED_ROWS, _MEASURED_BYTES // rows.bytes_per_row))
        example = rows.take(rows.train[:1])
        self._make_variables(example[1])
        self._train = self._in_graph(model.train_step, batch_size, example), Windows(rows, batch_size)
        self._test = self._in_graph(model.test_step, measured, example), Windows(rows, measured)

    def _make_variables(self, y: np.ndarray) -> None:
        """Make the variables of optimizer, loss and metrics now: inside a graph it would be too late."""
        model = self._model
        model.optimizer.build(model.trainable_variables)
        y_pred = tf.zeros((1, *model.output_shape[1:]))
        model.compute_loss(None, y, y_pred)
        model.compute_metrics(None, y, y_pred)

    def _in_graph(self, step: Callable[[Any], Any], size: int, example: tuple[np.ndarray, ...]) -> Callable[..., None]:
        one_step = tf.function(step, jit_compile=self._model.jit_compile, reduce_retracing=True)

        def run(x: tf.Tensor, y: tf.Tensor) -> None:
            for first in tf.range(0, tf.shape(x)[0], size):
                one_step((x[first : first + size], y[first : first + size]))

        # With the number of rows left open it is traced once, whatever the size of a window.
        signature = [tf.TensorSpec((None, *part.shape[1:]), part.dtype) for part in example]
        traced: Callable[..., None] = tf.function(run, input_signature=signature)
        return traced

    def train(self, order: np.ndarray, should_stop: Callable[[], bool]) -> Values | None:
        """Go through the rows once. Return the values, at once when the loss is lost; None when stopped."""
        return self._go(*self._train, order, should_stop)

    def measure(self, rows: np.ndarray, should_stop: Callable[[], bool]) -> Values | None:
        """Return loss and metric of the rows with the weights as they are; None when stopped."""
        return self._go(*self._test, rows, should_stop)

    def _go(self, run: Callable[..., None], windows: Windows, rows: np.ndarray, should_stop: Callable[[], bool]) -> Values | None:
        self._model.reset_metrics()
        values: Values = {}
        for x, y in windows.over(rows):
            if should_stop():
                return None
            run(x, y)
            values = {name: float(value) for name, value in self._model.get_metrics_result().items()}
            if not np.isfinite(values["loss"]):
                break
        return values
