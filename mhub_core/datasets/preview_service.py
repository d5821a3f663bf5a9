"""What steps would do to a table, seen on its first training rows while somebody chooses them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec
from mhub_core.data.splits import TRAIN
from mhub_core.datasets import service, version_service
from mhub_core.datasets.records import Bars, StepPreview
from mhub_core.recipes import run
from mhub_core.recipes.registry import require_step
from mhub_core.storage import service as storage

MAX_ROWS = 10_000
_MAX_CELLS = 1_000_000
_SHOWN = 8
_BINS = 12
_MOST_VALUES = 10


def preview(user: User | None, version_id: int, recipe: list[dict[str, Any]]) -> StepPreview:
    """Return what a recipe does to the first training rows. Raises as `version_service.process` for one that cannot be done."""
    version_service.require_editor(user, version_id)
    data = service.require_ready(user, version_id)
    columns = version_service.columns_of(data)
    clean = run.check(recipe, columns, data.target["name"])
    frame = _first_rows(data, min(MAX_ROWS, max(_SHOWN, _MAX_CELLS // max(1, len(columns)))))
    made = run.make(frame, np.ones(frame.height, bool), clean)
    left = np.cumsum([0, *(train for train, _ in made.dropped)])[1:]
    return StepPreview(
        rows_before=frame.height,
        after_each=tuple(int(frame.height - gone) for gone in left),
        is_part=frame.height < data.num_train,
        columns=tuple(made.frame.columns),
        rows=tuple(made.frame.head(_SHOWN).to_dicts()),
        missing_before=_missing(frame),
        missing_after=_missing(made.frame),
        bars=_bars(frame, made.frame, clean[-1]),
    )


def _first_rows(data: DataSpec, most: int) -> pl.DataFrame:
    split = np.load(storage.local_path(data.arrays["split"]), mmap_mode="r")
    wanted = np.flatnonzero(split == TRAIN)[:most]
    end = int(wanted[-1]) + 1 if len(wanted) else 0
    frame: pl.DataFrame = pl.scan_parquet(storage.local_path(data.arrays["parquet"])).head(end).collect()[wanted.tolist()]
    return frame


def _missing(frame: pl.DataFrame) -> int:
    return sum(frame.null_count().row(0)) if frame.width else 0


def _bars(before: pl.DataFrame, after: pl.DataFrame, last: Mapping[str, Any]) -> Bars | None:
    """Return the spread of the first column that the last step changes, by the name that it has before."""
    step, params = require_step(last["step"]), last["params"]
    former = step.former(params)
    now = {name: new for new, name in former.items()}
    for name in step.changed(params) or [params.get("column")]:
        new = now.get(name, name)
        if name in before.columns:
            return _spread(name, before[name], after[new] if new in after.columns else None)
    return None


def _spread(name: str, old: pl.Series, new: pl.Series | None) -> Bars:
    gone = new if new is not None else pl.Series([], dtype=old.dtype)
    if old.dtype.is_numeric() and gone.dtype.is_numeric():
        return _ranges(name, old, gone)
    if old.dtype != gone.dtype:  # other values altogether
        old = old.clear()
    counts = [dict(one.alias("value").value_counts(name="rows").rows()) for one in (old.cast(pl.String), gone.cast(pl.String))]
    total = {value: max(side.get(value, 0) for side in counts) for side in counts for value in side}
    most = sorted(total, key=lambda value: (-total[value], str(value)))[:_MOST_VALUES]
    labels = tuple("missing" if value is None else str(value)[:40] for value in most)
    return Bars(name, labels, *(tuple(side.get(value, 0) for value in most) for side in counts))


def _ranges(name: str, old: pl.Series, new: pl.Series) -> Bars:
    sides = [one.cast(pl.Float64).drop_nulls().to_numpy() for one in (old, new)]
    both = np.concatenate(sides)
    edges = np.histogram_bin_edges(both, _BINS) if len(both) else np.array([0.0, 1.0])
    labels = tuple(f"{low:.4g} to {high:.4g}" for low, high in zip(edges, edges[1:], strict=False))
    counts = [(one.null_count(), *map(int, np.histogram(side, edges)[0])) for one, side in zip((old, new), sides, strict=True)]
    return Bars(name, ("missing", *labels), *counts)
