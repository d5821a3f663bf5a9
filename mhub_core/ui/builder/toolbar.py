"""The buttons above the diagram, where one is in the design, and what happens to the whole: versions, training."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import streamlit as st

from mhub_core import errors
from mhub_core.models import draft_service as drafts
from mhub_core.models import service as models
from mhub_core.ui import address, session
from mhub_core.ui.builder import actions, saving, whole
from mhub_core.ui.builder import desk as desks
from mhub_core.ui.builder.desk_parts import Desk
from mhub_core.ui.errors import show_error
from mhub_core.ui.page import go, link, plain
from mhub_core.ui.text import short

VIEWS = DIAGRAM, LIST, PYTHON = "Diagram", "List", "Python"
_VIEW = "view"  # its name in the address
SEVERAL = "several"
MENU = {
    "copy": "Copy (Ctrl+C)",
    "cut": "Cut (Ctrl+X)",
    "paste": "Paste (Ctrl+V)",
    "duplicate": "Duplicate (Ctrl+D)",
    "delete": "Delete (Del)",
    "select_all": "Select all (Ctrl+A)",
    SEVERAL: "Select several in the list",
    "arrange": "Arrange the diagram",
}


def view_of(narrow: bool) -> str:
    """Return which view the address names; without one, the one that fits the screen."""
    return address.value(_VIEW, LIST if narrow else DIAGRAM, address.one_of(VIEWS))


def draw(desk: Desk, view: str) -> None:
    """Draw the buttons and the choice of the view."""
    model_id = desk["model_id"]
    link("Model", f"◂ {desk['content']['name']}", id=model_id)
    key = f"{model_id}_view"
    st.session_state[key] = view  # The address knows it: until somebody chooses, it follows the screen.
    turn = partial(_view, model_id, key)
    st.segmented_control("View", VIEWS, required=True, key=key, on_change=turn, label_visibility="collapsed")
    if desk["may_edit"]:
        _button("↶ Undo", saving.step_back, model_id, not desk["sync"]["can_undo"], "Undo the last change (Ctrl+Z)")
        _button("↷ Redo", saving.step_forward, model_id, not desk["sync"]["can_redo"], "Redo the change (Ctrl+Y)")
    _menu(desk)
    if view == DIAGRAM:
        _button("Fit", desks.fit, model_id, not desks.graph(desk)["nodes"], "Show the whole diagram")
    if desk["may_edit"]:
        _version(desk)


def _button(label: str, function: Any, model_id: int, disabled: bool, words: str) -> None:
    st.button(label, key=f"{model_id}_{label}", on_click=function, args=(model_id,), disabled=disabled, help=words)


def _menu(desk: Desk) -> None:
    """Draw all that can be done with what is selected; each has its key too, but a phone has no keys."""
    key = f"{desk['model_id']}_edit_menu"
    names = [name for name in MENU if desk["may_edit"] or name in (*actions.FOR_ALL, SEVERAL)]
    st.menu_button("Edit", names, format_func=lambda name: MENU[name], key=key, on_click=partial(_act, desk["model_id"], key))


def _act(model_id: int, key: str) -> None:
    name = st.session_state[key]
    if name == SEVERAL:
        desk = desks.require(model_id)
        chosen = desks.targets(desk)
        desk["view"].update({"several": True, "chosen": chosen, "selected": None, "edge": None})
        address.put(_VIEW, LIST)
    else:
        actions.act(model_id, name)


def _view(model_id: int, key: str) -> None:
    address.put(_VIEW, st.session_state[key])
    desks.require(model_id)["view"]["fit"] = True


def _version(desk: Desk) -> None:
    model_id = desk["model_id"]
    with st.popover("Save version", help="Save this design permanently as a numbered version"):
        st.text_input(
            "Note (optional)", max_chars=drafts.LONGEST_NOTE, key=f"{model_id}_note", placeholder="What is new in this version"
        )
        if st.button("Save", key=f"{model_id}_save_version", type="primary", on_click=_save_version, args=(model_id,)):
            _told(desk)  # Above the diagram it stands too, but there the popover hides it.
    help = "Save a version and choose the dataset"
    keep = partial(saving.keep_version, model_id)
    if st.button("Train", key=f"{model_id}_train", type="primary", help=help, on_click=keep) and desk["sync"]["version"]:
        go("Train", model=model_id, version=desk["sync"]["version"])


def _save_version(model_id: int) -> None:
    desk = desks.require(model_id)
    saving.keep_version(model_id, st.session_state[f"{model_id}_note"])
    if desk["sync"]["version"]:
        with desks.told(desk):
            number = models.require_version(session.get_viewer(), desk["sync"]["version"]).number
            desk["told"]["said"] = f"Saved as version {number}."


def messages(desk: Desk, facts: dict[str, Any] | None) -> None:
    """Draw what is to be said above the diagram, in one place of its own: the browser makes the diagram anew when it moves."""
    with st.container(key="builder_messages", gap="small"):
        _way(desk)
        _unsaved(desk)
        _told(desk)
        st.caption(whole.line(len(desks.graph(desk)["nodes"]), facts))
        for problem in facts["problems"] if facts else ():
            st.warning(plain(f"{problem['message']} {problem['mend']}"))


def _way(desk: Desk) -> None:
    """Draw where one is: the model, then each sub-model that was opened. A click leads back."""
    if not desk["view"]["inside"]:
        return
    model_id, path = desk["model_id"], desk["view"]["inside"]
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="builder_way"):
        whole_model = partial(desks.open_inside, model_id, [])
        st.button(f"◂ {short(desk['content']['name'], 30)}", key=f"{model_id}_way_0", on_click=whole_model)
        for depth, name in enumerate(desks.names_inside(desk), start=1):
            last = depth == len(path)
            kind: Literal["primary", "secondary"] = "primary" if last else "secondary"
            back = partial(desks.open_inside, model_id, path[:depth])
            st.button(f"▸ {short(name, 30)}", key=f"{model_id}_way_{depth}", disabled=last, type=kind, on_click=back)


def _told(desk: Desk) -> None:
    if desk["told"]["error"]:
        # Its problems are listed under ids of nodes, which say nothing to a person; the first is told in words.
        show_error(errors.from_json({**desk["told"]["error"], "problems": {}}))
    if desk["told"]["said"]:
        st.info(plain(desk["told"]["said"]))


def _unsaved(desk: Desk) -> None:
    """Say that the design is not saved, and ask what to do when another tab saved a newer one."""
    model_id = desk["model_id"]
    if desk["sync"]["conflict"]:
        st.warning("This diagram was changed in another tab. Your last change is not saved yet and exists only in this tab.")
        with st.container(horizontal=True):
            st.button("Load the newer version", key="load_newer", on_click=saving.load_newer, args=(model_id,))
            st.button("Keep my version", key="keep_mine", on_click=saving.keep_mine, args=(model_id,))
    elif desk["sync"]["unsaved"]:
        st.warning("Your last change is not saved yet. The next change saves it too.")
        st.button("Save now", key="save_now", on_click=saving.save, args=(model_id,))
