"""What can be done with several layers at once: copy, duplicate, delete, make a sub-model of them, keep them as an own block."""

from __future__ import annotations

from functools import partial

import streamlit as st

from mhub_core.models import shelf_service as shelf
from mhub_core.ui.builder import actions
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.builder.desk_parts import Desk
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.errors import field_problem
from mhub_core.ui.page import opened, plain

MOST_NAMED = 12
BUTTONS = {"copy": "Copy", "cut": "Cut", "duplicate": "Duplicate", "delete": "Delete"}


def draw(desk: Desk) -> None:
    """Draw the panel of the layers that are chosen. It stays while layers are ticked in the list, so that nothing jumps."""
    model_id, chosen = desk["model_id"], desk["view"]["chosen"]
    st.markdown(f"**{counted(len(chosen), 'layer')} selected**")
    if not desk["view"]["several"]:
        names = [node["name"] for node in desks.graph(desk)["nodes"] if node["id"] in chosen]
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        st.caption(plain(", ".join(names[:MOST_NAMED]) + more))
    with st.container(horizontal=True, gap="small", key="selection_actions"):
        for action, label in BUTTONS.items():
            if desk["may_edit"] or action in actions.FOR_ALL:
                key = f"{model_id}_several_{action}"
                st.button(label, key=key, disabled=not chosen, on_click=actions.act, args=(model_id, action))
        st.button(
            "Clear selection", key=f"{model_id}_several_none", disabled=not chosen, on_click=actions.choose_none, args=(model_id,)
        )
    if desk["may_edit"]:
        key = f"{model_id}_several_piece"
        opened("Make a sub-model or a block", key, partial(pieces, desk), expanded=not desk["view"]["several"])


def pieces(desk: Desk) -> None:
    """Draw the form that makes a sub-model or an own block of what is selected."""
    key = f"{desk['model_id']}_piece"
    label = "Name of the sub-model or block"
    st.text_input(label, max_chars=shelf.LONGEST_NAME, key=f"{key}_name", placeholder="For example: encoder")
    field_problem(desk["told"]["problems"], f"{actions.PIECE}name")
    st.text_input(
        "Description (one sentence)", max_chars=shelf.LONGEST_HELP, key=f"{key}_help", placeholder="Used for blocks only"
    )
    field_problem(desk["told"]["problems"], f"{actions.PIECE}help")
    with st.container(horizontal=True, gap="small"):
        help = "Groups the layers into one, which you can open and edit"
        st.button("Make a sub-model", key=f"{key}_wrap", help=help, on_click=_wrap, args=(desk, f"{key}_name"))
        help = "Adds it to “My blocks” in your palette, for use in any model"
        st.button("Save as my block", key=f"{key}_save", help=help, on_click=_save, args=(desk, f"{key}_name", f"{key}_help"))


def _wrap(desk: Desk, key: str) -> None:
    if actions.wrap(desk["model_id"], st.session_state[key]):
        st.session_state[key] = ""


def _save(desk: Desk, *keys: str) -> None:
    if actions.save_block(desk["model_id"], *(st.session_state[key] for key in keys)):
        for key in keys:
            st.session_state[key] = ""
