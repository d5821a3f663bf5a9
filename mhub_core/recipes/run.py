"""Carries recipes out: checks one, makes a table by it, and replays what was fitted on rows for a prediction.

A recipe is `[{"step": name, "params": {...}}]`; fitted, each part has the `state` that was learned from the training rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from mhub_core.errors import Invalid
from mhub_core.recipes import fields
from mhub_core.recipes.fields import DATE, NUMBER, TEXT, Columns
from mhub_core.recipes.query import MOST_BYTES
from mhub_core.recipes.registry import STEPS, require_step
from mhub_core.recipes.step import AnyStep, Rows, Step

MAX_STEPS = 50
Recipe = Sequence[Mapping[str, Any]]


class Change(NamedTuple):
    """How many training and test rows a step dropped, how many more it made, and how many training rows there are then."""

    train: int
    test: int
    repeated: int
    left: int


@dataclass(frozen=True)
class Made:
    """What a recipe made of a table: its rows; which of the former ones they are, in rising order; which are training rows; the
    steps for predictions with what they learned; and what each step did to the rows. `begins_anew`: its rows are others than
    before, which predictions are asked by."""

    frame: pl.DataFrame
    rows: np.ndarray
    train: np.ndarray
    fitted: list[dict[str, Any]]
    changes: list[Change]
    begins_anew: bool = False


def columns_of(schema: Mapping[str, pl.DataType]) -> dict[str, str]:
    """Return what the columns of a table hold."""
    return {name: NUMBER if dtype.is_numeric() else DATE if dtype.is_temporal() else TEXT for name, dtype in schema.items()}


def check(
    recipe: Any, columns: Columns, target: str, classes: Sequence[str] = (), steps: Mapping[str, AnyStep] = STEPS
) -> list[dict[str, Any]]:
    """Return a recipe as it is kept. Raises Invalid with what is wrong of the first step that cannot be done.

    `columns`: what there is before the first step, see `fields.Columns`. `classes`: those of the target, if it has any.
    `steps`: those that there are for the kind of data.
    """
    if not isinstance(recipe, (list, tuple)) or not recipe:
        raise Invalid("The recipe has no steps.", "At least one step.", "Choose a step.")
    if len(recipe) > MAX_STEPS:
        raise Invalid(f"The recipe has {len(recipe):,} steps.", f"At most {MAX_STEPS}.", "Make a version in between.")
    clean, here = [], dict(columns)
    for number, part in enumerate(recipe, start=1):
        one, here = check_step(part, here, target, number, classes, steps)
        classes = require_step(one["step"]).classes_after(one["params"], classes)
        clean.append(one)
        if number < len(recipe) and require_step(one["step"]).is_last:
            told = f"Step {number}, “{require_step(one['step']).title}”, must be the last one."
            raise Invalid(told, "Further steps follow on the version that it makes.", "Move it to the end.")
    return clean


def check_step(
    part: Any,
    columns: Columns,
    target: str,
    number: int = 1,
    classes: Sequence[str] = (),
    steps: Mapping[str, AnyStep] = STEPS,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return one step as it is kept, and the columns after it. Raises Invalid with a problem per field."""
    step = require_step(part.get("step") if isinstance(part, Mapping) else None, steps)
    given = part.get("params")
    params, problems = fields.check(step.fields, given if isinstance(given, Mapping) else {}, columns)
    problems = problems or step.check(params, columns)
    if not problems and isinstance(step, Step):
        problems = _table_problems(step, params, columns, target, classes)
    if problems:
        field, problem = next(iter(problems.items()))
        labels = {one.name: one.label for one in step.fields}
        where = f"{labels[field]}: " if field in labels else ""
        told = f"Step {number}, “{step.title}”, cannot be done: {where}{problem}."
        raise Invalid(told, mend="Change or remove this step.", problems=problems)
    return {"step": step.name, "params": params}, step.after(params, columns)


def _table_problems(
    step: Step, params: Mapping[str, Any], columns: Columns, target: str, classes: Sequence[str]
) -> dict[str, str]:
    """Return what is wrong of a step for tables beside its own fields: the target stays, and something to learn from."""
    where = "columns" if "columns" in params else "column"
    if not step.changes_rows and target in step.changed(params):
        return {where: f"“{target}” is the target, which stays as it is"}
    if step.needs_classes and not classes:
        return {"target": f"“{target}” is a number, not classes"}
    named = {label: field.name for field in step.fields if field.kind == "labels" for label in params[field.name]}
    if unknown := next((label for label in named if label not in classes), ""):
        return {named[unknown]: f"there is no label “{unknown}”"}
    after = step.after(params, columns)
    if len(after) < len(columns) and not after.keys() - {target} and not step.makes_columns:
        return {"columns": "no column would be left to learn from"}
    if taken := next((name for name in step.made(params) if name in columns), ""):
        return {where: f"there is a column “{taken}” already"}
    return {}


