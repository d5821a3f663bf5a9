"""The form of what is selected: a layer with its name, its arguments, its connections and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from mhub_core.catalog import catalog
from mhub_core.graphs import edit, walk
from mhub_core.graphs.walk import Node
from mhub_core.ui import flow
from mhub_core.ui.builder import actions, arguments, calls, connections, selection, whole
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.builder.desk_parts import Desk
from mhub_core.ui.errors import field_problem
from mhub_core.ui.forms import fields
from mhub_core.ui.page import opened, plain

AGAIN, UNSHARE, DEFAULTS = "Add again with shared weights", "Stop sharing weights", "Reset all settings to their defaults"


def draw(desk: Desk, facts: dict[str, Any] | None) -> None:
    """Draw the form of what is selected: a layer, several, a connection, or nothing: then what the whole comes to."""
    if desk["view"]["edge"]:
        connections.line(desk, desk["view"]["edge"])
    elif desk["view"]["chosen"] or desk["view"]["several"]:
        selection.draw(desk)
    elif desk["view"]["selected"]:
        node = edit.require_node(desks.graph(desk), desk["view"]["selected"])
        _layer(desk, node, flow.fact_of(facts, node["id"]))
    else:
        whole.draw(desk, facts)


def _layer(desk: Desk, node: Node, fact: dict[str, Any]) -> None:
    inside = walk.inner(walk.resolved(desks.graph(desk), node))
    block = catalog.get_block("layer", node["class"])
    title, help = (block.name, block.help) if block else ("Sub-model", "A whole network used as a single layer of this one.")
    with st.container(horizontal=True, gap="small", key="layer_title"):
        st.markdown(f"**{plain(title)}** — {plain(help)}")
        st.button("✕", key="close_form", type="tertiary", help="Close", on_click=desks.select, args=(desk["model_id"], None))
    _told(fact)
    key = f"layer_{desk['model_id']}_{node['id']}_{desk['view']['generation']}"
    if inside is not None:
        _sub_model(desk, node)
    if desk["may_edit"]:
        _actions(desk, node)
    _name(desk, node, key)
    if "shares" in node:
        _shares(desk, node)
    if block:
        _arguments(desk, walk.owner(desks.graph(desk), node), block, key)
    opened("Connections", f"{key}_connections", partial(connections.draw, desk, node, key))
    opened("Output and call options", f"{key}_call", partial(calls.draw, desk, node, key))
    if desk["may_edit"]:
        opened("Make a sub-model or a block", f"{key}_piece", partial(selection.pieces, desk))


def _told(fact: dict[str, Any]) -> None:
    """Say what comes out of the layer, or in full what keeps it from that."""
    if "error" in fact:
        st.error(f"{plain(fact['error']['message'])}\n\n{plain(fact['error']['mend'])}")
    else:
        st.caption(plain(f"Gives {flow.fact_words(fact)}" if "output_shape" in fact else flow.fact_words(fact)))


def _sub_model(desk: Desk, node: Node) -> None:
    inside = walk.inner(walk.resolved(desks.graph(desk), node)) or {"nodes": []}
    path = [*desk["view"]["inside"], node["id"]]
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button("Open", key="open_inside", type="primary", on_click=desks.open_inside, args=(desk["model_id"], path))
        if desk["may_edit"] and "shares" not in node:
            unpack = partial(actions.unwrap, desk["model_id"], node["id"])
            st.button("Unpack", key="unwrap", help="Replace the sub-model by its layers", on_click=unpack)
        st.caption(plain(f"{len(inside['nodes'])} layers inside"))


def _actions(desk: Desk, node: Node) -> None:
    chain = walk.as_chain(desks.graph(desk))
    place = chain.index(node["id"]) if chain else 0
    model_id, node_id = desk["model_id"], node["id"]
    moves = (("↑ Up", edit.move_up, place < 2), ("↓ Down", edit.move_down, chain and place in (0, len(chain) - 1)))
    with st.container(horizontal=True, gap="small", key="layer_actions"):
        for label, function, disabled in moves if chain else ():
            key = f"{model_id}_{label}"
            st.button(label, key=key, disabled=bool(disabled), on_click=desks.press, args=(model_id, function, node_id))
        st.button("Duplicate", key=f"{model_id}_duplicate", on_click=actions.act, args=(model_id, "duplicate"))
        st.button("Delete", key=f"{model_id}_delete", on_click=actions.remove, args=(model_id, node_id))
        _more(desk, node)


def _more(desk: Desk, node: Node) -> None:
    key = f"{desk['model_id']}_more_{node['id']}"
    choices: dict[str, Callable[[], None]] = {}
    if node["class"] != "InputLayer":
        choices[AGAIN] = partial(desks.press, desk["model_id"], edit.share, node["id"])
    if "shares" in node:
        choices[UNSHARE] = partial(desks.press, desk["model_id"], edit.unshare, node["id"])
    elif node["class"] != walk.SUB_MODEL:
        choices[DEFAULTS] = partial(arguments.reset, desk["model_id"], node["id"])

    def do() -> None:
        choices[st.session_state[key]]()

    st.menu_button("More", list(choices), key=key, on_click=do)


def _name(desk: Desk, node: Node, key: str) -> None:
    def take() -> None:
        arguments.rename(desk["model_id"], node["id"], st.session_state[f"{key}_name"].strip())

    st.text_input("name", node["name"], max_chars=80, key=f"{key}_name", on_change=take, disabled=not desk["may_edit"])
    field_problem(desk["told"]["problems"], "name")


def _shares(desk: Desk, node: Node) -> None:
    owner = walk.owner(desks.graph(desk), node)
    st.caption(plain(f"Shares its settings and weights with {owner['name']}. Changes here apply to both."))


def _arguments(desk: Desk, owner: Node, block: Any, key: str) -> None:
    own = (desk["model_id"], owner["id"])
    form = fields.Form(
        key=key,
        take=partial(arguments.take_value, *own),
        back=partial(arguments.back_to_default, *own),
        problems=desk["told"]["problems"],
        disabled=not desk["may_edit"],
    )
    fields.draw(form, block, owner["config"])
