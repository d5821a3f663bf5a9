"""A trained model's answer to new input. Models stay in memory while they are asked; the oldest goes first."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Any

import numpy as np

from mhub_core.data.records import DataSpec
from mhub_core.kinds.registry import require_kind
from mhub_core.models.records import KERAS
from mhub_core.storage import service as storage
from mhub_core.tasks.registry import require_task
from mhub_core.training.engine.learners.learner import Predictor
from mhub_core.training.engine.learners.registry import require_engine

MOST_WARM = 8


class WarmModels:
    """Keeps the models that were asked last. Safe to use from several threads; each model answers one at a time."""

    def __init__(self, most: int = MOST_WARM) -> None:
        self._most = most
        self._models: OrderedDict[str, tuple[Predictor, threading.Lock]] = OrderedDict()
        self._lock = threading.Lock()

    def predict(self, model_key: str, x: np.ndarray, learner: str = KERAS) -> np.ndarray:
        """Return the output of a learner's model for some examples."""
        model, lock = self._get(model_key, learner)
        with lock:
            return model.predict(x)

    def _get(self, model_key: str, learner: str) -> tuple[Predictor, threading.Lock]:
        with self._lock:
            if model_key not in self._models:
                loaded = require_engine(learner).load(storage.local_path(model_key))
                self._models[model_key] = loaded, threading.Lock()
            self._models.move_to_end(model_key)
            while len(self._models) > self._most:
                self._models.popitem(last=False)
            return self._models[model_key]


_warm = WarmModels()


def predict(model_key: str, serving: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """Return `{"answers": [...], "milliseconds"}` for what the kind of data let through, one answer per example.

    Raises Invalid for an image that cannot be read and for rows that do not fit the data the model learned from.
    """
    data = DataSpec.from_json(serving["data"])
    x = require_kind(data.kind).decode(data, inputs)
    began = time.perf_counter()
    output = _warm.predict(model_key, x, serving.get("learner", KERAS)).astype(float)
    milliseconds = (time.perf_counter() - began) * 1000
    task = require_task(data.task)
    return {"answers": [task.answer(one, data) for one in output], "milliseconds": milliseconds}
