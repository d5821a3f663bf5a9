"""Real small data as ready dataset versions, and runs on it, without a database."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn import datasets as sklearn_datasets

from mhub_core.data.records import DataSpec
from mhub_core.data.splits import TRAIN, counts, split_rows
from mhub_core.graphs import adapt, stock
from mhub_core.graphs.walk import Graph
from mhub_core.kinds.registry import require_kind
from mhub_core.storage import service as storage
from mhub_core.tasks.registry import require_task
from mhub_core.training import plan
from mhub_core.training.records import RunSpec


def blob(array: np.ndarray) -> str:
    """Store an array and return its key."""
    file = io.BytesIO()
    np.save(file, array)
    return storage.put_bytes(file.getvalue())


def data_spec(kind: str, x: np.ndarray, y: np.ndarray, classes: tuple[str, ...] = ()) -> DataSpec:
    """Return arrays as a ready dataset version describes them; without classes it is a regression."""
    task = "classification" if classes else "regression"
    data = spec_of(kind, task, x, y, classes)
    if classes:
        return data
    train = y[np.load(storage.local_path(data.arrays["split"])) == TRAIN]
    # In float32, as the pins were made with.
    return replace(data, target={**data.target, "mean": float(train.mean()), "std": float(train.std())})


def spec_of(kind: str, task: str, x: np.ndarray, y: np.ndarray, classes: tuple[str, ...] = ()) -> DataSpec:
    """Return arrays as a ready dataset version of a kind and a task describes them."""
    asked = require_task(task)
    split = split_rows(asked.strata(y), len(x))
    return DataSpec(
        kind=kind,
        task=task,
        arrays={"x": blob(x), "y": blob(y), "split": blob(split)},
        input={"shape": list(x.shape[1:])},
        target=asked.describe("target", y, classes, split == TRAIN),
        **counts(split),
    )


def fitted(graph: Graph, data: DataSpec) -> tuple[Graph, list[str]]:
    """Return a design adapted to data, with what was changed in sentences."""
    return adapt.adapt(graph, require_kind(data.kind).input(data), require_task(data.task).output(data))


def _standardised(x: np.ndarray) -> np.ndarray:
    return ((x - x.mean(0)) / x.std(0)).astype(np.float32)


def iris() -> DataSpec:
    """The 150 irises."""
    x, y = sklearn_datasets.load_iris(return_X_y=True)
    return data_spec("table", _standardised(x), y.astype(np.int32), ("setosa", "versicolor", "virginica"))


def tumours() -> DataSpec:
    """569 tumours: two classes."""
    x, y = sklearn_datasets.load_breast_cancer(return_X_y=True)
    return data_spec("table", _standardised(x), y.astype(np.int32), ("malignant", "benign"))


def digits() -> DataSpec:
    """1,797 digits as gray pictures of 8 x 8."""
    x, y = sklearn_datasets.load_digits(return_X_y=True)
    images = (x / 16 * 255).astype(np.uint8).reshape(-1, 8, 8, 1)
    return data_spec("images", images, y.astype(np.int32), tuple("0123456789"))


def diabetes() -> DataSpec:
    """442 people; the target goes from 25 to 346."""
    x, y = sklearn_datasets.load_diabetes(return_X_y=True)
    return data_spec("table", _standardised(x), y.astype(np.float32))


def run_spec(model: str, data: DataSpec, **values: Any) -> RunSpec:
    """Return a run of a stock model on data, with the default plan but for the values given."""
    graph, said = fitted(stock.require_stock(model).graph(), data)
    return RunSpec(graph=graph, plan=plan.check(values, data).to_json(), data=data, adaptations=tuple(said))


class Notes:
    """A report that writes down what it is told, and says stop after `stop_after` questions."""

    def __init__(self, stop_after: int = 10**9) -> None:
        self.epochs: list[tuple[int, dict[str, float]]] = []
        self.words: list[str] = []
        self._questions_left = stop_after

    def epoch(self, epoch: int, values: dict[str, float]) -> None:
        """Note an epoch."""
        self.epochs.append((epoch, values))

    def say(self, words: str) -> None:
        """Note words."""
        self.words.append(words)

    def should_stop(self) -> bool:
        """Count the question."""
        self._questions_left -= 1
        return self._questions_left < 0
