"""The list view: every layer a row that opens its form. The whole builder for a phone and for the keyboard."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mhub_core.graphs import walk
from mhub_core.ui import flow
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.builder import layer_form
from mhub_core.ui.builder.desk import Desk
from mhub_core.ui.page import plain


def draw(desk: Desk, facts: dict[str, Any] | None, with_form: bool) -> None:
    """Draw one row for each layer, from input to output. `with_form`: the selected one's form stands under its row."""
    nodes = walk.nodes_by_id(desk["graph"])
    order = walk.topological(desk["graph"])
    with st.container(key="outline"):
        for node_id in [*order, *(node_id for node_id in nodes if node_id not in order)]:
            _row(desk, nodes[node_id], flow.fact_of(facts, node_id))
            if with_form and node_id == desk["selected"]:
                with st.container(border=True):
                    layer_form.draw(desk, facts)
    if not nodes:
        st.write("Nothing here yet: add an InputLayer.")


def _row(desk: Desk, node: dict[str, Any], fact: dict[str, Any]) -> None:
    chosen = node["id"] == desk["selected"]
    label = f"{'▾' if chosen else '▸'} {node['class']} · {node['name']} — {flow.fact_words(fact)}"
    st.button(
        plain(label),
        key=f"row_{desk['model_id']}_{node['id']}",
        width="stretch",
        type="primary" if chosen else "secondary",
        on_click=desks.select,
        args=(desk["model_id"], None if chosen else node["id"]),
    )
