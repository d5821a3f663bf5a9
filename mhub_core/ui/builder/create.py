"""The form that makes a model: from a stock architecture, each explained, or from an empty diagram. Nothing has to be typed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from mhub_core.accounts import hub_service
from mhub_core.accounts.records import User
from mhub_core.graphs import design, stock
from mhub_core.graphs.stock import Stock
from mhub_core.graphs.walk import Graph
from mhub_core.models import service as models
from mhub_core.sharing import policy
from mhub_core.training.fits import trains_here
from mhub_core.ui.errors import FormPlaces, errors_shown
from mhub_core.ui.page import go, plain

EMPTY = "empty"
ALL = "all"
DATA = {ALL: "all", "table": "tables", "images": "images", "series": "series", "text": "texts"}
TASK = {
    "classification": "predicts a class",
    "regression": "predicts a number",
    "segmentation": "predicts a class for every pixel",
    "detection": "finds objects and their boxes",
    "reconstruction": "reconstructs its input",
}
NOT_TRAINED_HERE = (
    "This hub cannot train this kind of model yet. You can draw it here, then export it from the builder as a "
    "Python script or as a notebook that includes the training."
)
NOTES = {"series": "It also learns from other data: it reads an image row by row, and the columns of a table as steps."}


def draw(viewer: User | None) -> None:
    """Draw the form; what it makes opens in the builder."""
    chosen = _choose()
    title = chosen.title if chosen else "My model"
    make(viewer, title, lambda: chosen.graph() if chosen else design.empty(), "new", chosen.name if chosen else EMPTY)


def make(viewer: User | None, title: str, graph: Callable[[], Graph], form: str, what: str) -> None:
    """Draw the end of a form that makes a model: its name, who may see it, and the button, which opens it in the builder.

    The field of the name is another one for each `what` that can be chosen in the form: so the name follows the choice until
    somebody types one.
    """
    places = FormPlaces()
    name = st.text_input("Name", title[: models.LONGEST_NAME], max_chars=models.LONGEST_NAME, key=f"{form}_name_{what}")
    places.under("name")
    key = f"{form}_visibility"
    at_first = policy.VISIBILITIES.index(hub_service.current().visibility)
    visibility = st.radio("Who can see it", policy.VISIBILITIES, at_first, visibility_words, key=key, horizontal=True)
    places.above_button()
    if st.button("Create and open the builder", type="primary", key=f"{form}_create"):
        with errors_shown(places):
            go("Builder", model=models.create(policy.require_signed_in(viewer), name, "", graph(), visibility))


def _choose() -> Stock | None:
    """Let a person pick an architecture, first by its kind of data, and tell about it; None is the empty diagram."""
    kind = st.radio("Kind of data", list(DATA), horizontal=True, format_func=DATA.__getitem__, key="new_kind")
    fitting = {item.name: item for item in stock.list_stock(None if kind == ALL else kind)}
    titles = {name: item.title + (f" ({DATA[item.kind]})" if kind == ALL else "") for name, item in fitting.items()}
    titles[EMPTY] = "Empty diagram"
    name = st.selectbox("Start from", list(titles), format_func=titles.__getitem__, key="new_stock")
    chosen = fitting.get(name)
    if chosen is None:
        st.caption("Build the network yourself, layer by layer.")
        return None
    st.write(plain(chosen.help))
    st.caption(plain(f"For {DATA[chosen.kind]}; {TASK[chosen.task]}. {chosen.weights:,} parameters. Source: {chosen.paper}."))
    if chosen.kind in NOTES:
        st.caption(NOTES[chosen.kind])
    if not trains_here(chosen):
        st.info(NOT_TRAINED_HERE)
    return chosen


def visibility_words(visibility: str) -> str:
    """Say who may see a thing."""
    return {"private": "Me and people I share it with", "public": "Everyone"}[visibility]
