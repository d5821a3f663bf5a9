"""Carries recipes out: checks one, makes a table by it, and replays what was fitted on rows for a prediction.

A recipe is `[{"step": name, "params": {...}}]`; fitted, each part has the `state` that was learned from the training rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from mhub_core.errors import Invalid
from mhub_core.recipes import fields
from mhub_core.recipes.fields import NUMBER, TEXT, Columns
from mhub_core.recipes.registry import require_step

MAX_STEPS = 50
Recipe = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Made:
    """What a recipe made of a table: its rows, which of the former ones they are, the steps for predictions with what they
    learned, and of each step how many training and test rows it dropped."""

    frame: pl.DataFrame
    rows: np.ndarray
    fitted: list[dict[str, Any]]
    dropped: list[tuple[int, int]]


def columns_of(schema: Mapping[str, pl.DataType]) -> dict[str, str]:
    """Return what the columns of a table hold."""
    return {name: NUMBER if dtype.is_numeric() else TEXT for name, dtype in schema.items()}


def check(recipe: Any, columns: Columns, target: str) -> list[dict[str, Any]]:
    """Return a recipe as it is kept. Raises Invalid with what is wrong of the first step that cannot be done."""
    if not isinstance(recipe, (list, tuple)) or not recipe:
        raise Invalid("The recipe has no steps.", "At least one step.", "Choose a step.")
    if len(recipe) > MAX_STEPS:
        raise Invalid(f"The recipe has {len(recipe):,} steps.", f"At most {MAX_STEPS}.", "Make a version in between.")
    clean, here = [], dict(columns)
    for number, part in enumerate(recipe, start=1):
        one, here = check_step(part, here, target, number)
        clean.append(one)
    return clean


def check_step(part: Any, columns: Columns, target: str, number: int = 1) -> tuple[dict[str, Any], dict[str, str]]:
    """Return one step as it is kept, and the columns after it. Raises Invalid with a problem per field."""
    step = require_step(part.get("step") if isinstance(part, Mapping) else None)
    given = part.get("params")
    params, problems = fields.check(step.fields, given if isinstance(given, Mapping) else {}, columns)
    problems = problems or step.check(params, columns)
    if not problems and not step.drops_rows and target in step.changed(params):
        where = "columns" if "columns" in params else "column"
        problems = {where: f"“{target}” is the target, which stays as it is"}
    after = {} if problems else step.after(params, columns)
    if not problems and not after.keys() - {target}:
        problems = {"columns": "no column would be left to learn from"}
    if problems:
        field, problem = next(iter(problems.items()))
        labels = {one.name: one.label for one in step.fields}
        told = f"Step {number}, “{step.title}”, cannot be done: {labels.get(field, field)}: {problem}."
        raise Invalid(told, mend="Change or remove this step.", problems=problems)
    return {"step": step.name, "params": params}, after


def make(
    frame: pl.DataFrame, train: np.ndarray, recipe: Recipe, progress: Callable[[int, int, str], None] = lambda *_: None
) -> Made:
    """Carry a checked recipe out. `train` bool `(rows,)` says which are training rows: from these alone steps learn."""
    rows = np.arange(frame.height)
    fitted: list[dict[str, Any]] = []
    dropped: list[tuple[int, int]] = []
    for number, part in enumerate(recipe):
        step, params = require_step(part["step"]), part["params"]
        progress(number, len(recipe), step.title)
        mask = pl.Series(train[rows], dtype=pl.Boolean)
        if step.drops_rows:
            kept = step.keep(frame, params, mask)
            frame, gone = frame.filter(kept), train[rows[~kept.to_numpy()]]
            rows = rows[kept.to_numpy()]
            dropped.append((int(gone.sum()), int((~gone).sum())))
            continue
        state = step.fit(frame.filter(mask), params)
        frame = step.apply(frame, params, state)
        fitted.append({"step": step.name, "params": dict(params), "state": state})
        dropped.append((0, 0))
    return Made(frame, rows, fitted, dropped)


def replay(frame: pl.DataFrame, fitted: Recipe) -> pl.DataFrame:
    """Return raw rows as the steps of a fitted recipe change them, with what these learned when the version was made."""
    for part in fitted:
        frame = require_step(part["step"]).apply(frame, part["params"], part["state"])
    return frame


def needed(fitted: Recipe, names: Iterable[str]) -> set[str]:
    """Return the raw columns from which a fitted recipe makes some columns."""
    wanted = set(names)
    for part in reversed(fitted):
        former = require_step(part["step"]).former(part["params"])
        wanted = {former.get(name, name) for name in wanted}
    return wanted


def words(recipe: Recipe) -> list[str]:
    """Return in words what each step of a recipe does."""
    return [require_step(part["step"]).words(part["params"]) for part in recipe]
