"""What steps would do to series, seen on the first training series while somebody chooses them: some before and after."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from mhub_core.data import signal
from mhub_core.data.records import Bars, DataSpec, Lines, StepPreview
from mhub_core.data.splits import TRAIN
from mhub_core.kinds.kind import Paths
from mhub_core.kinds.signals import carrying, process, roots
from mhub_core.kinds.signals.carrying import Carried
from mhub_core.kinds.tables import trial
from mhub_core.recipes.run import Recipe

_MAX_SERIES, _MAX_VALUES = 1_000, 2_000_000
_SHOWN, _DRAWN_STEPS = 3, 400


def preview(data: DataSpec, paths: Paths, recipe: Recipe) -> StepPreview:
    """Return what a checked recipe does to the first training series of a version."""
    here = _first(data, paths, recipe)
    before, old_labels = list(here.series), here.labels
    carrying.carry_out(here, recipe, data.input["channels"], data.classes, lambda *_: None)
    missing = [sum(int(np.isnan(one).sum()) for one in some) for some in (before, here.series)]
    return StepPreview(
        rows_before=len(before),
        after_each=tuple(change.left for change in here.changes),
        is_part=len(before) < data.num_train,
        missing_before=missing[0],
        missing_after=missing[1],
        bars=_bars(old_labels, here, bool(data.classes)),
        lines=_drawn(before, here, data),
    )


def _first(data: DataSpec, paths: Paths, recipe: Recipe) -> Carried:
    """Return the first training series as they are after the steps so far: so many that they are bounded also where the recipe
    makes them longer."""
    root, y = roots.read(data, paths), np.load(paths("y"), mmap_mode="r")
    train = np.flatnonzero(np.load(paths("split"), mmap_mode="r") == TRAIN)
    rows = root.rows[train[:_MAX_SERIES]]
    lengths = np.maximum(root.series.lengths[rows], process.most_steps([*data.input.get("recipe", ()), *recipe]))
    counts = np.cumsum(lengths, dtype=np.int64) * len(root.series.channels)
    rows = rows[: max(_SHOWN, int(np.searchsorted(counts, _MAX_VALUES)))]
    series = [np.asarray(root.series.values[root.series.ends[row] : root.series.ends[row + 1]]) for row in rows]
    changed = [carrying.replayed(one, data.input) for one in series]
    labels = [data.classes[one] for one in y[train[: len(rows)]]] if data.classes else y[train[: len(rows)]].astype(float)
    return Carried(changed, pl.Series(data.target["name"], labels), np.ones(len(rows), bool), np.arange(len(rows)), [], [])


def _bars(old: pl.Series, here: Carried, has_classes: bool) -> Bars | None:
    """Return how many series have which label, where that changes."""
    if not has_classes or old.equals(here.labels):
        return None
    return trial.spread(old.name, old, here.labels)


def _drawn(before: list[np.ndarray], here: Carried, data: DataSpec) -> tuple[Lines, ...]:
    """Return some series from all over those that stay, before and after."""
    at: Any = np.unique(np.linspace(0, len(here.rows) - 1, min(_SHOWN, len(here.rows))).astype(int)) if len(here.rows) else []
    shown = [(str(here.labels[int(place)]), before[here.rows[place]], here.series[place]) for place in at]
    return tuple(Lines(label, _line(old), _line(new)) for label, old, new in shown)


def _line(values: np.ndarray) -> tuple[tuple[float | None, ...], ...]:
    short = signal.stretched(values, _DRAWN_STEPS) if len(values) > 2 * _DRAWN_STEPS else values
    return tuple(tuple(None if np.isnan(one) else float(one) for one in line) for line in short.T)
