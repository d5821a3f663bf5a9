"""What steps would do to a table, seen on its first training rows while somebody chooses them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data.records import Bars, DataSpec, StepPreview
from mhub_core.data.splits import TRAIN
from mhub_core.kinds.tables import dates
from mhub_core.recipes import run
from mhub_core.recipes.run import Made

MAX_ROWS = 10_000
_MAX_CELLS = 1_000_000
_SHOWN = 8
_MOST_LETTERS = 100  # of a cell that is shown
_MOST_BYTES = 50_000_000  # the web process holds the result
_BINS = 12
_MOST_VALUES = 10


def preview(data: DataSpec, paths: Callable[[str], Path], recipe: Sequence[Mapping[str, Any]]) -> StepPreview:
    """Return what a checked recipe does to the first training rows."""
    return told(data, *tried(data, paths, recipe), recipe)


def tried(data: DataSpec, paths: Callable[[str], Path], recipe: Sequence[Mapping[str, Any]]) -> tuple[pl.DataFrame, Made]:
    """Return the first training rows, and what a recipe makes of them."""
    frame = _first_rows(data, paths)
    train, target = np.ones(frame.height, bool), data.target["name"]
    return frame, run.make(frame, train, recipe, target=target, classes=data.classes, most_bytes=_MOST_BYTES)


def told(data: DataSpec, frame: pl.DataFrame, made: Made, recipe: Sequence[Mapping[str, Any]]) -> StepPreview:
    """Return what there is to see of that."""
    return StepPreview(
        rows_before=frame.height,
        after_each=tuple(change.left for change in made.changes),
        is_part=frame.height < data.num_train,
        columns=tuple(made.frame.columns),
        rows=shown(made.frame),
        missing_before=_missing(frame),
        missing_after=_missing(made.frame),
        bars=_bars(frame, made, recipe[-1], data.target["name"]),
    )


def _first_rows(data: DataSpec, paths: Callable[[str], Path]) -> pl.DataFrame:
    table = pl.scan_parquet(paths("parquet"))
    most = min(MAX_ROWS, max(_SHOWN, _MAX_CELLS // max(1, len(table.collect_schema()))))
    wanted = np.flatnonzero(np.load(paths("split"), mmap_mode="r") == TRAIN)[:most]
    end = int(wanted[-1]) + 1 if len(wanted) else 0
    frame: pl.DataFrame = table.head(end).collect()[wanted.tolist()]
    return frame


def shown(frame: pl.DataFrame) -> tuple[dict[str, Any], ...]:
    """Return the first rows, as a page shows them."""
    cut = pl.col(pl.String).str.head(_MOST_LETTERS)  # pages keep what they show, and a text may have millions of letters
    return tuple(dates.in_words(frame.head(_SHOWN)).with_columns(cut).to_dicts())


def _missing(frame: pl.DataFrame) -> int:
    return sum(frame.null_count().row(0)) if frame.width else 0


def _bars(before: pl.DataFrame, made: Made, last: Mapping[str, Any], target: str) -> Bars | None:
    """Return the spread of the first column that the last step changes, by the name that it has before; of the target where it
    only changes how many rows there are."""
    step, params, after = run.require_table_step(last["step"]), last["params"], made.frame
    if step.begins_anew:
        return None
    former = {} if step.changes_rows else step.former(params, made.fitted[-1]["state"])
    now = {name: new for new, name in reversed(former.items())}
    looked_at = step.changed(params) or [params.get("column")]
    for name in [*looked_at, target] if step.changes_rows else looked_at:
        new = now.get(name, name)
        if name in before.columns:
            return spread(name, before[name], after[new] if new in after.columns else None)
    return None


def spread(name: str, old: pl.Series, new: pl.Series | None) -> Bars:
    """Return how the values of a column are spread before and after; None: it is gone."""
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
    if old.dtype.is_integer() and new.dtype.is_integer():  # no halves of what is counted
        edges = np.unique([*np.floor(edges[:-1]), np.ceil(edges[-1])])
    labels = tuple(f"{low:.4g} to {high:.4g}" for low, high in zip(edges, edges[1:], strict=False))
    counts = [(one.null_count(), *map(int, np.histogram(side, edges)[0])) for one, side in zip((old, new), sides, strict=True)]
    return Bars(name, ("missing", *labels), *counts)
