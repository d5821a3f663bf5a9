"""The shape doctor's panel: which layer is at fault, why, and repairs that were tried: one click applies one, one takes it back.

It is filled in last, when all else is drawn: looking for repairs may take the worker most of a second.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mhub_core.errors import MHubError
from mhub_core.graphs import answer, edit, kept, linear
from mhub_core.graphs import service as graphs
from mhub_core.graphs.doctor import candidates
from mhub_core.graphs.records import Repair
from mhub_core.graphs.walk import Graph
from mhub_core.graphs.words import shape_text
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.builder import saving
from mhub_core.ui.builder.desk_parts import Desk
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.page import plain, window

TOO_LATE = "The diagram has changed since this fix was found, so it was not applied. Looking for a new one."
AT_ONCE = 0.25  # Seconds to wait for repairs before the panel is drawn without them; most are there in a tenth.


def draw(place: DeltaGenerator, desk: Desk, facts: dict[str, Any] | None) -> None:
    """Draw the first layer at fault with what mends it, or what was just mended."""
    design = desks.graph(desk)
    node_id = candidates.fault(design, facts) if facts else None
    mended = desk["told"]["mended"]
    if mended and mended["graph"] != design:
        mended = None
    spread = answer.for_each_point(design, facts) if facts and not node_id else None
    is_part = node_id or spread or desk["view"]["inside"]
    hidden = [] if is_part else linear.hidden_layers(design)
    if not node_id and not mended and not spread and not hidden:
        return
    with place, window("Doctor"):
        if mended:
            _mended(desk, mended["words"])
        if facts and spread:
            _spread(desk, *spread, facts)
        if hidden:
            _linear(desk, hidden)
        if facts and node_id:
            _fault(desk, edit.require_node(design, node_id), facts)


def _fault(desk: Desk, node: dict[str, Any], facts: dict[str, Any]) -> None:
    told = facts["nodes"][node["id"]]["error"]
    st.markdown(f":red[**✖**] {plain(told['message'])}")
    found = _find(desk, AT_ONCE)
    if found is None:
        st.caption("Looking for fixes …")
        _await(desk["model_id"])
    elif found:
        for place, repair in enumerate(found):
            _button(desk, repair, place)
    else:
        st.write(plain(told["mend"]))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if desk["view"]["selected"] != node["id"]:
            model_id, node_id = desk["model_id"], node["id"]
            st.button(plain(f"Show {node['name']}"), key=f"{model_id}_show_fault", on_click=desks.show, args=(model_id, node_id))
        more = candidates.count_faults(facts) - 1
        if more:
            words = counted(more, "more layer has", "more layers have")
            st.caption(f"{words} a problem, shown after this one is fixed.")


def _spread(desk: Desk, last: dict[str, Any], first: dict[str, Any], facts: dict[str, Any]) -> None:
    """Tell of a forgotten Flatten, which is no fault: the design builds."""
    shape = shape_text(facts["nodes"][last["id"]]["output_shape"])
    told = f"{last['name']} gives {shape}: one output for each pixel of an image."
    st.markdown(plain(f"{told} To get one output for each image, flatten it first."))
    if desk["may_edit"]:
        design = desks.graph(desk)
        mended = edit.add_node(design, "Flatten", before=first["id"])[0]
        _button(desk, Repair(f"Insert a Flatten before {first['name']}", mended, first["id"]), 0)


def _linear(desk: Desk, hidden: list[dict[str, Any]]) -> None:
    """Tell of forgotten activations, which are no fault either."""
    named = kept.listed([node["name"] for node in hidden])
    has, act = ("has", "it and the last layer act") if len(hidden) == 1 else ("have", "all layers act")
    st.markdown(
        plain(f"{named} {has} no activation, so {act} as one: the network can learn only a linear function of its input.")
    )
    if desk["may_edit"]:
        design = desks.graph(desk)
        _button(desk, Repair(f"Use ReLU in {named}", linear.with_activation(design, hidden), hidden[0]["id"]), 0)


def _find(desk: Desk, seconds: float) -> list[Repair] | None:
    """Return what mends the open design, or None while it is looked for. What failed for a design is not asked for it again."""
    design = desks.graph(desk)
    if not desk["may_edit"] or desk["told"]["in_vain"] == design:
        return []
    try:
        return graphs.repairs_soon(design, seconds)
    except MHubError:
        desk["told"]["in_vain"] = design
        return []


def _button(desk: Desk, repair: Repair, place: int) -> None:
    apply = partial(_mend, desk["model_id"], repair, desks.graph(desk))
    key = f"mend_{desk['model_id']}_{place}"
    kind: Literal["primary", "secondary"] = "primary" if place == 0 else "secondary"
    st.button(plain(f"Fix: {repair.words}"), key=key, width="stretch", type=kind, on_click=apply)


def _mend(model_id: int, repair: Repair, found_for: Graph) -> None:
    """Put the repair in place of the design that it was found for; not of a newer one, of which it knows nothing."""
    desk = desks.require(model_id)
    if desks.graph(desk) != found_for:
        desks.hush(desk, TOO_LATE)
    elif desks.change(model_id, edit.replace, repair.graph):
        desk["view"]["generation"] += 1  # The fields of an open form show what the repair set.
        desk["view"]["fit"] = True
        desk["told"]["mended"] = {"words": repair.words, "graph": desks.graph(desk)}


def _mended(desk: Desk, words: str) -> None:
    """Say what was mended, until the next change."""
    st.markdown(plain(f"✔ Fixed: {words}."))
    st.button("Undo", key=f"{desk['model_id']}_undo_mend", on_click=saving.step_back, args=(desk["model_id"],))


@st.fragment(run_every=0.5)
def _await(model_id: int) -> None:
    """Look whether the repairs are there; then draw everything once."""
    if _find(desks.require(model_id), 0.0) is not None:
        st.rerun()
