"""How a table holds series: one in each row, or one step in each row with a column that identifies each series."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from mhub_core.kinds.tables import columns as facts

WIDE, LONG = "wide", "long"
FORMS: tuple[tuple[str, str], ...] = ((WIDE, "one series in each row"), (LONG, "one step in each row, series below series"))
_NUMBERED = re.compile(r"^(.*?)[ _.(\[-]*(\d{1,9})[)\]]?$")
_STEP_NAMES = ("t", "time", "step", "timestep", "ts", "tick", "second", "minute", "hour", "day", "week", "month")
_SERIES_NAMES = re.compile(
    r"^(id|.*[_ .-])?(series|sequence|trial|recording|signal|episode|sample|window|segment|curve|unit|run)"
    r"([_ .-]?(id|no|nr|num|number|index))?$|^(id|case|dim_?id)$",
    re.IGNORECASE,
)
_TIME_NAMES = re.compile(
    r"^(t|time|times|time[_ .-]?(stamp|step|index|s|ms)?|timestamp|step|steps|tick|cycle|date|datetime|frame|order|position"
    r"|seconds?|ms|minutes?|hours?|days?)$",
    re.IGNORECASE,
)
_CERTAIN_STEPS = 8
_CERTAIN_ROWS = 4  # of one series, in the middle
_CERTAIN_ALONE = 1_000  # of the only series that the beginning of a file shows


@dataclass(frozen=True)
class Layout:
    """`form` is WIDE or LONG. `id` is the column that identifies a series, `time` the one that orders its steps; without it the
    order of the rows counts. `values` are the columns of numbers, `target` the column to learn."""

    form: str
    values: tuple[str, ...]
    target: str
    id: str = ""
    time: str = ""


def guess(frame: pl.DataFrame, form: str = "", id: str | None = None, time: str | None = None) -> Layout:
    """Return how a tidy frame is likely to hold series; what is given counts."""
    found_id = _find_id(frame) if id is None else id
    found_time = (_find_time(frame, found_id) if time is None else time) if found_id else ""
    form = form or (LONG if found_id and (found_time or not _run(frame)) else WIDE)
    if form == WIDE:
        return _wide(frame)
    return _long(frame, found_id or frame.columns[0], found_time)


def is_certain(frame: pl.DataFrame, layout: Layout) -> bool:
    """Tell whether a table surely holds series: nothing that is merely numbered, or merely has ids, is taken for one."""
    if layout.form == WIDE:
        found = channels(layout.values)
        return bool(found) and all(stem.lower() in _STEP_NAMES for stem in found) and _has_target(frame, layout)
    rest = [name for name in frame.columns if name not in (layout.id, layout.time, layout.target, *layout.values)]
    rows = frame.group_by(layout.id).len()["len"].to_numpy()
    return bool(
        _SERIES_NAMES.match(layout.id)
        and _TIME_NAMES.match(layout.time)
        and layout.values
        and not [name for name in rest if frame[name].dtype.is_numeric()]
        and np.median(rows) >= _CERTAIN_ROWS
        and (len(rows) > 1 or len(frame) >= _CERTAIN_ALONE)
        and _rises(frame, layout.id, layout.time)
        and _has_target(frame, layout)
    )


def channels(names: Sequence[str]) -> dict[str, list[str]]:
    """Return columns that are numbered alike under the stem of their names: `{"x": ["x_0", "x_1", ...], "y": [...]}`, in the
    order of their numbers; empty when they are not all of a few such runs."""
    found: dict[str, dict[int, str]] = {}
    for name in names:
        match = _NUMBERED.match(name)
        if not match:
            return {}
        found.setdefault(match[1] or "value", {})[int(match[2])] = name
    runs = {stem: [run[number] for number in sorted(run)] for stem, run in found.items()}
    lengths = {tuple(sorted(run)) for run in found.values()}
    is_whole = sum(map(len, runs.values())) == len(names)
    return runs if len(lengths) == 1 and is_whole and len(next(iter(lengths))) >= _CERTAIN_STEPS else {}


def candidates(frame: pl.DataFrame, layout: Layout) -> list[str]:
    """Return the columns that can be the target: in the long form those that have one value in most series."""
    if layout.form == WIDE:
        run = set(_run(frame))
        return [name for name in frame.columns if name not in run] or list(frame.columns)
    others = [name for name in frame.columns if name not in (layout.id, layout.time)]
    return [name for name in others if _is_constant(frame, layout.id, name)] or others


def _numbers(frame: pl.DataFrame) -> list[str]:
    return [name for name in frame.columns if frame[name].dtype.is_numeric()]


def _run(frame: pl.DataFrame) -> list[str]:
    """Return the columns of numbers that are numbered alike, or nothing."""
    numbers = _numbers(frame)
    numbered: dict[str | None, list[str]] = {}
    for name in numbers:
        match = _NUMBERED.match(name)
        numbered.setdefault(match[1] if match else None, []).append(name)
    runs = [names for stem, names in numbered.items() if stem is not None and len(names) >= _CERTAIN_STEPS]
    longest = max(map(len, runs), default=0)
    return [name for name in numbers if any(name in run for run in runs if len(run) == longest)]


def _wide(frame: pl.DataFrame) -> Layout:
    run, numbers = _run(frame), _numbers(frame)
    if run and len(run) < len(frame.columns):
        rest = [name for name in frame.columns if name not in run]
        return Layout(WIDE, tuple(run), facts.guess_target(frame.select(rest)))
    words = [name for name in frame.columns if name not in numbers]
    named = facts.guess_target(frame)
    is_named = named.lower() in facts.TARGET_NAMES
    target = named if is_named else words[-1] if words else _first_or_last(frame)
    return Layout(WIDE, tuple(name for name in numbers if name != target), target)


def _first_or_last(frame: pl.DataFrame) -> str:
    """Return the column at an end that is likelier to name classes: archives of series write it first."""
    first = frame.columns[0]
    return first if facts.guess_task(frame[first]) == "classification" else frame.columns[-1]


def _long(frame: pl.DataFrame, id: str, time: str) -> Layout:
    others = [name for name in frame.columns if name not in (id, time)]
    constant = [name for name in others if _is_constant(frame, id, name)]
    target = facts.guess_target(frame.select(constant or others)) if others else id
    changing = [name for name in _numbers(frame.select(others)) if frame[name].drop_nulls().n_unique() > 1]
    values = [name for name in changing if name != target and name not in constant]
    return Layout(LONG, tuple(values), target, id, time)


def _find_id(frame: pl.DataFrame) -> str:
    """Return the column that is called as one that tells series; one without a single repeated value only beside times. Beside
    times also another column, within each value of which they differ."""
    named = [name for name in frame.columns if _SERIES_NAMES.match(name)]
    repeated = [name for name in named if frame[name].n_unique() <= frame.height / 2]
    times = [name for name in frame.columns if _TIME_NAMES.match(name) and _orders(frame[name])]
    others = [name for name in frame.columns if name not in times and _CERTAIN_ROWS * frame[name].n_unique() <= frame.height]
    beside = [name for name in others if times and _rises(frame, name, times[0])]
    return next(iter(repeated or (named if times else []) or beside), "")


def _find_time(frame: pl.DataFrame, id: str) -> str:
    can_order = [name for name in frame.columns if name != id and _orders(frame[name])]
    named = [name for name in can_order if _TIME_NAMES.match(name)]
    return next((name for name in named if _rises(frame, id, name)), named[0] if named else "")


def _orders(values: pl.Series) -> bool:
    return values.dtype.is_numeric() or values.dtype.is_temporal()


def _rises(frame: pl.DataFrame, id: str, time: str) -> bool:
    """Tell whether the times of most series differ from step to step."""
    told = frame.group_by(id).agg(pl.col(time).n_unique().alias("times"), pl.len().alias("rows"))
    return bool((told["times"] >= told["rows"] * 0.9).mean() >= 0.9)  # type: ignore[operator]


def _is_constant(frame: pl.DataFrame, id: str, name: str) -> bool:
    """Tell whether a column has one value in most series of several steps, and not the same in all of several."""
    told = frame.group_by(id).agg(pl.col(name).drop_nulls().n_unique().alias("values"), pl.len().alias("rows"))
    told = told.filter(pl.col("rows") > 1)
    if not told.height:
        return False
    differs = frame[name].n_unique() > 1 or len(told) == 1
    return bool((told["values"] <= 1).mean() >= 0.9) and differs  # type: ignore[operator]


def _has_target(frame: pl.DataFrame, layout: Layout) -> bool:
    return layout.target not in layout.values and layout.target not in (layout.id, layout.time)
