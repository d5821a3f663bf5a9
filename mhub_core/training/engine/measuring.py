"""What a run tells about the model that it keeps: the same for every learner."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mhub_core.data.records import DataSpec
from mhub_core.kinds.registry import require_kind
from mhub_core.tasks.registry import require_task
from mhub_core.training.engine.rows import Rows

_LOOKED_AT, _LOOKED_AT_ONCE = 2_000, 500  # rows for the mistakes
Predict = Callable[[np.ndarray], np.ndarray]


def measure(predict: Predict, rows: Rows, data: DataSpec, rows_at_once: int = 1_000) -> dict[str, Any]:
    """Return `Outcome.result`: the task's report on the hidden test rows, and outputs for a few open rows where it shows them, or
    where the kind shows those that are most wrong.

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
    kept_aside = {"examples_kept_aside": bool(len(rows.validation))}
    told = {name: found for name, found in (("examples", examples), ("mistakes", _mistakes(predict, rows, data))) if found}
    return scorer.report() | (told | kept_aside if told else {})


def _mistakes(predict: Predict, rows: Rows, data: DataSpec) -> list[dict[str, Any]]:
    """Return the open rows with the most wrong outputs, the worst first, of some that lie evenly among all."""
    task, most = require_task(data.task), require_kind(data.kind).num_mistakes
    if not most:
        return []
    open_rows = rows.validation if len(rows.validation) else rows.train
    looked_at = open_rows[np.unique(np.linspace(0, len(open_rows) - 1, min(len(open_rows), _LOOKED_AT)).astype(np.int64))]
    found: list[tuple[float, int, np.ndarray]] = []
    for index, output in _outputs(predict, rows, looked_at, _LOOKED_AT_ONCE):
        wrong = task.wrongness(np.take(rows.y, index, axis=0), output)
        worst = np.argsort(-wrong, kind="stable")[:most]
        found += [(float(wrong[place]), int(index[place]), output[place]) for place in worst if wrong[place] > 0]
    ranked = sorted(found, key=lambda one: -one[0])[:most]
    return [{"row": row, "answer": task.answer(output, data)} for _, row, output in ranked]


def _outputs(predict: Predict, rows: Rows, index: np.ndarray, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for first in range(0, len(index), size):
        piece = index[first : first + size]
        yield piece, predict(np.take(rows.x, piece, axis=0))
