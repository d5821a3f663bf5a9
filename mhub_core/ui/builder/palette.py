"""The palette: all building blocks by family, with a search. A click adds one where the switch above says."""

from __future__ import annotations

import streamlit as st

from mhub_core.catalog import catalog
from mhub_core.catalog.records import Block
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.builder.desk_parts import AFTER, BEFORE, LOOSE, Desk
from mhub_core.ui.page import plain

MOST_FOUND = 24
MOST_USED = (
    "Dense", "Conv2D", "Flatten", "Dropout", "MaxPooling2D", "GlobalAveragePooling2D", "BatchNormalization", "ReLU",
    "Concatenate", "Add", "LSTM", "Embedding", "InputLayer",
)  # fmt: skip
_USED = "used"


def draw(desk: Desk) -> None:
    """Draw the search, the families and the blocks of the chosen one."""
    key = f"{desk['model_id']}_search"
    with st.container(key="palette_search"):
        words = st.text_input("Search all layers", key=key, placeholder="Search ( / )", label_visibility="collapsed")
    _where(desk)
    if words.strip():
        found = catalog.search(words)[:MOST_FOUND]
        if not found:
            st.write(plain(f"No layer matches {words[:40]}."))
    else:
        found = _family(is_empty=not desks.graph(desk)["nodes"])
    with st.container(horizontal=True, gap="small", key="palette_blocks"):
        for block in found:
            _button(desk, block)


def _where(desk: Desk) -> None:
    """Draw the switch that says where a new layer goes, and say it in words."""
    names = {node["id"]: node["name"] for node in desks.graph(desk)["nodes"]}
    selected = desk["view"]["selected"]
    if desk["view"]["edge"]:
        source, target = (names[node_id] for node_id in desk["view"]["edge"])
        st.caption(plain(f"A new layer is inserted between {source} and {target}."))
    elif selected:
        choice = st.segmented_control(
            "Where to insert new layers",
            [AFTER, BEFORE, LOOSE],
            default=desk["view"]["place"],
            key=f"{desk['model_id']}_place_{desk['view']['generation']}",
            label_visibility="collapsed",
        )
        desk["view"]["place"] = choice or AFTER
        # It tells as well that the last click did something: on a phone the list is out of sight.
        where = "not connected: you do that yourself" if choice == LOOSE else f"inserted {choice or AFTER} {names[selected]}"
        st.caption(plain(f"The next layer is {where}."))
    elif not names:
        st.caption("Start with an InputLayer: the data enters the network there.")
    else:
        desk["view"]["place"] = AFTER
        st.caption("A new layer is inserted before the last one, or where you drop it. Click a layer to choose another place.")


def _family(is_empty: bool) -> list[Block]:
    titles = {_USED: "Most used"} | {family.name: family.title for family in catalog.list_families()}
    helps = {_USED: "The layers that most networks are made of."} | {one.name: one.help for one in catalog.list_families()}
    name = st.selectbox(
        "Family", list(titles), format_func=lambda name: titles[name], key="palette_family", label_visibility="collapsed"
    )
    st.caption(plain(helps[name]))
    if name == _USED:
        first = sorted(MOST_USED, key=lambda one: not (is_empty and one == "InputLayer"))
        return [catalog.require_block("layer", one) for one in first]
    return sorted(catalog.list_layers(name), key=lambda block: bool(_reason(block)))  # what cannot be used comes last


def _reason(block: Block) -> str:
    """Return why a block cannot be put into the diagram, or an empty text."""
    part = "Works only inside an RNN layer: choose it in that layer's settings." if block.role == "part" else ""
    return block.no_form or part


def _button(desk: Desk, block: Block) -> None:
    reason = _reason(block)
    st.button(
        block.name,
        key=f"add_{block.name}",
        help=plain(reason or block.help),
        disabled=bool(reason),
        on_click=desks.add,
        args=(desk["model_id"], block.name),
    )
