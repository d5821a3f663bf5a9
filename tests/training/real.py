"""Real small data as ready dataset versions, and runs on it, without a database."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from sklearn import datasets as sklearn_datasets

from mhub_core.datasets.records import DataSpec
from mhub_core.datasets.splits import split_rows
from mhub_core.graphs import adapt, stock
from mhub_core.storage import service as storage
from mhub_core.training import plan
from mhub_core.training.records import RunSpec


def blob(array: np.ndarray) -> str:
    """Store an array and return its key."""
    file = io.BytesIO()
    np.save(file, array)
    return storage.put_bytes(file.getvalue())


def data_spec(kind: str, x: np.ndarray, y: np.ndarray, classes: tuple[str, ...] = ()) -> DataSpec:
    """Return arrays as a ready dataset version describes them; without classes it is a regression."""
    split = split_rows(y if classes else None, len(x))
    train = y[split == 0]
    return DataSpec(
        kind=kind,
        task="classification" if classes else "regression",
        x_key=blob(x),
        y_key=blob(y),
        split_key=blob(split),
        table_key=None,
        input_shape=tuple(x.shape[1:]),
        classes=classes,
        class_counts=tuple(np.bincount(y).tolist()) if classes else (),
        target="target",
        num_rows=len(x),
        num_train=len(train),
        num_test=len(x) - len(train),
        y_mean=0.0 if classes else float(train.mean()),
        y_std=1.0 if classes else float(train.std()),
    )


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
    graph, said = adapt.adapt(stock.require_stock(model).graph(), data.input_shape, data.kind, data.task, data.num_outputs)
    return RunSpec(graph=graph, plan=plan.check(values, data), data=data, adaptations=tuple(said))


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
