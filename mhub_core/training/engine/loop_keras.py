"""The loop for every other back end: plain `Model.fit`, one epoch at a time, in the same order of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from mhub_core.training.engine.rows import Rows

Values = dict[str, float]


class KerasLoop:
    """Trains and measures a compiled model on rows."""

    def __init__(self, model: keras.Model, rows: Rows, batch_size: int) -> None:
        self._model = model
        self._rows = rows
        self._batch_size = batch_size

    def train(self, order: np.ndarray, should_stop: Callable[[], bool]) -> Values | None:
        """Go through the rows once. Return the values, at once when the loss is lost; None when stopped."""
        watch = _Watch(should_stop)
        batches = _Batches(self._rows, order, self._batch_size)
        history = self._model.fit(batches, epochs=1, shuffle=False, verbose=0, callbacks=[watch]).history
        return None if watch.stopped else {name: float(values[-1]) for name, values in history.items()}

    def measure(self, rows: np.ndarray, should_stop: Callable[[], bool]) -> Values | None:
        """Return loss and metric of the rows with the weights as they are; None when stopped."""
        if should_stop():
            return None
        found = self._model.evaluate(_Batches(self._rows, rows, self._batch_size), verbose=0, return_dict=True)
        return {name: float(value) for name, value in found.items()}


class _Batches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras says nothing about its types.
    def __init__(self, rows: Rows, order: np.ndarray, batch_size: int) -> None:
        super().__init__()
        self._rows = rows
        self._order = order
        self._batch_size = batch_size

    def __len__(self) -> int:
        return -(-len(self._order) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        first = index * self._batch_size
        return self._rows.take(self._order[first : first + self._batch_size])


class _Watch(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends the epoch when a person asked to stop, or when the loss is no number any more."""

    def __init__(self, should_stop: Callable[[], bool]) -> None:
        super().__init__()
        self._should_stop = should_stop
        self.stopped = False

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Look after every batch."""
        self.stopped = self._should_stop()
        self.model.stop_training = self.stopped or not np.isfinite(float((logs or {}).get("loss", 0.0)))
