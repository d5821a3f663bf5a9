"""The form of the selected layer: its name, what it gives, its arguments, its connections, and what can be done with it."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from mhub_core.catalog import catalog
from mhub_core.graphs import edit, walk
from mhub_core.ui import flow
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.builder.desk import Desk
from mhub_core.ui.errors import field_problem
from mhub_core.ui.forms import fields
from mhub_core.ui.page import plain


def draw(desk: Desk, facts: dict[str, Any] | None) -> None:
    """Draw the form of what is selected: a layer, a connection, or nothing."""
    if desk["edge"]:
        _connection(desk)
    elif desk["selected"]:
        _layer(desk, edit.require_node(desk["graph"], desk["selected"]), flow.fact_of(facts, desk["selected"]))
    else:
        st.write("Click a layer in the diagram: its settings open here.")


def _layer(desk: Desk, node: dict[str, Any], fact: dict[str, Any]) -> None:
    block = catalog.require_layer(node["class"])
    st.markdown(f"**{plain(block.name)}** — {plain(block.help)}")
    _told(fact)
    if desk["may_edit"]:
        _actions(desk, node)
    key = f"layer_{desk['model_id']}_{node['id']}_{desk['generation']}"
    _name(desk, node, key)
    own = (desk["model_id"], node["id"])
    form = fields.Form(
        key=key,
        take=partial(desks.take_value, *own),
        back=partial(desks.back_to_default, *own),
        refuse=partial(desks.refuse_value, desk["model_id"]),
        problems=desk["problems"],
        disabled=not desk["may_edit"],
    )
    fields.draw(form, block, node["config"])
    connections = st.expander("Connections", key=f"{key}_connections", on_change="rerun")
    if connections.open:
        with connections:
            _connections(desk, node, key)


def _told(fact: dict[str, Any]) -> None:
    """Say what comes out of the layer, or in full what keeps it from that."""
    if "error" in fact:
        st.error(f"{plain(fact['error']['message'])}\n\n{plain(fact['error']['mend'])}")
    else:
        st.caption(plain(f"Gives {flow.fact_words(fact)}" if "output_shape" in fact else flow.fact_words(fact)))


def _actions(desk: Desk, node: dict[str, Any]) -> None:
    chain = walk.as_chain(desk["graph"])
    place = chain.index(node["id"]) if chain else 0
    model_id, node_id = desk["model_id"], node["id"]
    actions = (
        ("↑ Up", edit.move_up, chain is None or place < 2),
        ("↓ Down", edit.move_down, chain is None or place in (0, len(chain) - 1)),
        ("Duplicate", edit.duplicate, False),
    )
    with st.container(horizontal=True, gap="small", key="layer_actions"):
        for label, function, disabled in actions:
            key = f"{model_id}_{label}"
            st.button(label, key=key, disabled=disabled, on_click=desks.change, args=(model_id, function, node_id))
        st.button("Delete", key=f"{model_id}_delete", on_click=desks.remove, args=(model_id, node_id))
        st.button("All defaults", key=f"{model_id}_reset", on_click=desks.reset, args=(model_id, node_id))


def _name(desk: Desk, node: dict[str, Any], key: str) -> None:
    def take() -> None:
        desks.rename(desk["model_id"], node["id"], st.session_state[f"{key}_name"].strip())

    st.text_input("name", node["name"], max_chars=80, key=f"{key}_name", on_change=take, disabled=not desk["may_edit"])
    field_problem(desk["problems"], "name")


def _connections(desk: Desk, node: dict[str, Any], key: str) -> None:
    nodes = walk.nodes_by_id(desk["graph"])
    feeding, following = walk.incoming(desk["graph"])[node["id"]], walk.outgoing(desk["graph"])[node["id"]]
    for edge in [*feeding, *following]:
        port = "" if edge["port"] == "inputs" else f" ({edge['port']})"
        words = f"{nodes[edge['source']]['name']} → {nodes[edge['target']]['name']}{port}"
        if desk["may_edit"]:
            ends = (edge["source"], edge["target"], edge["port"])
            button = {"key": f"{key}_cut_{'_'.join(ends)}", "on_click": desks.change}
            st.button(plain(f"✕ {words}"), help="Remove this connection", args=(desk["model_id"], edit.disconnect, *ends), **button)
        else:
            st.write(plain(words))
    others = [other for other in nodes if other != node["id"] and catalog.require_layer(nodes[other]["class"]).role != "input"]
    if desk["may_edit"] and others:
        _connect_to(desk, node, others, key)


def _connect_to(desk: Desk, node: dict[str, Any], others: list[str], key: str) -> None:
    nodes = walk.nodes_by_id(desk["graph"])
    target = st.selectbox("Connect to", others, format_func=lambda other: nodes[other]["name"], key=f"{key}_target")
    ports = catalog.require_layer(nodes[target]["class"]).ports
    port = st.selectbox("at its input", ports, key=f"{key}_port_{target}") if ports else None
    arguments = (desk["model_id"], edit.connect, node["id"], target, port)
    st.button("Connect", key=f"{key}_connect", on_click=desks.change, args=arguments)


def _connection(desk: Desk) -> None:
    nodes = walk.nodes_by_id(desk["graph"])
    source, target = desk["edge"]
    st.markdown(plain(f"The connection from {nodes[source]['name']} to {nodes[target]['name']}"))
    if desk["may_edit"]:
        st.caption("A layer clicked in the palette goes onto it.")
        st.button("Disconnect", key="disconnect", on_click=desks.change, args=(desk["model_id"], edit.disconnect, source, target))
