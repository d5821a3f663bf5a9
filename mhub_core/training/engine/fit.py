"""Carries out a training plan: build, train epoch by epoch, evaluate on the hidden test rows, keep the model."""

from __future__ import annotations

import math
import time
import traceback
from pathlib import Path
from typing import Any

import keras
import numpy as np

from mhub_core.data.records import DataSpec
from mhub_core.errors import MHubError
from mhub_core.kinds.registry import require_kind
from mhub_core.tasks.registry import require_task
from mhub_core.tasks.task import require_loss
from mhub_core.training.engine import network, stored, trouble
from mhub_core.training.engine import rows as row_work
from mhub_core.training.engine.measuring import measure
from mhub_core.training.engine.rows import Rows
from mhub_core.training.engine.tasks.registry import require_engine
from mhub_core.training.plan import TrainingPlan
from mhub_core.training.records import Outcome, Report, RunSpec

if keras.backend.backend() == "tensorflow":
    from mhub_core.training.engine.loop_tensorflow import TensorFlowLoop as Loop
else:
    from mhub_core.training.engine.loop_keras import KerasLoop as Loop  # type: ignore[assignment]

_PREDICT_BYTES = 32_000_000
_PREDICT_ROWS = 256


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


def _fit(spec: RunSpec, report: Report, folder: Path) -> Outcome:
    began = time.perf_counter()
    plan = TrainingPlan(**spec.plan)
    keras.utils.set_random_seed(plan.seed)
    model = network.build(spec)
    if spec.start:
        report.say(network.start_from(model, spec.start))
    loss = require_loss(require_task(spec.data.task), plan.loss)
    rows = row_work.load(spec.data, plan.validation_share, plan.seed, loss)
    report.say(_introduction(model, rows, require_kind(spec.data.kind).noun[1]))
    epochs_done = _train(model, rows, spec, plan, report)
    seconds = time.perf_counter() - began
    kept = network.for_serving(model, spec)
    path = folder / "model.keras"
    kept.save(path)
    result = _evaluate(kept, rows, spec.data, plan)
    return Outcome(
        state="finished" if epochs_done == plan.epochs else "stopped",
        model_path=path,
        num_parameters=int(model.count_params()),
        train_seconds=seconds,
        epochs_done=epochs_done,
        result=result,
        scores=result["scores"],
    )


def _introduction(model: keras.Model, rows: Rows, noun: str) -> str:
    return (
        f"{model.count_params():,} parameters train on {len(rows.train):,} {noun}; "
        f"{len(rows.validation):,} {noun} for validation, {len(rows.test):,} {noun} held out for the test at the end."
    )


def _train(model: keras.Model, rows: Rows, spec: RunSpec, plan: TrainingPlan, report: Report) -> int:
    """Train until the plan is done or a person stops it. Return the number of whole epochs."""
    loop = Loop(model, rows, plan.batch_size)
    for epoch in range(1, plan.epochs + 1):
        values = loop.train(row_work.order_of(rows.train, plan.seed, epoch), report.should_stop)
        if values is None:
            return epoch - 1
        if len(rows.validation) and np.isfinite(values["loss"]):
            found = loop.measure(rows.validation, report.should_stop)
            if found is None:
                return epoch - 1
            values |= {f"val_{name}": value for name, value in found.items()}
        if not np.isfinite(list(values.values())).all():
            raise trouble.lost_loss(epoch, plan.learning_rate)
        report.epoch(epoch, _told(values, spec))
    return plan.epochs


def _told(values: dict[str, float], spec: RunSpec) -> dict[str, float]:
    """Return the values of an epoch as people read them."""
    engine = require_engine(spec.data.task)
    return {name: engine.told(name.removeprefix("val_"), value, spec.data) for name, value in values.items()}


def _evaluate(model: keras.Model, rows: Rows, data: DataSpec, plan: TrainingPlan) -> dict[str, Any]:
    """Measure the kept model, in pieces that fit into memory."""
    bytes_per_row = max(rows.x[:1].nbytes, 4 * math.prod(model.output_shape[1:]), 1)
    batch_size = min(_PREDICT_ROWS, stored.rows_at_once(model))

    def predict(x: np.ndarray) -> np.ndarray:
        output: np.ndarray = model.predict(x, batch_size=batch_size, verbose=0)
        if not np.isfinite(output).all():
            raise trouble.lost_loss(plan.epochs, plan.learning_rate)
        return output

    return measure(predict, rows, data, max(1, _PREDICT_BYTES // bytes_per_row))


def warm_up() -> None:
    """Start the back end and trace a first small training, so that the first epoch of a real one comes at once."""
    x, y = np.zeros((8, 4), np.float32), np.zeros(8, np.int32)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=[keras.metrics.SparseCategoricalAccuracy()])
    rows = np.arange(8)
    loop = Loop(model, Rows(x, y, rows, rows, rows), batch_size=4)
    loop.train(rows, lambda: False)
    loop.measure(rows, lambda: False)
