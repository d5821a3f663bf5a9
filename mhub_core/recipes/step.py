"""What a step of a recipe is. A new one is a file in `steps/` and a line in `registry.py`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import polars as pl

from mhub_core.recipes.fields import Columns, Field

Params = Mapping[str, Any]  # what a person chose, as `fields.check` returns it
State = dict[str, Any]  # what was learned from training rows, as plain JSON


class Step(ABC):
    """One step. A table holds numbers (Int64, Float64) and text (String) only, with null for what is missing.

    A step changes either columns (`fit`, `apply`) or which rows there are (`drops_rows`, `keep`). A row that a model is asked
    about goes through the former only. The target is left as it is: `run.check` refuses a step that changes it.
    """

    name: str
    title: str
    help: str
    fields: tuple[Field, ...]
    drops_rows = False

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """Return a problem for each field that is wrong although it is of the right type."""
        return {}

    def after(self, params: Params, columns: Columns) -> dict[str, str]:
        """Return the columns after this step, with what each holds."""
        return dict(columns)

    def changed(self, params: Params) -> list[str]:
        """Return the columns that the step changes or removes."""
        return list(params.get("columns") or ())

    def former(self, params: Params) -> dict[str, str]:
        """Return what columns were called before, by the name that they have now."""
        return {}

    def fit(self, train: pl.DataFrame, params: Params) -> State:
        """Return what the step needs to know of the training rows."""
        return {}

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Return a table with its columns changed. Rows stay in their order."""
        return frame

    def keep(self, frame: pl.DataFrame, params: Params, train: pl.Series) -> pl.Series:
        """Return which rows stay, as a mask. `train` says which are training rows; what becomes of those depends on no other."""
        return pl.repeat(True, frame.height, eager=True)

    @abstractmethod
    def words(self, params: Params) -> str:
        """Return in words what is done, for the history."""


def listed(names: list[str]) -> str:
    """Return column names for a sentence, at most five."""
    more = len(names) - 5
    return ", ".join(f"“{name}”" for name in names[:5]) + (f" and {more} more" if more > 0 else "")


def number(value: float) -> str:
    """Return a number for people: 3 and not 3.0."""
    return f"{value:.12g}"
