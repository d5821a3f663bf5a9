"""The form that makes a model: from a stock architecture, each explained, or from an empty diagram. Nothing has to be typed."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.errors import Invalid
from mhub_core.graphs import design, stock
from mhub_core.graphs.stock import Stock
from mhub_core.models import service as models
from mhub_core.ui.errors import errors_shown, field_problem, show_error
from mhub_core.ui.page import go, plain

EMPTY = "empty"
ALL = "all"
DATA = {ALL: "all", "table": "tables", "images": "images", "signals": "signals", "text": "texts"}
TASK = {
    "classification": "chooses a class",
    "regression": "answers with a number",
    "segmentation": "answers for every pixel",
    "reconstruction": "draws its input anew",
}
NOT_TRAINED_HERE = (
    "This hub does not train this kind yet. Draw it and change it here, then take its Python or its notebook, "
    "with the training in it, from the builder."
)
AS_SIGNALS = "Trained here, it reads an image row by row, and the columns of a table as the steps of a sequence."


def draw(viewer: User | None) -> None:
    """Draw the form; what it makes opens in the builder."""
    chosen = _choose()
    # A key of its own for each choice, so that the name follows the choice until somebody types one.
    key = f"new_name_{chosen.name if chosen else EMPTY}"
    title = st.text_input("Name", chosen.title if chosen else "My model", max_chars=models.LONGEST_NAME, key=key)
    problems: dict[str, str] = st.session_state.get("new_problems", {})
    field_problem(problems, "name")
    visibility = st.radio(
        "Who may see it", models.VISIBILITIES, horizontal=True, key="new_visibility", format_func=visibility_words
    )
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


def _choose() -> Stock | None:
    """Let a person pick an architecture, first by its kind of data, and tell about it; None is the empty diagram."""
    kind = st.radio("For which data", list(DATA), horizontal=True, format_func=DATA.__getitem__, key="new_kind")
    fitting = {item.name: item for item in stock.list_stock(None if kind == ALL else kind)}
    titles = {name: item.title + (f" ({DATA[item.kind]})" if kind == ALL else "") for name, item in fitting.items()}
    titles[EMPTY] = "Empty diagram"
    name = st.selectbox("Start from", list(titles), format_func=titles.__getitem__, key="new_stock")
    chosen = fitting.get(name)
    if chosen is None:
        st.caption("Draw it yourself, layer by layer.")
        return None
    st.write(plain(chosen.help))
    st.caption(plain(f"For {DATA[chosen.kind]}; {TASK[chosen.task]}. {chosen.weights:,} weights. From: {chosen.paper}."))
    if chosen.kind == "signals":
        st.caption(AS_SIGNALS)
    if not chosen.trains_here:
        st.info(NOT_TRAINED_HERE)
    return chosen


def visibility_words(visibility: str) -> str:
    """Say who may see a thing."""
    return {"private": "only me", "public": "everybody"}[visibility]
