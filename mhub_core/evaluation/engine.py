"""A trained model's answer to new input. Models stay in memory while they are asked; the oldest goes first."""

from __future__ import annotations

import math
import tempfile
import threading
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from mhub_core.data.records import DataSpec
from mhub_core.kinds.registry import require_kind
from mhub_core.storage import service as storage
from mhub_core.tasks.registry import require_task

MOST_WARM = 8
MOST_VALUES = 16_000_000  # at the output of one layer: 64 MB in float32


def load(model_key: str) -> keras.Model:
    """Return a kept network. It is a file of our own, and still nothing in it may run code."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"  # Keras decides by the ending, which a blob has not.
        path.symlink_to(storage.local_path(model_key))
        return keras.saving.load_model(path, compile=False, safe_mode=True)


class WarmModels:
    """Keeps the models that were asked last. Safe to use from several threads; each model answers one at a time."""

    def __init__(self, most: int = MOST_WARM) -> None:
        self._most = most
        self._models: OrderedDict[str, tuple[keras.Model, threading.Lock]] = OrderedDict()
        self._lock = threading.Lock()

    def predict(self, model_key: str, x: np.ndarray) -> np.ndarray:
        """Return the model's output for some rows, computed in pieces: a wide layer times all rows may be larger than memory."""
        model, lock = self._get(model_key)
        size = rows_at_once(model)
        with lock:
            pieces = [np.asarray(model.predict_on_batch(x[first : first + size])) for first in range(0, len(x), size)]
        return np.concatenate(pieces)

    def _get(self, model_key: str) -> tuple[keras.Model, threading.Lock]:
        with self._lock:
            if model_key not in self._models:
                self._models[model_key] = load(model_key), threading.Lock()
            self._models.move_to_end(model_key)
            while len(self._models) > self._most:
                self._models.popitem(last=False)
            return self._models[model_key]


def rows_at_once(model: keras.Model) -> int:
    """Return how many rows may go through a network together, by its widest layer."""
    outputs = [tensor for layer in model.layers for tensor in keras.tree.flatten(layer.output)]
    widest = max(math.prod(size or 1 for size in tensor.shape) for tensor in outputs)
    return max(1, MOST_VALUES // int(widest))


_warm = WarmModels()


def predict(model_key: str, serving: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """Return `{"answers": [...], "milliseconds"}` for what the kind of data let through, one answer per example.

    Raises Invalid for an image that cannot be read and for rows that do not fit the data the model learned from.
    """
    data = DataSpec.from_json(serving["data"])
    x = require_kind(data.kind).decode(data, inputs)
    began = time.perf_counter()
    output = _warm.predict(model_key, x).astype(float)
    milliseconds = (time.perf_counter() - began) * 1000
    task = require_task(data.task)
    return {"answers": [task.answer(one, data) for one in output], "milliseconds": milliseconds}
