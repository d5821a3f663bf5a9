"""The builder: palette, diagram, form. One fragment, so that a click redraws it alone and once."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mhub_core.models.records import Model
from mhub_core.ui import flow, flow_bridge, flow_look, screen
from mhub_core.ui.builder import actions, blocks, code, doctor, layer_form, outline, palette, toolbar
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.builder.desk_parts import Desk
from mhub_core.ui.page import window
from mhub_core.ui.session import get_viewer


def draw(model: Model) -> None:
    """Draw the builder of a model. Who may not edit it looks at it."""
    desks.lay_out(model)
    _builder(model.id, _person())


def _person() -> int | None:
    viewer = get_viewer()
    return viewer.id if viewer else None


@st.fragment
def _builder(model_id: int, drawn_for: int | None) -> None:
    if _person() != drawn_for:  # signed out meanwhile, perhaps elsewhere: the whole page asks again what may be seen
        st.rerun(scope="app")
    desk = desks.require(model_id)
    key = f"diagram_{model_id}"
    actions.hear(desk, key)
    with st.container(key="builder_unseen"):
        narrow = screen.is_narrow()
        view = toolbar.view_of(narrow)
        _listen(desk, key, view == toolbar.DIAGRAM)
    with st.container(horizontal=True, vertical_alignment="center", key="builder_toolbar"):
        toolbar.draw(desk, view)
    facts = desks.facts(desk)
    panel = (_narrow if narrow else _wide)(desk, facts, view, key)
    doctor.draw(panel, desk, facts)
    if facts is None:
        _await_facts(model_id)


def _listen(desk: Desk, key: str, is_drawn: bool) -> None:
    flow_bridge.listen(
        key,
        desks.graph(desk),
        chosen=desks.targets(desk),
        connection=bool(desk["view"]["edge"]),
        editable=desk["may_edit"],
        fit=is_drawn and desk["view"]["fit"],
    )
    desk["view"]["fit"] = desk["view"]["fit"] and not is_drawn


def _wide(desk: Desk, facts: dict[str, Any] | None, view: str, key: str) -> DeltaGenerator:
    """Draw the columns; returns where the doctor's panel goes."""
    shares = (2, 5, 3) if desk["may_edit"] else (5, 3)
    *left, middle, right = st.columns(shares)
    # First the form: it is what a click on a layer asks for, and what is drawn first is on screen first.
    with right:
        # Beside the diagram, which stays where it is when the panel comes and goes.
        panel = st.container()
        with window("Settings"):
            layer_form.draw(desk, facts)
    with middle, window("Diagram"):
        toolbar.messages(desk, facts)
        _view(desk, facts, view, key, height=flow_look.frame_height(desks.graph(desk)))
    if left:
        with left[0], window("Layers"):
            _layers(desk)
    return panel


def _narrow(desk: Desk, facts: dict[str, Any] | None, view: str, key: str) -> DeltaGenerator:
    """Draw all below one another; returns where the doctor's panel goes."""
    panel = st.container()
    if desk["may_edit"]:
        with st.expander("Add a layer", key="palette_expander", icon=":material/add:"):
            _layers(desk)
    with window("Layers" if view == toolbar.LIST else view, key="diagram"):
        toolbar.messages(desk, facts)
        _view(desk, facts, view, key, height=420, with_form=True)
    # In the list, a layer's form stands under its row.
    if view != toolbar.LIST or desk["view"]["edge"] or not (desk["view"]["selected"] or desk["view"]["several"]):
        with window("Settings"):
            layer_form.draw(desk, facts)
    return panel


def _layers(desk: Desk) -> None:
    palette.draw(desk)
    blocks.draw(desk)


def _view(desk: Desk, facts: dict[str, Any] | None, view: str, key: str, height: int, with_form: bool = False) -> None:
    if view == toolbar.PYTHON:
        code.draw(desk)
    elif view == toolbar.LIST:
        outline.draw(desk, facts, with_form)
    else:
        with st.container(key="diagram"):
            chosen, editable = desks.targets(desk), desk["may_edit"]
            flow.draw(desks.graph(desk), facts, key=key, chosen=chosen, editable=editable, height=height)


@st.fragment(run_every=4.0)
def _await_facts(model_id: int) -> None:
    """Look now and then whether the worker is back; then draw everything once."""
    if desks.is_worker_back(desks.require(model_id)):
        st.rerun()
