"""Carries out a training plan: build, train epoch by epoch, evaluate on the hidden test rows, keep the model."""

from __future__ import annotations

import time
import traceback
from pathlib import Path
from typing import Any

import keras
import numpy as np

from mhub_core.errors import MHubError
from mhub_core.evaluation import report as evaluation
from mhub_core.training.engine import network, trouble
from mhub_core.training.engine import rows as row_work
from mhub_core.training.engine.rows import Rows
from mhub_core.training.plan import require_loss
from mhub_core.training.records import Outcome, Report, RunSpec

if keras.backend.backend() == "tensorflow":
    from mhub_core.training.engine.loop_tensorflow import TensorFlowLoop as Loop
else:
    from mhub_core.training.engine.loop_keras import KerasLoop as Loop  # type: ignore[assignment]

_PREDICT_BYTES = 32_000_000


def fit(spec: RunSpec, report: Report, folder: Path) -> Outcome:
    """Train, evaluate and write `model.keras` into the folder. The same spec gives the same weights on the same machine.

    Ends early, still evaluated and kept, when the report says to stop. Raises MHubError for what a person can mend.
    """
    try:
        return _fit(spec, report, folder)
    except MHubError:
        raise
    except Exception as error:  # Keras and its back ends raise every kind; the traceback goes to the worker's log.
        traceback.print_exc()
        raise trouble.plain(error) from error


def fit_json(spec: dict[str, Any], report: Report, folder: Path) -> Outcome:
    """Carry out a spec that came as JSON."""
    return fit(RunSpec.from_json(spec), report, folder)


def _fit(spec: RunSpec, report: Report, folder: Path) -> Outcome:
    began = time.perf_counter()
    keras.utils.set_random_seed(spec.plan.seed)
    model = network.build(spec)
    one_hot = require_loss(spec.plan.loss, spec.data.task).one_hot
    rows = row_work.load(spec.data, spec.plan.validation_share, spec.plan.seed, one_hot)
    report.say(_introduction(model, rows))
    epochs_done = _train(model, rows, spec, report)
    seconds = time.perf_counter() - began
    kept = network.for_serving(model, spec)
    path = folder / "model.keras"
    kept.save(path)
    result = _evaluate(kept, rows, spec)
    return Outcome(
        state="finished" if epochs_done == spec.plan.epochs else "stopped",
        model_path=path,
        num_parameters=int(model.count_params()),
        train_seconds=seconds,
        epochs_done=epochs_done,
        result=result,
        scores=result["scores"],
    )


def _introduction(model: keras.Model, rows: Rows) -> str:
    return (
        f"{model.count_params():,} parameters learn from {len(rows.train):,} rows; "
        f"{len(rows.validation):,} rows validate, {len(rows.test):,} hidden rows test at the end."
    )


def _train(model: keras.Model, rows: Rows, spec: RunSpec, report: Report) -> int:
    """Train until the plan is done or a person stops it. Return the number of whole epochs."""
    loop = Loop(model, rows, spec.plan.batch_size)
    for epoch in range(1, spec.plan.epochs + 1):
        values = loop.train(row_work.order_of(rows.train, spec.plan.seed, epoch), report.should_stop)
        if values is None:
            return epoch - 1
        if len(rows.validation) and np.isfinite(values["loss"]):
            found = loop.measure(rows.validation, report.should_stop)
            if found is None:
                return epoch - 1
            values |= {f"val_{name}": value for name, value in found.items()}
        if not np.isfinite(list(values.values())).all():
            raise trouble.lost_loss(epoch, spec.plan.learning_rate)
        report.epoch(epoch, _in_unit(values, spec.data.y_std))
    return spec.plan.epochs


def _in_unit(values: dict[str, float], y_std: float) -> dict[str, float]:
    """Return the values with the mean absolute error in the target's own unit; the network learns the standardised one."""
    return {name: value * y_std if name in ("mae", "val_mae") else value for name, value in values.items()}


def _evaluate(model: keras.Model, rows: Rows, spec: RunSpec) -> dict[str, Any]:
    predictions = _predict(model, rows, rows.test)
    if not np.isfinite(predictions).all():
        raise trouble.lost_loss(spec.plan.epochs, spec.plan.learning_rate)
    truth = rows.y[rows.test]
    if spec.data.task == "classification":
        return evaluation.classification(truth, predictions, spec.data.classes)
    return evaluation.regression(truth * spec.data.y_std + spec.data.y_mean, predictions[:, 0])


def _predict(model: keras.Model, rows: Rows, index: np.ndarray) -> np.ndarray:
    """Return the model's output for some rows, copied out of the memory map piece by piece."""
    size = max(1, _PREDICT_BYTES // max(rows.x[:1].nbytes, 1))
    pieces = [np.take(rows.x, index[first : first + size], axis=0) for first in range(0, len(index), size)]
    return np.concatenate([model.predict(piece, batch_size=256, verbose=0) for piece in pieces])


def warm_up() -> None:
    """Start the back end and trace a first small training, so that the first epoch of a real one comes at once."""
    x, y = np.zeros((8, 4), np.float32), np.zeros(8, np.int32)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=[keras.metrics.SparseCategoricalAccuracy()])
    rows = np.arange(8)
    loop = Loop(model, Rows(x, y, rows, rows, rows), batch_size=4)
    loop.train(rows, lambda: False)
    loop.measure(rows, lambda: False)
