"""The form of a training: what can be chosen, each with plain help and its problem beside it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mhub_core.data.records import DataSpec
from mhub_core.errors import Invalid
from mhub_core.tasks.registry import require_task
from mhub_core.tasks.task import Loss
from mhub_core.training import plan as plans
from mhub_core.ui.errors import field_problem

Values = dict[str, Any]


def draw(data: DataSpec, before: Values, scope: str) -> tuple[Values, dict[str, str]]:
    """Draw the form and return its values and what is wrong with them, by field.

    `before` holds values to start from. `scope` names the choice that the form belongs to: another starts from its own defaults.
    """
    known = plans.defaults(data)
    fitting = {name: value for name, value in before.items() if name in known and name not in _misfits(data, before)}
    form = _Form({**known, **fitting}, scope)
    left, right = st.columns(2)
    with left:
        form.number("epochs", "Epochs", step=1)
        form.choice("optimizer", "Optimizer", plans.OPTIMIZERS)
    with right:
        form.number("batch_size", "Batch size", step=1)
        _learning_rate(form)
    with st.expander("Advanced", key="train_advanced"):
        form.choice("loss", "Loss", require_task(data.task).losses)
        form.number("validation_share", "Validation share", step=0.05, format="%.2f")
        form.number("seed", "Seed", step=1)
    return form.values, form.show_problems(data)


def _misfits(data: DataSpec, values: Values) -> dict[str, str]:
    try:
        plans.check({name: value for name, value in values.items() if name in plans.defaults(data)}, data)
    except Invalid as error:
        return error.problems
    return {}


def _learning_rate(form: _Form) -> None:
    optimizer = plans.require_optimizer(form.values["optimizer"])
    if optimizer.name != form.start["optimizer"]:
        form.start["learning_rate"] = optimizer.learning_rate
    # Each optimizer has a learning rate of its own: what suits SGD is far too much for Lion.
    form.number("learning_rate", "Learning rate", step=optimizer.learning_rate / 10, format="%g", per=optimizer.name)


class _Form:
    """Draws fields, keeps their values, and knows where the problem of each is shown."""

    def __init__(self, start: Values, scope: str) -> None:
        self.start = start
        self.values: Values = {}
        self._scope = scope
        self._slots: dict[str, Any] = {}

    def number(self, name: str, label: str, step: float, format: str | None = None, per: str = "") -> None:
        """Draw a number. Its bounds are not the widget's: a number out of bounds stays, and its problem is said beside it."""
        key = f"train_{name}_{per}_{self._scope}"
        self.values[name] = st.number_input(
            label, value=self.start[name], step=step, format=format, help=plans.HELP[name], key=key
        )
        self._slots[name] = st.empty()

    def choice(self, name: str, label: str, options: tuple[plans.Optimizer, ...] | tuple[Loss, ...]) -> None:
        """Draw a choice, with the help of what is chosen below it."""
        by_name = {option.name: option for option in options}
        index = list(by_name).index(self.start[name])
        key = f"train_{name}_{self._scope}"
        chosen = st.selectbox(
            label, list(by_name), index, format_func=lambda one: by_name[one].label, help=plans.HELP[name], key=key
        )
        st.caption(by_name[chosen].help)
        self.values[name] = chosen
        self._slots[name] = st.empty()

    def show_problems(self, data: DataSpec) -> dict[str, str]:
        """Say beside each field what is wrong with it, all at once, and return it."""
        problems = _misfits(data, self.values)
        for name, slot in self._slots.items():
            with slot:
                field_problem(problems, name)
        return problems
