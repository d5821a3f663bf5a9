"""Categories become the mean of the target over the training rows that have them.

As in scikit-learn's TargetEncoder (Micci-Barreca, 2001): a rare category is pulled to the mean of all by empirical Bayes, and a
training row gets what the rows of other folds say, so that it does not see its own answer.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from mhub_core.recipes.fields import TEXT, Columns, Field
from mhub_core.recipes.step import Params, Rows, State, Step, listed, new_name

_FOLDS, _SEED = 5, 20_240_602


class TargetMean(Step):
    """Put in place of a category how the target is where it stands: its mean, or how often each class is there."""

    name, title = "target_mean", "Encode categories: mean of the target"
    help = (
        "For columns of many categories. A training row gets the mean over other training rows, never its own answer; rare "
        "categories are pulled to the mean of all. With more than two classes there is a column for each."
    )
    fields = (Field("columns", "Columns", "columns", of=TEXT),)
    makes_columns = True

    def after(self, params: Params, columns: Columns) -> dict[str, str]:
        """How many come depends on the classes."""
        return {name: what for name, what in columns.items() if name not in params["columns"]}

    def former(self, params: Params, state: State) -> dict[str, str]:
        """Each came from one of the columns."""
        return {part["to"]: part["from"] for part in state["parts"]}

    def learn(self, frame: pl.DataFrame, params: Params, rows: Rows) -> State:
        """Learn a mean for each category, and one for all others."""
        train, taken, parts = frame.filter(rows.train), list(frame.columns), []
        for name in params["columns"]:
            for label, answers in _answers(train, rows):
                made = new_name(f"{name} → {label}"[:200], taken)
                taken.append(made)
                means, of_all = _means(train[name], answers)
                parts.append({"from": name, "to": made, "means": means, "others": of_all})
        return {"parts": parts}

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Look each category up; a missing one counts as a category of its own."""
        made = [_looked_up(frame[part["from"]], part["means"], part["others"]).alias(part["to"]) for part in state["parts"]]
        return frame.with_columns(made).drop(params["columns"])

    def apply_here(self, frame: pl.DataFrame, params: Params, state: State, rows: Rows) -> pl.DataFrame:
        """Give each training row the means over the other folds. Copies of a row, which would tell its answer, share its fold."""
        train = frame.filter(rows.train)
        at = np.flatnonzero(rows.train.to_numpy())
        distinct, source = np.unique(rows.sources[at], return_inverse=True)
        folds = (np.random.default_rng(_SEED).permutation(len(distinct)) % _FOLDS)[source]
        made = self.apply(frame, params, state)
        places = iter(state["parts"])
        for name in params["columns"]:
            for _, answers in _answers(train, rows):
                column = next(places)["to"]
                values = made[column].to_numpy().copy()
                values[at] = _of_other_folds(train[name], answers, folds)
                made = made.with_columns(pl.Series(column, values))
        return made

    def words(self, params: Params) -> str:
        """Say which."""
        return f"Encode {listed(params['columns'])} as the mean of the target"


def _answers(train: pl.DataFrame, rows: Rows) -> list[tuple[str, np.ndarray]]:
    """Return the target as numbers: itself, or for each class (of two, the second) 1 where it is the answer."""
    target = train[rows.target]
    if not rows.classes:
        return [(rows.target, target.cast(pl.Float64).to_numpy())]
    distinct = target.unique().sort()
    shown = distinct[1:] if len(distinct) == 2 else distinct
    return [(f"{rows.target}={value}", (target == value).cast(pl.Float64).to_numpy()) for value in shown]


def _means(values: pl.Series, answers: np.ndarray) -> tuple[list[tuple[str | None, float]], float]:
    """Return the smoothed mean of each category, and the mean of all."""
    if not len(answers):
        return [], 0.0
    of_all, variance = float(answers.mean()), float(answers.var())
    groups = pl.DataFrame({"value": values, "answer": answers}).group_by("value", maintain_order=True)
    counted = groups.agg(pl.len().alias("rows"), pl.mean("answer").alias("mean"), pl.var("answer", ddof=0).alias("within"))
    means = []
    for value, num, mean, within in counted.sort("value", nulls_last=False).iter_rows():
        weight = variance * num / (variance * num + within) if variance * num + within > 0 else 1.0
        means.append((value, weight * mean + (1 - weight) * of_all))
    return means, of_all


def _looked_up(values: pl.Series, means: list[tuple[str | None, float]], others: float) -> pl.Series:
    known = {value: mean for value, mean in means}
    return pl.Series([known.get(value, others) for value in values], dtype=pl.Float64)


def _of_other_folds(values: pl.Series, answers: np.ndarray, folds: np.ndarray) -> np.ndarray:
    found = np.zeros(len(answers))
    for fold in range(_FOLDS):
        mine = folds == fold
        means, of_all = _means(values.filter(pl.Series(~mine)), answers[~mine])
        found[mine] = _looked_up(values.filter(pl.Series(mine)), means, of_all).to_numpy()
    return found
