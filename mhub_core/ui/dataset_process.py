"""Cleaning data by clicks: choose steps, see what each does, make the next version."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec, StepPreview
from mhub_core.datasets import preview_service, version_service
from mhub_core.datasets.records import Dataset, DatasetVersion
from mhub_core.errors import Invalid
from mhub_core.recipes import run
from mhub_core.recipes.fields import MAX_LINES, Field, counts
from mhub_core.recipes.registry import require_step
from mhub_core.recipes.step import AnyStep
from mhub_core.ui import dataset_words, step_preview
from mhub_core.ui.errors import errors_shown, field_problem
from mhub_core.ui.page import go, plain

Recipe = list[dict[str, Any]]
Here = tuple[dict[str, Any], tuple[str, ...]]  # columns and classes


def draw(user: User, dataset: Dataset, version: DatasetVersion) -> None:
    """Draw the steps that were chosen, the form of the next one with its preview, and the button."""
    assert version.spec is not None
    st.write(
        f"Each change makes a new version; version {version.number} stays as it is. What a step learns, such as a mean, it "
        "learns from the training part alone, and models trained on the new version do the same with all they are asked about."
    )
    kept = f"recipe_{version.id}"
    recipe: Recipe = st.session_state.setdefault(kept, [])
    try:
        here = _after(version_service.columns(user, version.id), recipe, version.spec)
    except Invalid as error:
        st.error(plain(error.happened))
        here = None
    if recipe:
        _chosen(recipe)
    candidate = _next_step(here, version.spec, version.id, len(recipe)) if here and not _is_over(recipe) else None
    works = False
    if candidate or (recipe and here):
        with errors_shown():
            step_preview.draw(_preview(user, version.id, [*recipe, *([candidate] if candidate else [])]), version.spec)
            works = True
    if candidate and works and st.button("Add this step", key="add_step"):
        st.session_state[kept] = [*recipe, candidate]
        st.rerun()
    if recipe and here:
        _make(user, dataset, version, recipe)


@st.cache_data(max_entries=50, ttl=600, show_spinner="Trying the steps …")
def _preview(user: User, version_id: int, recipe: Recipe) -> StepPreview:
    return preview_service.preview(user, version_id, recipe)


def _after(columns: dict[str, Any], recipe: Recipe, spec: DataSpec) -> Here:
    """Return the columns and the classes that there are after some steps."""
    steps, classes = version_service.recipes_of(spec).steps, spec.classes
    for number, part in enumerate(recipe, start=1):
        _, columns = run.check_step(part, columns, spec.target["name"], number, classes, steps)
        classes = steps[part["step"]].classes_after(part["params"], classes)
    return columns, classes


def _is_over(recipe: Recipe) -> bool:
    """Tell whether no step can follow, and say so."""
    is_over = bool(recipe) and require_step(recipe[-1]["step"]).is_last
    if is_over:
        st.caption("Make the version now: further steps can follow on it.")
    return is_over


def _chosen(recipe: Recipe) -> None:
    """Draw the steps so far, each of which can be moved and removed."""
    st.write("**Steps of the new version**")
    for number, (part, words) in enumerate(zip(recipe, run.words(recipe), strict=True)):
        with st.container(horizontal=True, vertical_alignment="center", key=f"step_{number}"):
            st.markdown(f"{number + 1}. {plain(words)}", width="stretch")
            with st.container(horizontal=True, width="content", key=f"moves_{number}"):  # on a phone they stay together
                _moves(recipe, number, part)


def _moves(recipe: Recipe, number: int, part: dict[str, Any]) -> None:
    is_first, is_last = number == 0, number == len(recipe) - 1
    if len(recipe) > 1:
        st.button("▲", key=f"up_{number}", help="Move up", disabled=is_first, on_click=_move, args=(recipe, number, -1))
        st.button("▼", key=f"down_{number}", help="Move down", disabled=is_last, on_click=_move, args=(recipe, number, 1))
    st.button("✕", key=f"out_{number}", help="Remove this step", on_click=recipe.remove, args=(part,))


def _move(recipe: Recipe, number: int, by: int) -> None:
    recipe[number], recipe[number + by] = recipe[number + by], recipe[number]


def _next_step(here: Here, spec: DataSpec, version_id: int, number: int) -> dict[str, Any] | None:
    """Draw the choice and the form of a step. Returns it once it can be done."""
    (columns, classes), steps = here, version_service.recipes_of(spec).steps
    names = ["", *steps]
    titles = {"": "Choose a step …", **{name: step.title for name, step in steps.items()}}
    scope = f"{version_id}_{number}"
    label = "Next step" if number else "First step"
    chosen = st.selectbox(label, names, format_func=titles.__getitem__, key=f"next_step_{scope}")
    if not chosen:
        return None
    step, target = steps[chosen], spec.target["name"]
    st.caption(plain(step.help))
    params = _form(step, here, spec, f"{scope}_{chosen}")
    try:
        clean, _ = run.check_step({"step": chosen, "params": params}, columns, target, 1, classes, steps)
    except Invalid as error:
        untouched = {
            field.name: field.default for field in step.fields if params.get(field.name) in (None, "", [], field.default)
        }
        if error.problems.keys() - untouched.keys():
            field_problem({"it": next(iter(error.problems.values()))}, "it")
        else:
            st.caption("Fill in the fields to see what the step does.")
        return None
    return clean


def _form(step: AnyStep, here: Here, spec: DataSpec, scope: str) -> dict[str, Any]:
    (columns, classes), usual = here, version_service.recipes_of(spec).usual(spec)
    params: dict[str, Any] = {}
    for field in step.fields:
        if counts(field, params):
            offered = list(classes) if field.kind == "labels" else _offered(field, step, columns, spec.target["name"])
            params[field.name] = _field(field, offered, usual, f"{scope}_{field.name}")
    return params


def _offered(field: Field, step: AnyStep, columns: dict[str, Any], target: str) -> list[str]:
    """Return the columns that can be chosen: the target only where it is compared and not changed."""
    fitting = (name for name, holds in columns.items() if field.of in ("any", holds))
    return [name for name in fitting if step.offers_target or name != target]


def _field(field: Field, offered: list[str], usual: str, key: str) -> Any:
    help_text, proposed = field.help or None, [usual] if usual in offered else offered[: len(offered) == 1]
    if field.kind == "columns":
        chosen = [] if field.optional else proposed
        words = "All" if field.optional else f"Choose {field.label.lower()}"
        return st.multiselect(field.label, offered, chosen, key=key, help=help_text, placeholder=words)
    if field.kind == "labels":
        return st.multiselect(field.label, offered, key=key, help=help_text, placeholder="Choose labels")
    if field.kind == "column":
        at = offered.index(proposed[0]) if proposed else None
        return st.selectbox(field.label, offered, at, key=key, help=help_text, placeholder="Choose a column")
    if field.kind == "choice":
        labels = dict(field.choices)
        at = list(labels).index(field.default) if field.default in labels else 0
        return st.selectbox(field.label, list(labels), at, format_func=labels.__getitem__, key=key, help=help_text)
    if field.kind == "choices":
        labels = dict(field.choices)
        at_first = list(field.default or ())
        return st.multiselect(
            field.label, list(labels), at_first, labels.__getitem__, key=key, help=help_text, placeholder="Choose"
        )
    if field.kind == "lines":
        return st.text_area(field.label, field.default or "", max_chars=MAX_LINES, key=key, help=help_text, height=120)
    if field.kind == "number":
        return st.number_input(field.label, value=field.default, key=key, help=help_text, format="%g", width=240)
    return st.text_input(field.label, field.default or "", max_chars=200, key=key, help=help_text)


def _make(user: User, dataset: Dataset, version: DatasetVersion, recipe: Recipe) -> None:
    number = max(one.number for one in dataset.versions) + 1
    note = st.text_input("Note (why, in one line)", max_chars=version_service.MAX_NOTE, key=f"recipe_note_{version.id}")
    steps = dataset_words.counted(len(recipe), "step")
    if st.button(f"Make version {number} with {steps}", type="primary", key="make_version"):
        with errors_shown():
            made = version_service.process(user, version.id, recipe, note)
            del st.session_state[f"recipe_{version.id}"]
            go("Dataset", id=dataset.id, version=made)