def make(
    frame: pl.DataFrame,
    train: np.ndarray,
    recipe: Recipe,
    progress: Callable[[int, int, str], None] = lambda *_: None,
    target: str = "",
    classes: Sequence[str] = (),
    sources: np.ndarray | None = None,
    most_bytes: int = MOST_BYTES,
) -> Made:
    """Carry a checked recipe out. `train` bool `(rows,)` says which are training rows: from these alone steps learn.

    `sources` int `(rows,)` tells which rows are copies of one; without it none are. `most_bytes`: how much memory a table may
    take that a step puts in the place of this one.
    """
    sources = np.arange(frame.height) if sources is None else sources
    making = _Making(frame, train, target, tuple(classes), sources, most_bytes)
    for number, part in enumerate(recipe):
        step = require_table_step(part["step"])
        progress(number, len(recipe), step.title)
        making.carry_out(step, part["params"])
    return making.done()


class _Making:
    def __init__(
        self,
        frame: pl.DataFrame,
        train: np.ndarray,
        target: str,
        classes: tuple[str, ...],
        sources: np.ndarray,
        most_bytes: int,
    ) -> None:
        self._frame, self._train, self._target, self._classes, self._sources = frame, train, target, classes, sources
        self._most_bytes = most_bytes
        self._numbers = np.arange(frame.height)
        self._begins_anew = False
        self._fitted: list[dict[str, Any]] = []
        self._changes: list[Change] = []

    def carry_out(self, step: Step, params: Mapping[str, Any]) -> None:
        train = pl.Series(self._train, dtype=pl.Boolean)
        rows = Rows(train, self._sources, self._target, self._classes, self._most_bytes)
        if step.begins_anew:
            self._begin_anew(*step.remake(self._frame, params, rows))
        elif step.changes_rows:
            self._take(step.pick(self._frame, params, rows))
        else:
            state = step.learn(self._frame, params, rows)
            self._frame = step.apply_here(self._frame, params, state, rows)
            self._fitted.append({"step": step.name, "params": dict(params), "state": state})
            self._changes.append(Change(0, 0, 0, int(self._train.sum())))

    def _take(self, at: np.ndarray) -> None:
        is_gone = np.ones(len(self._train), bool)
        is_gone[at] = False
        test, gone = int((is_gone & ~self._train).sum()), int(is_gone.sum())
        repeated = len(at) - (len(self._train) - gone)
        self._frame, self._train = self._frame[at], self._train[at]
        self._numbers, self._sources = self._numbers[at], self._sources[at]
        self._changes.append(Change(gone - test, test, repeated, int(self._train.sum())))

    def _begin_anew(self, frame: pl.DataFrame, train: np.ndarray) -> None:
        fewer = [int(before.sum() - after.sum()) for before, after in ((self._train, train), (~self._train, ~train))]
        more = sum(max(0, -one) for one in fewer)
        self._changes.append(Change(max(0, fewer[0]), max(0, fewer[1]), more, int(train.sum())))
        self._frame, self._train, self._numbers, self._fitted = frame, train, np.arange(frame.height), []
        self._sources, self._begins_anew = self._numbers, True

    def done(self) -> Made:
        return Made(self._frame, self._numbers, self._train, self._fitted, self._changes, self._begins_anew)


def require_table_step(name: object) -> Step:
    """Return a step for tables by name."""
    step: AnyStep = require_step(name)
    if not isinstance(step, Step):
        raise Invalid(f"“{step.title}” is no step for tables.", mend="Remove it.")
    return step


def end_of_anew(recipe: Recipe) -> int:
    """Return how many steps there are up to the last one that begins anew; 0 where none does."""
    return max((place for place, part in enumerate(recipe, start=1) if require_table_step(part["step"]).begins_anew), default=0)


def replay(frame: pl.DataFrame, fitted: Recipe) -> pl.DataFrame:
    """Return raw rows as the steps of a fitted recipe change them, with what these learned when the version was made."""
    for part in fitted:
        frame = require_table_step(part["step"]).apply(frame, part["params"], part["state"])
    return frame


def needed(fitted: Recipe, names: Iterable[str]) -> set[str]:
    """Return the raw columns from which a fitted recipe makes some columns."""
    wanted = set(names)
    for part in reversed(fitted):
        former = require_table_step(part["step"]).former(part["params"], part["state"])
        wanted = {former.get(name, name) for name in wanted}
    return wanted


def words(recipe: Recipe) -> list[str]:
    """Return in words what each step of a recipe does."""
    return [require_step(part["step"]).words(part["params"]) for part in recipe]
