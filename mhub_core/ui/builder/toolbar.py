"""The buttons above the diagram, what the whole design comes to, and what happens to the design: versions, Python, training."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mhub_core import queue
from mhub_core.errors import MHubError
from mhub_core.graphs import export
from mhub_core.graphs.walk import Graph
from mhub_core.models import service as models
from mhub_core.ui import session
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.builder.desk import Desk
from mhub_core.ui.errors import errors_shown, show_error
from mhub_core.ui.page import go, plain

VIEWS = ("Diagram", "List", "Python")


def draw(desk: Desk, view: str) -> None:
    """Draw the buttons and the choice of the view."""
    model_id = desk["model_id"]
    # Until somebody chooses, the view follows the screen: so does the key, or the control would show an older view.
    options = {"key": f"{model_id}_view_{'' if desk['view'] else view}", "label_visibility": "collapsed", "required": True}
    st.segmented_control("View", VIEWS, default=view, on_change=_view, args=(model_id, options["key"]), **options)
    if desk["may_edit"]:
        steps = desk["history"]
        _button("↶ Undo", desks.step_back, model_id, not steps["undo"], "Take the last change back")
        _button("↷ Redo", desks.step_forward, model_id, not steps["redo"], "Do it again")
        _button("Arrange", desks.arrange, model_id, not desk["graph"]["nodes"], "Lay the diagram out")
    _button("Fit", desks.fit, model_id, view != "Diagram", "Show all of the diagram")
    if desk["may_edit"]:
        _version(desk)


def _button(label: str, function: Any, model_id: int, disabled: bool, words: str) -> None:
    st.button(label, key=f"{model_id}_{label}", on_click=function, args=(model_id,), disabled=disabled, help=words)


def _view(model_id: int, key: str) -> None:
    desks.require(model_id)["view"] = st.session_state[key]
    desks.fit(model_id)


def _version(desk: Desk) -> None:
    model_id = desk["model_id"]
    with st.popover("Save version", help="Keep this design for good, under a number"):
        st.text_input("Note (if you like)", max_chars=models.LONGEST_NOTE, key=f"{model_id}_note", placeholder="What is new in it")
        if st.button("Save", key=f"{model_id}_save_version", type="primary"):
            with errors_shown():
                version_id = models.save_version(session.get_viewer(), model_id, st.session_state[f"{model_id}_note"])
                number = models.require_version(session.get_viewer(), version_id).number
                st.success(f"This is version {number}.")
    if st.button("Train", key=f"{model_id}_train", type="primary", help="Save a version and choose the data"):
        with errors_shown():
            version_id = models.save_version(session.get_viewer(), model_id)
            go("Train", model=model_id, version=version_id)


def messages(desk: Desk, facts: dict[str, Any] | None) -> None:
    """Draw what is to be said above the diagram, in one place of its own: the browser makes the diagram anew when it moves."""
    with st.container(key="builder_messages", gap="small"):
        _conflict(desk)
        if desk["error"]:
            show_error(queue.error_from_json({**desk["error"], "problems": {}}))
        _totals(desk, facts)


def _totals(desk: Desk, facts: dict[str, Any] | None) -> None:
    """Say how large the whole is and what is wrong with it as a whole."""
    num = len(desk["graph"]["nodes"])
    words = f"{num} layer{'s' if num != 1 else ''}"
    if facts is None:
        st.caption(f"{words} · shapes and weights: waiting for the worker that computes them; go on drawing")
        return
    weights, trainable = facts["totals"]["parameters"], facts["totals"]["trainable_parameters"]
    fixed = "" if weights == trainable else f", {trainable:,} of them trainable"
    broken = sum("error" in fact for fact in facts["nodes"].values())
    faults = f" · {broken} with a problem" if broken else ""
    st.caption(plain(f"{words} · {weights:,} weights{fixed}{faults}"))
    for problem in facts["problems"]:
        st.warning(plain(f"{problem['message']} {problem['mend']}"))


def _conflict(desk: Desk) -> None:
    """Ask what to do when another tab saved a newer design."""
    if desk["conflict"]:
        st.warning("This diagram was changed in another tab meanwhile. Your last change is only here, not saved.")
        with st.container(horizontal=True):
            st.button("Load the newer one", key="load_newer", on_click=desks.load_newer, args=(desk["model_id"],))
            st.button("Keep mine", key="keep_mine", on_click=desks.keep_mine, args=(desk["model_id"],))


def python(graph: Graph) -> None:
    """Show a design as a script, with a button that copies it."""
    try:
        st.code(export.to_python(graph), language="python")
    except MHubError as error:
        show_error(error)
