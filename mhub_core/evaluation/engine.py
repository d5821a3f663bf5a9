"""A trained model's answer to new input. Models stay in memory while they are asked; the oldest goes first."""

from __future__ import annotations

import base64
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from mhub_core import errors
from mhub_core.data.records import DataSpec
from mhub_core.errors import Invalid, MHubError
from mhub_core.evaluation import child
from mhub_core.kinds.kind import Decoded
from mhub_core.kinds.registry import require_kind
from mhub_core.models.records import KERAS
from mhub_core.sandbox import Places
from mhub_core.storage import service as storage
from mhub_core.tasks.registry import require_task
from mhub_core.together import Together
from mhub_core.training.engine.learners.learner import Predictor
from mhub_core.training.engine.learners.registry import require_engine

MOST_WARM = 8
_MOST_TOGETHER = 256  # examples of several people in one call
# So many questions that may take longer than this are answered at once, of all models together; the others are sent back at once,
# and asked again after a moment (`queue.ask`). A thread that waits for a slow model answers nobody else.
MOST_SLOW, SLOW_SECONDS = 3, 2.0
MOMENT_SECONDS = 0.05  # the longest call that is worth no thread of its own
MAX_SEEN, MAX_SEEN_BYTES = 16, 4_000_000
_slow = Places(MOST_SLOW, 0.0, "The hub is busy with other requests that take long.")


@dataclass(frozen=True)
class Output:
    """What a network said: one entry of `values` for each example, and how long it took, for all that were asked with it."""

    values: np.ndarray
    milliseconds: float


class WarmModel:
    """A model in memory, loaded when it is asked first. Questions that come while it is busy are answered with one call."""

    def __init__(self, load: Callable[[], Predictor], slow: Places = _slow) -> None:
        self._load, self._slow, self._loading = load, slow, threading.Lock()
        self._together: Together[np.ndarray, Output] | None = None
        self._slow_questions: set[object] = set()
        self._seconds_per_row: float | None = None  # as of the last call

    def predict(self, x: np.ndarray) -> Output:
        """Return the output for some examples. Raises Busy rather than to let slow models hold all threads."""
        if not self._is_slow(len(x)):
            return self._ready()(x)
        with self._slow.taken():
            question = object()
            self._slow_questions.add(question)
            try:
                return self._ready()(x)
            finally:
                self._slow_questions.discard(question)

    def predict_each(self, xs: list[np.ndarray]) -> list[Output | Exception]:
        """Return the output, or the error, of each of several questions. Only for who found that a moment suffices for them."""
        return self._ready().each(xs)

    def takes_a_moment(self, num_rows: int) -> bool:
        """Tell whether so many examples can be answered here and now: the model is loaded, quick and idle."""
        if self._together is None or self._seconds_per_row is None or self._slow_questions or self._together.busy_for():
            return False
        return self._seconds_per_row * num_rows < MOMENT_SECONDS

    def _is_slow(self, num_rows: int) -> bool:
        """Tell whether so many examples may take long: themselves, or because they wait for others. A new model may be slow."""
        if self._together is None or self._seconds_per_row is None or self._slow_questions:
            return True
        return max(self._seconds_per_row * num_rows, self._together.busy_for()) > SLOW_SECONDS

    def _ready(self) -> Together[np.ndarray, Output]:
        with self._loading:
            if self._together is None:
                self._predictor = self._load()
                most = _MOST_TOGETHER if self._predictor.is_by_row else 1
                self._together = Together(self._predict_all, size=len, most=most)
            return self._together

    def _predict_all(self, questions: list[np.ndarray]) -> list[Output]:
        if len(questions) == 1:
            return [self._timed(questions[0])]
        together = self._timed(np.concatenate(questions))
        ends = np.cumsum([len(x) for x in questions])[:-1]
        return [replace(together, values=values) for values in np.split(together.values, ends)]

    def _timed(self, x: np.ndarray) -> Output:
        began = time.perf_counter()
        values = self._predictor.predict(x)
        seconds = time.perf_counter() - began
        self._seconds_per_row = seconds / len(x)
        return Output(values, seconds * 1000)


