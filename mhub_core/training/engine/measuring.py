"""What a run tells about the model that it keeps: the same for every learner."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mhub_core.data.records import DataSpec
from mhub_core.tasks.registry import require_task
from mhub_core.training.engine.rows import Rows

Predict = Callable[[np.ndarray], np.ndarray]


def measure(predict: Predict, rows: Rows, data: DataSpec, rows_at_once: int = 1_000) -> dict[str, Any]:
    """Return `Outcome.result`: the task's report on the hidden test rows, and outputs for a few open rows where it shows them.

    `predict` is that of a `Predictor`; it is given at most so many rows at once, copied out of the memory map.
    """
    task = require_task(data.task)
    scorer = task.scorer(data)
    for index, output in _outputs(predict, rows, rows.test, rows_at_once):
        scorer.add(np.take(rows.y, index, axis=0), output)
    shown = (rows.validation if len(rows.validation) else rows.train)[: task.num_examples]
    examples = [
        {"row": int(row), "answer": task.answer(one, data)}
        for index, output in _outputs(predict, rows, shown, rows_at_once)
        for row, one in zip(index, output, strict=True)
    ]
    kept_aside = {"examples": examples, "examples_kept_aside": bool(len(rows.validation))}
    return scorer.report() | (kept_aside if examples else {})


def _outputs(predict: Predict, rows: Rows, index: np.ndarray, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for first in range(0, len(index), size):
        piece = index[first : first + size]
        yield piece, predict(np.take(rows.x, piece, axis=0))
