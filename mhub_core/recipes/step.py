"""What a step of a recipe is. A new one is a file in `steps/` and a line in `registry.py`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from mhub_core.recipes.fields import Columns, Field
from mhub_core.recipes.query import MOST_BYTES

Params = Mapping[str, Any]  # what a person chose, as `fields.check` returns it
State = dict[str, Any]  # what was learned from training rows, as plain JSON


@dataclass(frozen=True)
class Rows:
    """What the rows of a version are: which are training rows, and what their answers are; copies of one row have the same number
    in `sources`, int64 `(rows,)`. `classes` is empty for a number. `most_bytes`: how much memory another table in their place
    may take."""

    train: pl.Series
    sources: np.ndarray
    target: str
    classes: tuple[str, ...] = ()
    most_bytes: int = MOST_BYTES


class AnyStep(ABC):
    """What steps for every kind of data have: a form, a check, and words for the history."""

    name: str
    title: str
    help: str
    fields: tuple[Field, ...]
    offers_target = False  # among the columns of its form: it compares the target and does not change it
    is_last = False  # what it leaves is known only when it was carried out, so further steps come in the next version

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """Return a problem for each field that is wrong although it is of the right type."""
        return {}

    def after(self, params: Params, columns: Columns) -> dict[str, Any]:
        """Return the columns after this step, with what each holds."""
        return dict(columns)

    def classes_after(self, params: Params, classes: Sequence[str]) -> tuple[str, ...]:
        """Return the classes of the target that there may be after this step."""
        return tuple(classes)

    @abstractmethod
    def words(self, params: Params) -> str:
        """Return in words what is done, for the history."""


class Step(AnyStep):
    """One step for tables. A table holds numbers (Int64, Float64), text (String) and dates (Datetime), null where one is missing.

    A step changes either columns (`fit`, `apply`) or which rows there are (`changes_rows`, `keep` or `pick`). A row that a model
    is asked about goes through the former only. The target is left as it is: `run.check` refuses a step that changes it.
    """

    changes_rows = False
    makes_columns = False  # some whose names are known only when it was carried out
    needs_classes = False  # it does nothing for a target that is a number
    begins_anew = False  # it makes another table, with `remake`; rows for predictions have the columns of that one

    def changed(self, params: Params) -> list[str]:
        """Return the columns that the step changes or removes."""
        return list(params.get("columns") or ())

    def made(self, params: Params) -> list[str]:
        """Return the columns that the step adds, as far as their names are known before."""
        return []

    def former(self, params: Params, state: State) -> dict[str, str]:
        """Return of which columns others came, or what they were called before, by the names that they have now."""
        return {}

    def fit(self, train: pl.DataFrame, params: Params) -> State:
        """Return what the step needs to know of the training rows."""
        return {}

    def learn(self, frame: pl.DataFrame, params: Params, rows: Rows) -> State:
        """Return what the step needs to know of the training rows and their answers."""
        return self.fit(frame.filter(rows.train), params)

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Return a table with its columns changed. Rows stay in their order."""
        return frame

    def apply_here(self, frame: pl.DataFrame, params: Params, state: State, rows: Rows) -> pl.DataFrame:
        """Do the same with the rows of the version itself, where it matters which of them the step learned from."""
        return self.apply(frame, params, state)

    def keep(self, frame: pl.DataFrame, params: Params, train: pl.Series) -> pl.Series:
        """Return which rows stay, as a mask. `train` says which are training rows; what becomes of those depends on no other."""
        return pl.repeat(True, frame.height, eager=True)

    def pick(self, frame: pl.DataFrame, params: Params, rows: Rows) -> np.ndarray:
        """Return the numbers of the rows that there are then, int64, in rising order; a row may be there several times."""
        return np.flatnonzero(self.keep(frame, params, rows.train).to_numpy())

    def remake(self, frame: pl.DataFrame, params: Params, rows: Rows) -> tuple[pl.DataFrame, np.ndarray]:
        """Return another table, and bool `(rows,)` which of its rows are training rows."""
        return frame, rows.train.to_numpy()


def listed(names: list[str]) -> str:
    """Return column names for a sentence, at most five."""
    more = len(names) - 5
    return ", ".join(f"“{name}”" for name in names[:5]) + (f" and {more} more" if more > 0 else "")


def number(value: float) -> str:
    """Return a number for people: 3 and not 3.0."""
    return f"{value:.12g}"


def new_name(wanted: str, taken: list[str]) -> str:
    """Return a name for a new column that no other one has."""
    while wanted in taken:
        wanted += "_"
    return wanted
