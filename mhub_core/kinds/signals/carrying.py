"""Carries a recipe out on series: steps that change values, those of tables that do the same to the channels, and such as change
which series there are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from mhub_core.recipes import run
from mhub_core.recipes.registry import require_step
from mhub_core.recipes.run import Change, Recipe
from mhub_core.recipes.signal_step import CONTENT, MISSING, STEPS, SignalStep
from mhub_core.recipes.step import Step


@dataclass
class Carried:
    """Series `(steps, channels)` each, their labels, which are training series, and which of the former ones they are; the steps
    that changed values with what they learned, and what each step did to the number of series."""

    series: list[np.ndarray]
    labels: pl.Series
    train: np.ndarray
    rows: np.ndarray
    fitted: list[dict[str, Any]]
    changes: list[Change]


def carry_out(
    carried: Carried,
    recipe: Recipe,
    channels: Sequence[str],
    classes: Sequence[str],
    before_step: Callable[[int, Carried, SignalStep | Step], None],
) -> None:
    """Do the steps. `before_step` gets the number of each, what there is, and the step."""
    for number, part in enumerate(recipe):
        step = require_step(part["step"])
        assert isinstance(step, (SignalStep, Step))  # else the recipe was refused before
        before_step(number, carried, step)
        if isinstance(step, SignalStep) or step.changed(part["params"]):
            _change_values(carried, step, part["params"], channels)
            carried.changes.append(Change(0, 0, 0, int(carried.train.sum())))
        else:
            _change_rows(carried, part, classes)


def _change_values(carried: Carried, step: SignalStep | Step, params: Mapping[str, Any], channels: Sequence[str]) -> None:
    seen = [one for one, is_train in zip(carried.series, carried.train, strict=True) if is_train]
    train = np.concatenate(seen) if seen else np.zeros((0, len(channels)))
    if isinstance(step, SignalStep):
        part = {"step": step.name, "params": dict(params), "state": step.fit(train[:, _places(params, channels)], params)}
        carried.series = [after(one, part, channels) for one in carried.series]
    else:  # what it makes of a number depends on no other: all series at once
        part = {"step": step.name, "params": dict(params), "state": step.fit(_frame(train, channels), params)}
        ends = np.cumsum([len(one) for one in carried.series])[:-1]
        carried.series = np.split(after(np.concatenate(carried.series), part, channels), ends) if carried.series else []
    carried.fitted.append(part)


def after(values: np.ndarray, part: Mapping[str, Any], channels: Sequence[str]) -> np.ndarray:
    """Return one series after a fitted step."""
    step = require_step(part["step"])
    if isinstance(step, Step):
        return _values(step.apply(_frame(values, channels), part["params"], part["state"]))
    assert isinstance(step, SignalStep)
    at = _places(part["params"], channels)
    changed = step.apply(values[:, at], part["params"], part["state"])
    if len(at) == len(channels):
        return changed
    whole = values.copy()
    whole[:, at] = changed
    return whole


def replayed(values: np.ndarray, input: Mapping[str, Any]) -> np.ndarray:
    """Return a series, as somebody measured it, as the steps of a version change it."""
    for part in input.get("recipe", ()):
        values = after(values, part, input["channels"])
    return values


def _places(params: Mapping[str, Any], channels: Sequence[str]) -> list[int]:
    chosen = params.get("columns") or channels
    return [place for place, name in enumerate(channels) if name in chosen]


def _frame(values: np.ndarray, channels: Sequence[str]) -> pl.DataFrame:
    columns = (pl.Series(name, np.ascontiguousarray(line)) for name, line in zip(channels, values.T, strict=True))
    return pl.DataFrame([column.fill_nan(None) for column in columns])


def _values(frame: pl.DataFrame) -> np.ndarray:
    return np.stack([frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy() for name in frame.columns], axis=1)


def _change_rows(carried: Carried, part: Mapping[str, Any], classes: Sequence[str]) -> None:
    target = carried.labels.name
    frame = pl.DataFrame([carried.labels.alias("\0label"), *_known(carried.series)]).rename({"\0label": target})
    made = run.make(frame, carried.train, [part], target=target, classes=classes, sources=carried.rows)
    at = made.rows.tolist()
    carried.series, carried.labels = [carried.series[place] for place in at], made.frame[target]
    carried.train, carried.rows = made.train, carried.rows[at]
    carried.changes += made.changes


def _known(series: Sequence[np.ndarray]) -> list[pl.Series]:
    """Return what steps may ask of each series."""
    missing = [float(np.isnan(one).mean()) for one in series]
    marks = [hashlib.sha256(np.ascontiguousarray(one).tobytes()).hexdigest() for one in series]
    return [
        pl.Series(STEPS, [len(one) for one in series], pl.Int64),
        pl.Series(MISSING, missing, pl.Float64),
        pl.Series(CONTENT, marks, pl.String),
    ]
