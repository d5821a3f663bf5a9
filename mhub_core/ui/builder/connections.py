"""Connections by form: what comes into a layer at each of its inputs and in which order, where its outputs lead, and new ones."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from mhub_core.graphs import edit, ports, walk
from mhub_core.graphs.walk import Edge, Node
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.builder.desk_parts import Desk
from mhub_core.ui.page import plain

TO, FROM = "Connect to", "Take input from"


def draw(desk: Desk, node: Node, key: str) -> None:
    """Draw all connections of a layer, and the form for a new one."""
    design = desks.graph(desk)
    feeding = ports.feeding(walk.resolved(design, node), walk.incoming(design)[node["id"]])
    for edges in feeding.values():
        port = ports.get(walk.resolved(design, node), edges[0]["port"])
        for place, edge in enumerate(edges):
            number = f"{place + 1}. " if port and port.many and len(edges) > 1 else ""
            ways = (place > 0, place < len(edges) - 1) if number else None
            _edge(desk, edge, f"{number}from {_source(desk, edge)}{_at(desk, edge)}", key, ways)
    for edge in walk.outgoing(design)[node["id"]]:
        output = _named_output(desk, edge)
        target = edit.require_node(design, edge["target"])["name"]
        _edge(desk, edge, f"{output + ' ' if output else ''}to {target}{_at(desk, edge)}", f"{key}_out", None)
    if desk["may_edit"]:
        _new(desk, node, key)


def _source(desk: Desk, edge: Edge) -> str:
    """Name where a connection comes from, with the output where the layer gives several."""
    output = _named_output(desk, edge)
    name: str = edit.require_node(desks.graph(desk), edge["source"])["name"]
    return name + (f", its {output}" if output else "")


def _named_output(desk: Desk, edge: Edge) -> str:
    design = desks.graph(desk)
    titles = ports.outputs(walk.resolved(design, edit.require_node(design, edge["source"])))
    return _output(titles, walk.output_of(edge)) if len(titles) > 1 else ""


def _at(desk: Desk, edge: Edge) -> str:
    """Name the input at which a connection ends, where the layer has several."""
    design = desks.graph(desk)
    taken = ports.of(walk.resolved(design, edit.require_node(design, edge["target"])))
    title = next((port.title for port in taken if port.name == edge["port"]), edge["port"])
    return f", as {title}" if len(taken) > 1 else ""


def _output(titles: tuple[str, ...], number: int) -> str:
    return (titles[number] if number < len(titles) else "") or f"output {number + 1}"


def _edge(desk: Desk, edge: Edge, words: str, key: str, ways: tuple[bool, bool] | None) -> None:
    """Draw one connection with the buttons that remove it and, among ordered inputs, move it."""
    if not desk["may_edit"]:
        st.write(plain(words))
        return
    ends = (edge["source"], edge["target"], edge["port"])
    name = f"{key}_{'_'.join(ends)}_{walk.output_of(edge)}"
    cut = (desk["model_id"], edit.disconnect, *ends, walk.output_of(edge))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button(
            plain(f"✕ {words}"), help="Remove this connection", key=f"cut_{name}", wrap=True, on_click=desks.press, args=cut
        )
        for way, up, possible in zip(("earlier", "later"), (True, False), ways or ()):
            move = partial(desks.press, desk["model_id"], edit.move_input, *ends, output=walk.output_of(edge), up=up)
            label = plain(f"{way.title()}: {words}")  # on screen it is an arrow
            help = f"{way.title()} in the order of the inputs"
            st.button(label, key=f"{way}_{name}", disabled=not possible, help=help, on_click=move)


def _new(desk: Desk, node: Node, key: str) -> None:
    nodes = walk.nodes_by_id(desks.graph(desk))
    way = st.segmented_control(
        "New connection", (TO, FROM), default=TO, key=f"{key}_way", label_visibility="collapsed", required=True
    )
    if way == TO:
        others = [other["id"] for other in nodes.values() if other["id"] != node["id"] and other["class"] != "InputLayer"]
    else:
        others = [other for other in nodes if other != node["id"]] if node["class"] != "InputLayer" else []
    if not others:
        st.caption("There is no layer that it can be connected to.")
        return
    other = st.selectbox(str(way), others, format_func=lambda other: nodes[other]["name"], key=f"{key}_{way}")
    source, target = (node["id"], other) if way == TO else (other, node["id"])
    output = _choice(desk, f"{key}_output_{source}", "which output", nodes[source], ports.outputs)
    port = _choice(
        desk, f"{key}_port_{target}", "at its input", nodes[target], lambda node: [port.title for port in ports.of(node)]
    )
    taken = ports.of(walk.resolved(desks.graph(desk), nodes[target]))
    arguments = (desk["model_id"], edit.connect, source, target, None if port is None else taken[port].name, output or 0)
    st.button("Connect", key=f"{key}_connect", on_click=desks.press, args=arguments)


def _choice(desk: Desk, key: str, label: str, node: Node, titles_of: Any) -> int | None:
    """Ask for one of a layer's inputs or outputs; None where there is no choice."""
    titles = list(titles_of(walk.resolved(desks.graph(desk), node)))
    if len(titles) < 2:
        return None
    return st.selectbox(label, range(len(titles)), format_func=lambda number: _output(tuple(titles), number), key=key)


def line(desk: Desk, ends: list[str]) -> None:
    """Draw the form of the connection that is selected. Between one pair there may be several."""
    design = desks.graph(desk)
    nodes = walk.nodes_by_id(design)
    source, target = ends
    st.markdown(plain(f"From {nodes[source]['name']} to {nodes[target]['name']}"))
    for edge in design["edges"]:
        if [edge["source"], edge["target"]] == ends:
            words = f"{_source(desk, edge)} → {nodes[target]['name']}{_at(desk, edge)}"
            _edge(desk, edge, words, f"line_{desk['model_id']}", None)
    if desk["may_edit"]:
        st.caption("A layer that you click in the palette is inserted here.")
        st.button("Disconnect", key="disconnect", on_click=desks.press, args=(desk["model_id"], edit.disconnect, source, target))