class WarmModels:
    """Keeps the models that were asked last. Safe to use from several threads."""

    def __init__(self, most: int = MOST_WARM) -> None:
        self._most = most
        self._models: OrderedDict[str, WarmModel] = OrderedDict()
        self._lock = threading.Lock()

    def predict(self, model_key: str, x: np.ndarray, learner: str = KERAS) -> Output:
        """Return the output of a learner's model for some examples."""
        return self.get(model_key, learner).predict(x)

    def get(self, model_key: str, learner: str) -> WarmModel:
        """Return a learner's model, which need not be loaded yet."""
        with self._lock:
            if model_key not in self._models:
                self._models[model_key] = WarmModel(lambda: require_engine(learner).load(storage.verified_path(model_key)))
            self._models.move_to_end(model_key)
            while len(self._models) > self._most:
                self._models.popitem(last=False)
            return self._models[model_key]


_warm = WarmModels()


def predict(model_key: str, serving: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """Return `{"answers": [...], "milliseconds", "seen": [...], "problems": {...}, "notes": {...}}`.

    There is an answer for each readable example of what the kind of data let through; see `evaluation.records.Prediction`.
    Raises Invalid when none can be read, and for rows that do not fit the data the model learned from.
    """
    data = _noticed(DataSpec.from_json(serving["data"]))
    decoded = child.decode(data, inputs)
    return _told(data, decoded, _warm.predict(model_key, decoded.x, serving.get("learner", KERAS)))


def predict_now(asked: Sequence[Sequence[Any]]) -> list[dict[str, Any] | Exception | None]:
    """Return what `predict` would return or raise for each of several questions, given as its arguments. Those about one model
    are answered with one call.

    None for a question that a moment may not suffice for: that is for `predict` itself.
    """
    told: list[dict[str, Any] | Exception | None] = [None] * len(asked)
    by_model: dict[WarmModel, list[tuple[int, DataSpec, Decoded]]] = defaultdict(list)
    for place, (model_key, serving, inputs) in enumerate(asked):
        model = _warm.get(model_key, serving.get("learner", KERAS))
        try:
            data = DataSpec.from_json(serving["data"])
            if model.takes_a_moment(1) and not require_kind(data.kind).decodes_files:
                by_model[model].append((place, data, child.decode(data, inputs)))
        except MHubError as error:
            told[place] = error
    for model, questions in by_model.items():
        xs = [decoded.x for _, _, decoded in questions]
        if model.takes_a_moment(sum(map(len, xs))):
            for (place, data, decoded), output in zip(questions, model.predict_each(xs), strict=True):
                try:
                    told[place] = output if isinstance(output, Exception) else _told(data, decoded, output)
                except MHubError as error:
                    told[place] = error
    return told


def _told(data: DataSpec, decoded: Decoded, output: Output) -> dict[str, Any]:
    _require_numbers(output.values)
    task, frames = require_task(data.task), decoded.frames or (None,) * len(decoded.x)
    return {
        "answers": [task.answer(one, data, at) for one, at in zip(output.values.astype(float), frames, strict=True)],
        "milliseconds": output.milliseconds,
        "seen": _seen(data, decoded.x),
        "problems": {str(place): errors.to_json(problem) for place, problem in decoded.problems.items()},
        "notes": {str(place): note for place, note in decoded.notes.items()},
    }


def _require_numbers(values: np.ndarray) -> None:
    """Raise Invalid where a network gave what is no number: one that did not learn does, or one that got what it never saw."""
    wrong = ~np.isfinite(values).reshape(len(values), -1).all(axis=1)
    if wrong.any():
        raise Invalid(
            f"The model gives no number for input {int(np.argmax(wrong)) + 1}.",
            "Values like those that it learned from, and a model whose loss is a number.",
            "Look for very large values in the input, and at the curves of the run that trained the model.",
        )


def _noticed(data: DataSpec) -> DataSpec:
    """Return a spec with what earlier releases did not notice of its examples, if those are still there."""
    if data.input.keys() >= set(require_kind(data.kind).notices):
        return data
    with suppress(MHubError):
        return replace(data, input={**_notice(data.kind, data.arrays["x"]), **data.input})
    return data


@lru_cache(maxsize=256)
def _notice(kind: str, x_key: str) -> dict[str, Any]:
    return require_kind(kind).notice(np.load(storage.local_path(x_key), mmap_mode="r", allow_pickle=False))


def _seen(data: DataSpec, x: np.ndarray) -> list[str]:
    """Return the first examples as PNG in base64, as many as pass through the queue with ease."""
    shown: list[str] = []
    for example in x[:MAX_SEEN]:
        picture = require_kind(data.kind).picture(example)
        if picture is None or sum(map(len, shown)) > MAX_SEEN_BYTES:
            break
        shown.append(base64.b64encode(picture).decode())
    return shown
