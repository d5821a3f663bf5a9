"""What a learner is: everything that forms, checks and run pages ask about the way in which a model is made of data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mhub_core.data.records import DataSpec
from mhub_core.graphs.walk import Graph
from mhub_core.training.cost import Machine

WHOLE_NUMBER, NUMBER, CHOICE = "whole number", "number", "choice"
SEED = "seed"  # the field in which runs may differ and still say the same of what was chosen


@dataclass(frozen=True)
class Option:
    """One of the values of a choice. `brings` is the value that it gives to a field that follows the choice."""

    name: str
    label: str
    help: str
    brings: float | None = None


@dataclass(frozen=True)
class Field:
    """One thing that a person chooses for a run, and how its form shows it.

    `step` is that of the buttons of a number; `digits` is how Python formats a value for people, `form_digits` how the form
    formats one. `follows` names a choice whose option brings the default of this field; its step is then a tenth of that.
    `counts_epochs`: a run that is stopped ends before this number.
    """

    name: str
    label: str
    help: str
    widget: str
    default: Any
    options: tuple[Option, ...] = ()
    step: float = 1
    digits: str = ""
    form_digits: str | None = None
    advanced: bool = False
    follows: str = ""
    counts_epochs: bool = False

    def option(self, name: str) -> Option | None:
        """Return an option by name; None for a name that this release does not know."""
        return next((option for option in self.options if option.name == name), None)

    def text(self, value: Any) -> str:
        """Return a value as people read it: `0.001`, `20%`, `Adam`."""
        found = self.option(value) if self.widget == CHOICE else None
        return found.label if found else format(value, self.digits)


class Learner(Protocol):
    """One way to make a model of data. Nobody outside of these files asks which learner it is: they ask the learner."""

    name: str
    title: str
    help: str
    continues: bool  # whether a run can start from what a version of the same learner learned
    file_ending: str  # of the file that people download, with its dot

    def accepts(self, kind: str, task: str) -> bool:
        """Tell whether it can learn such data."""

    def fields(self, data: DataSpec, graph: Graph | None = None) -> tuple[Field, ...]:
        """Return what a person chooses, with defaults that are sensible for the data and, where it is known, for the design."""

    def defaults(self, data: DataSpec, graph: Graph | None = None) -> dict[str, Any]:
        """Return the value that a form starts with for each of `fields`."""

    def check(self, values: dict[str, Any], data: DataSpec, graph: Graph | None = None) -> dict[str, Any]:
        """Return the plan that form values describe, as plain JSON; what is missing is a default.

        The values may be anything, also of a wrong type or under a name that is none of `fields`. Raises Invalid with one problem
        per wrong field under that field's name, all at once.
        """

    def require_affordable(self, plan: dict[str, Any], data: DataSpec, totals: Mapping[str, int], machine: Machine) -> None:
        """Raise Invalid for a plan that not even the largest worker can carry out. `totals`: see `graphs.engine.facts`."""


def num_epochs(fields: Sequence[Field], plan: dict[str, Any]) -> int:
    """Return how many epochs a run of a plan has: one for a learner that knows none."""
    return next((int(plan[field.name]) for field in fields if field.counts_epochs), 1)
