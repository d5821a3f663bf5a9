"""The list view: every layer a row that opens its form. The whole builder for a phone and for the keyboard."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mhub_core.graphs import walk
from mhub_core.graphs.walk import Graph, Node
from mhub_core.ui import flow
from mhub_core.ui.builder import actions, layer_form
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.builder.desk_parts import Desk
from mhub_core.ui.page import plain

MOST_ROWS = 120  # More would take a browser longer than an instant.


def draw(desk: Desk, facts: dict[str, Any] | None, with_form: bool) -> None:
    """Draw one row for each layer, from input to output. A row says what feeds its layer when that is not the one above.

    `with_form`: the form stands here too, the layer's under its row.
    """
    design = desks.graph(desk)
    nodes, order = walk.nodes_by_id(design), walk.topological(design)
    if not nodes:
        return  # what stands above says so
    several = desk["view"]["several"]
    st.toggle("Select several", several, key=f"{desk['model_id']}_several_{several}", on_change=_several, args=(desk,))
    if with_form and several:
        with st.container(border=True):
            layer_form.draw(desk, facts)
    rows = [*order, *(node_id for node_id in nodes if node_id not in order)]
    feeding, above = walk.incoming(design), dict(zip(rows[1:], rows))
    with st.container(key="outline"):
        for node_id in _page(desk, rows):
            sources = list(dict.fromkeys(edge["source"] for edge in feeding[node_id]))
            fed = "" if sources == [above.get(node_id)] else _fed_by(nodes[node_id], [nodes[one]["name"] for one in sources])
            _row(desk, design, nodes[node_id], flow.fact_words(flow.fact_of(facts, node_id)) + fed)
            if with_form and node_id == desk["view"]["selected"]:
                with st.container(border=True):
                    layer_form.draw(desk, facts)


def _page(desk: Desk, rows: list[str]) -> list[str]:
    """Return the rows to draw: of a very long list one page, that of a layer when it is selected, until somebody turns it."""
    if len(rows) <= MOST_ROWS:
        return rows
    key = f"{desk['model_id']}_page"
    selected = desk["view"]["selected"]
    here = rows.index(selected) if selected in rows else None
    if key not in st.session_state or (here is not None and selected != desk["view"]["found"]):
        st.session_state[key] = (here or 0) // MOST_ROWS + 1
    desk["view"]["found"] = selected
    page = st.pagination(-(-len(rows) // MOST_ROWS), key=key)
    return rows[(page - 1) * MOST_ROWS : page * MOST_ROWS]


def _several(desk: Desk) -> None:
    several = not desk["view"]["several"]
    chosen = desks.targets(desk) if several else []
    desk["view"].update({"several": several, "chosen": chosen, "selected": None, "edge": None})


def _fed_by(node: Node, sources: list[str]) -> str:
    if not sources:
        return "" if node["class"] == "InputLayer" else " · nothing is connected to it"
    return f" · takes {', '.join(sources)}"


def _row(desk: Desk, design: Graph, node: Node, facts: str) -> None:
    key = f"{desk['model_id']}_{node['id']}"
    label = f"{_title(design, node)} · {node['name']} — {facts}".replace(" × ", "\u00a0×\u00a0")  # a shape stays in one line
    if desk["view"]["several"]:
        chosen = node["id"] in desk["view"]["chosen"]
        arguments = (desk["model_id"], node["id"])
        st.checkbox(plain(label), chosen, key=f"choose_{key}_{chosen}", on_change=actions.toggle, args=arguments)
        return
    chosen = node["id"] in desks.targets(desk)
    st.button(
        plain(f"{'▾' if chosen else '▸'} {label}"),
        key=f"row_{key}",
        width="stretch",
        type="primary" if chosen else "secondary",
        on_click=desks.select,
        args=(desk["model_id"], None if node["id"] == desk["view"]["selected"] else node["id"]),
    )


def _title(design: Graph, node: Node) -> str:
    title = "Sub-model" if node["class"] == walk.SUB_MODEL else node["class"]
    return f"{title} (same weights as {walk.owner(design, node)['name']})" if "shares" in node else title
