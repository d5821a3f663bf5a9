"""The shelf of a person's own blocks in the palette: add one as a sub-model or unpacked, rename it, delete it."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.graphs import edit, walk
from mhub_core.graphs.editing import submodels
from mhub_core.graphs.walk import Graph
from mhub_core.models import shelf_service as shelf
from mhub_core.models.records import Block
from mhub_core.ui import session
from mhub_core.ui.builder import actions
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.builder.desk_parts import Desk
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.errors import errors_shown, field_problem
from mhub_core.ui.page import opened, plain
from mhub_core.ui.text import short

ADD, UNPACKED, RENAME, DELETE = "Add as one layer", "Add its layers one by one", "Rename", "Delete"


def draw(desk: Desk) -> None:
    """Draw the shelf, behind a title that says how many blocks there are."""
    with errors_shown():
        viewer = session.get_viewer()
        title = f"My blocks ({shelf.num_blocks(viewer)})"
        opened(title, f"{desk['model_id']}_blocks", lambda: _blocks(desk, viewer))


def _blocks(desk: Desk, viewer: User | None) -> None:
    blocks = shelf.list_blocks(viewer)
    if not blocks:
        st.caption("None yet. Select layers in the diagram or the list, then choose “Save as my block”.")
    for block in blocks:
        _block(desk, block)


def _block(desk: Desk, block: Block) -> None:
    key = f"{desk['model_id']}_block_{block.id}"
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"block_row_{block.id}"):
        help = plain(f"{block.help or block.name} ({counted(len(block.graph['nodes']), 'layer')})")
        st.button(short(block.name, 24), key=key, help=help, on_click=add, args=(desk["model_id"], block.id))
        choices = {ADD: partial(add, desk["model_id"], block.id)} if walk.inputs(block.graph) else {}
        choices |= {
            UNPACKED: partial(add, desk["model_id"], block.id, unpacked=True),
            RENAME: partial(_ask, desk, RENAME, block.id),
            DELETE: partial(_ask, desk, DELETE, block.id),
        }
        menu = f"{key}_menu"
        label = plain(f"More for {block.name}")  # on screen it is three dots
        st.menu_button(
            label, list(choices), key=menu, on_click=lambda: choices[st.session_state[menu]](), help="Actions for this block"
        )
    if desk["view"]["asked"] == [RENAME, block.id]:
        _rename(desk, block, key)
    elif desk["view"]["asked"] == [DELETE, block.id]:
        _delete(desk, block, key)


def add(model_id: int, block_id: int, unpacked: bool = False) -> None:
    """Put an own block where the palette says."""
    desk = desks.require(model_id)
    desk["view"]["asked"] = None
    with desks.told(desk):
        block = shelf.require_block(session.get_viewer(), block_id)
        if desks.change(model_id, _put_in, block, unpacked, desks.place(desk), desks.facts(desk)):
            desk["view"].update({"edge": None, "fit": True})


def _put_in(graph: Graph, block: Block, unpacked: bool, place: dict[str, Any], facts: dict[str, Any] | None) -> tuple[Graph, Any]:
    if not walk.inputs(block.graph):
        return edit.paste(graph, block.graph)
    graph, node_id = edit.insert_design(graph, block.graph, block.name, **place)
    if unpacked:
        return edit.unwrap(graph, node_id)
    return _fit_inputs(graph, node_id, facts), node_id


def _fit_inputs(graph: Graph, node_id: str, facts: dict[str, Any] | None) -> Graph:
    """A block was drawn for other data: let its inputs take what comes in here, where it has as many dimensions."""
    inner = edit.inside(graph, [node_id])
    for edge in walk.incoming(graph)[node_id]:
        shape = submodels.known_shape(facts, edge["source"], walk.output_of(edge))
        config = edit.require_node(inner, edge["port"])["config"]
        if shape and len(shape) - 1 == len(config.get("shape", ())):
            inner = edit.set_config(inner, edge["port"], {**config, "shape": shape[1:]})
    return edit.with_inside(graph, [node_id], inner)


def _ask(desk: Desk, what: str, block_id: int) -> None:
    desk["view"]["asked"] = [what, block_id]


def _rename(desk: Desk, block: Block, key: str) -> None:
    st.text_input("Name", block.name, max_chars=shelf.LONGEST_NAME, key=f"{key}_name")
    field_problem(desk["told"]["problems"], f"{key}_name")
    st.text_input("Description (one sentence)", block.help, max_chars=shelf.LONGEST_HELP, key=f"{key}_help")
    field_problem(desk["told"]["problems"], f"{key}_help")

    def save() -> None:
        names = (st.session_state[f"{key}_name"], st.session_state[f"{key}_help"])
        with desks.told(desk):
            shelf.rename_block(session.require_user(), block.id, *names)
            desk["view"]["asked"] = None
        desks.tell_beside_fields(desk, f"{key}_")

    _two_buttons(desk, key, "Save changes", save, "Cancel")


def _delete(desk: Desk, block: Block, key: str) -> None:
    st.caption(plain(f"Delete {block.name} permanently? Models that use it keep their own copy."))

    def delete() -> None:
        with desks.told(desk):
            shelf.delete_block(session.require_user(), block.id)
            desk["view"]["asked"] = None
            desk["told"]["said"] = f"The block {block.name} was deleted."

    _two_buttons(desk, key, "Yes, delete it", delete, "Cancel")


def _two_buttons(desk: Desk, key: str, yes: str, do: actions.Verb, no: str) -> None:
    with st.container(horizontal=True, gap="small"):
        st.button(yes, key=f"{key}_yes", type="primary", on_click=do)
        st.button(no, key=f"{key}_no", on_click=lambda: desk["view"].update({"asked": None}))
