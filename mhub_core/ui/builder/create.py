"""The form that makes a model: from a stock architecture, each explained, or from an empty diagram. Nothing has to be typed."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.errors import Invalid
from mhub_core.graphs import design, stock
from mhub_core.models import service as models
from mhub_core.ui.errors import errors_shown, field_problem, show_error
from mhub_core.ui.page import go, plain

EMPTY = "empty"
DATA = {"images": "images", "table": "tables"}


def draw(viewer: User | None) -> None:
    """Draw the form; what it makes opens in the builder."""
    titles = {item.name: f"{item.title} ({DATA[item.kind]}, {item.task})" for item in stock.list_stock()} | {EMPTY: "Empty diagram"}
    name = st.selectbox("Start from", list(titles), format_func=titles.__getitem__, key="new_stock")
    chosen = None if name == EMPTY else stock.require_stock(name)
    st.caption(plain(chosen.help if chosen else "Draw it yourself, layer by layer."))
    # A key of its own for each choice, so that the name follows the choice until somebody types one.
    title = st.text_input("Name", chosen.title if chosen else "My model", max_chars=models.LONGEST_NAME, key=f"new_name_{name}")
    problems: dict[str, str] = st.session_state.get("new_problems", {})
    field_problem(problems, "name")
    visibility = st.radio("Who may see it", models.VISIBILITIES, horizontal=True, key="new_visibility", format_func=visibility_words)
    if not st.button("Create and open the builder", type="primary", key="new_create"):
        return
    st.session_state.pop("new_problems", None)
    with errors_shown():
        try:
            model_id = models.create(viewer, title, "", chosen.graph() if chosen else design.empty(), visibility)
        except Invalid as error:
            st.session_state["new_problems"] = error.problems
            show_error(error)
        else:
            go("Builder", model=model_id)


def visibility_words(visibility: str) -> str:
    """Say who may see a thing."""
    return {"private": "only me", "public": "everybody"}[visibility]
