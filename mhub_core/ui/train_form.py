"""The form of a training: what can be chosen for a learner, each with plain help and its problem beside it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mhub_core.data.records import DataSpec
from mhub_core.errors import Invalid
from mhub_core.graphs.walk import Graph
from mhub_core.training.learners.learner import CHOICE, Field, Learner
from mhub_core.training.learners.registry import list_fitting
from mhub_core.ui import address
from mhub_core.ui.errors import field_problem

Values = dict[str, Any]
_MAX_WHOLE = 10**12  # what a field may hold; what a run may have, its learner says


def choose_learner(data: DataSpec, before: str) -> Learner | None:
    """Return what learns the data: the only one that can, else the choice of the viewer, which begins with `before`.

    None when no learner of this hub can.
    """
    fitting = {learner.name: learner for learner in list_fitting(data.kind, data.task)}
    if len(fitting) < 2:
        return next(iter(fitting.values()), None)
    usual = before if before in fitting else next(iter(fitting))
    kept = address.kept("learner", usual, address.one_of(fitting), "train")
    help_text = "The method that learns from the data."
    name = st.selectbox("Learner", list(fitting), format_func=lambda one: fitting[one].title, help=help_text, **kept)
    st.caption(fitting[name].help)
    return fitting[name]


def draw(learner: Learner, data: DataSpec, graph: Graph, before: Values, scope: str) -> tuple[Values, dict[str, str]]:
    """Draw the form and return its values and what is wrong with them, by field. The address keeps what is not a default.

    `before` holds values to start from. `scope` names the choice that the form belongs to: the fields of another are others.
    So is a single field whose default is another one for the `graph`.
    """
    known = learner.defaults(data, graph)
    fitting = {name: value for name, value in before.items() if name in known and name not in _misfits(learner, data, before)}
    form = _Form({**known, **fitting}, scope)
    fields = learner.fields(data, graph)
    with st.container(key="train_fields"):  # side by side on a phone too
        columns = st.columns(2)
    for place, field in enumerate(field for field in fields if not field.advanced):
        with columns[place % 2]:
            form.draw(field, fields)
    advanced = [field for field in fields if field.advanced]
    if advanced:
        with st.expander("Advanced", key="train_advanced"):
            for field in advanced:
                form.draw(field, fields)
    return form.values, form.show_problems(learner, data)


def _misfits(learner: Learner, data: DataSpec, values: Values) -> dict[str, str]:
    known = learner.defaults(data)
    try:
        learner.check({name: value for name, value in values.items() if name in known}, data)
    except Invalid as error:
        return error.problems
    return {}


class _Form:
    """Draws fields, keeps their values, and knows where the problem of each is shown."""

    def __init__(self, start: Values, scope: str) -> None:
        self.start = start
        self.values: Values = {}
        self._scope = scope
        self._slots: dict[str, Any] = {}

    def draw(self, field: Field, fields: tuple[Field, ...]) -> None:
        """Draw a field; one that follows a choice stands behind it in `fields`."""
        if field.widget == CHOICE:
            self._choice(field, fields)
        else:
            self._number(field, next((one for one in fields if one.name == field.follows), None))
        self._slots[field.name] = st.empty()

    def _number(self, field: Field, leader: Field | None) -> None:
        """Draw a number. Its bounds are not the widget's: a number out of bounds stays, and its problem is said beside it."""
        value, step, followed = self.start[field.name], field.step, ""
        option = leader.option(self.values[leader.name]) if leader else None
        if leader and option and option.brings is not None:
            value = value if option.name == self.start[leader.name] else option.brings
            step, followed = option.brings / 10, option.name
        is_whole = isinstance(value, int)
        read = address.whole_number(-_MAX_WHOLE, _MAX_WHOLE) if is_whole else address.number
        kept = address.kept(field.name, value, read, f"train_{followed}_{field.default}_{self._scope}")
        step = int(step) if is_whole else float(step)
        self.values[field.name] = st.number_input(field.label, step=step, format=field.form_digits, help=field.help, **kept)

    def _choice(self, field: Field, fields: tuple[Field, ...]) -> None:
        """Draw a choice, with the help of what is chosen below it."""
        by_name = {option.name: option for option in field.options}
        followers = [one.name for one in fields if one.follows == field.name]  # of another option, they begin anew
        read = address.one_of(by_name)
        kept = address.kept(field.name, self.start[field.name], read, f"train_{self._scope}", lambda: address.forget(*followers))
        labels = {name: option.label for name, option in by_name.items()}
        chosen = st.selectbox(field.label, list(by_name), format_func=labels.__getitem__, help=field.help, **kept)
        st.caption(by_name[chosen].help)
        self.values[field.name] = chosen

    def show_problems(self, learner: Learner, data: DataSpec) -> dict[str, str]:
        """Say beside each field what is wrong with it, all at once, and return it."""
        problems = _misfits(learner, data, self.values)
        for name, slot in self._slots.items():
            with slot:
                field_problem(problems, name)
        return problems
