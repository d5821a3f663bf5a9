"""Whether a layer's outputs are answers of the model, and what it is told when it is called."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from mhub_core.graphs import edit, ports, walk
from mhub_core.graphs.walk import Node
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.builder.desk_parts import Desk
from mhub_core.ui.page import plain

TRAINING = {None: "as usual: only while the model trains", True: "always (as in training)", False: "never (as in prediction)"}
CALL_WORDS = {
    "use_causal_mask": ("Each position sees only earlier ones", "For models that predict the next step (use_causal_mask)"),
    "return_attention_scores": (
        "Also output the attention scores",
        "As a second output, for inspection (return_attention_scores)",
    ),
}
FIXED = "It is not connected to another layer, so it is an output of the model."
ANSWER = "Makes this layer an output of the model, even when other layers use it too."


def draw(desk: Desk, node: Node, key: str) -> None:
    """Draw the switches of one call of a layer."""
    _answers(desk, node, key)
    if node["class"] == "InputLayer":
        return
    call, disabled = node.get("call", {}), not desk["may_edit"]
    label = "Behaviour in training"
    help = "Dropout and batch normalization behave differently during training and prediction (argument: training)"
    name = f"{key}_call_training"
    st.selectbox(
        label,
        list(TRAINING),
        index=list(TRAINING).index(call.get("training")),
        format_func=TRAINING.__getitem__,
        key=name,
        help=help,
        on_change=_set,
        args=(desk, node, "training", name),
        disabled=disabled,
    )
    for item, (words, help) in CALL_WORDS.items():
        if node["class"] in (ports.CALL[item] or ()):
            name = f"{key}_call_{item}"
            given, is_on = (desk, node, item, name), call.get(item, False)
            st.checkbox(words, is_on, key=name, help=help, on_change=_set, args=given, disabled=disabled)


def _set(desk: Desk, node: Node, item: str, key: str) -> None:
    call: dict[str, Any] = {**node.get("call", {}), item: st.session_state[key]}
    desks.change(desk["model_id"], edit.set_call, node["id"], call)


def _answers(desk: Desk, node: Node, key: str) -> None:
    """Draw one check box for each output, and the places of the answers when there are several."""
    design = desks.graph(desk)
    ends = walk.ends(design)
    titles = ports.outputs(walk.resolved(design, node))
    # The only output of a layer that feeds no other cannot be anything else.
    fixed = node["id"] in walk.loose_ends(design) and len(titles) == 1
    for number, title in enumerate(titles):
        is_end = (node["id"], number) in ends
        words = "Output of the model" + (f": {title}" if len(titles) > 1 else "")
        place = ends.index((node["id"], number)) if is_end else 0
        words += f" (number {place + 1} of {len(ends)})" if is_end and len(ends) > 1 else ""
        name = f"{key}_answer_{number}_{is_end}"
        help = FIXED if fixed else ANSWER
        given, disabled = (desk, node, number, name), fixed or not desk["may_edit"]
        st.checkbox(plain(words), is_end, key=name, help=help, on_change=_mark, args=given, disabled=disabled)
        if is_end and len(ends) > 1 and desk["may_edit"]:
            _order(desk, node, number, place, len(ends), key)


def _mark(desk: Desk, node: Node, number: int, key: str) -> None:
    if not desks.change(desk["model_id"], edit.mark_output, node["id"], st.session_state[key], number):
        desk["view"]["generation"] += 1  # The box shows again what holds.


def _order(desk: Desk, node: Node, number: int, place: int, count: int, key: str) -> None:
    with st.container(horizontal=True, gap="small"):
        for label, up, possible in (("↑ Move output up", True, place > 0), ("↓ Move output down", False, place < count - 1)):
            move = partial(desks.press, desk["model_id"], edit.move_output, node["id"], output=number, up=up)
            st.button(label, key=f"{key}_{label}_{number}", disabled=not possible, on_click=move)
