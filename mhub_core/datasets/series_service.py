"""The verbs of series for people: training examples as numbers in their own unit, to be drawn or given to a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec
from mhub_core.data.splits import TRAIN
from mhub_core.datasets import service
from mhub_core.datasets.records import Line
from mhub_core.errors import Invalid
from mhub_core.kinds.registry import require_kind
from mhub_core.kinds.signals import fitting, roots
from mhub_core.storage import service as storage
from mhub_core.tasks.registry import require_task

_SEED = 7
_MAX_PAGE = 100


def examples(
    viewer: User | None, version_id: int, group: int | None = None, offset: int = 0, limit: int = 12, raw: bool = False
) -> list[Line]:
    """Return open series, of one group (such as a class) or, in an order that mixes them, of all. `raw`: as they were sent,
    before any recipe changed them. Raises NotFound, Conflict while the version is not ready, and Invalid for other data."""
    spec = _require_series(viewer, version_id)
    y, split = _array(spec, "y"), _array(spec, "split")
    strata = require_task(spec.task).strata(y)
    shown = split == TRAIN if group is None or strata is None else (split == TRAIN) & (strata == group)
    rows = np.random.default_rng(_SEED).permutation(np.flatnonzero(shown))
    shown = rows[max(0, offset) :][: min(max(0, limit), _MAX_PAGE)]
    return _raw_lines(spec, shown) if raw and "raw_values" in spec.arrays else _lines(spec, shown)


def some(viewer: User | None, version_id: int, rows: Sequence[int]) -> list[Line]:
    """Return some series by their rows. Those that are hidden for the test, or that do not exist, are left out."""
    spec = _require_series(viewer, version_id)
    split = _array(spec, "split")
    return _lines(spec, [row for row in rows[:_MAX_PAGE] if 0 <= row < len(split) and split[row] == TRAIN])


def _require_series(viewer: User | None, version_id: int) -> DataSpec:
    spec = service.require_ready(viewer, version_id)
    if "lengths" not in spec.arrays:
        raise Invalid(f"This version holds {require_kind(spec.kind).noun[1]}, not series.")
    return spec


def _array(spec: DataSpec, name: str) -> np.ndarray:
    array: np.ndarray = np.load(storage.local_path(spec.arrays[name]), mmap_mode="r")
    return array


def _lines(spec: DataSpec, rows: Iterable[int]) -> list[Line]:
    task, x, y, lengths = require_task(spec.task), _array(spec, "x"), _array(spec, "y"), _array(spec, "lengths")
    found = []
    for row in rows:
        values = fitting.in_own_unit(x[row], int(lengths[row]), spec.input)
        found.append(Line(int(row), tuple(map(tuple, values.T.tolist())), task.truth(y[row], spec)))
    return found


def _raw_lines(spec: DataSpec, rows: Iterable[int]) -> list[Line]:
    task, y = require_task(spec.task), _array(spec, "y")
    root = roots.read(spec, lambda name: storage.local_path(spec.arrays[name]))
    found = []
    for row in rows:
        at = int(root.rows[row])
        values = root.series.values[root.series.ends[at] : root.series.ends[at + 1]]
        lines = tuple(tuple(None if np.isnan(one) else float(one) for one in line) for line in values.T)
        found.append(Line(int(row), lines, task.truth(y[row], spec)))
    return found
