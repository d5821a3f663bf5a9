"""The forms of a discussion: a new comment, a reply, a change, and the question before one is deleted."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.comments import service
from mhub_core.ui import session
from mhub_core.ui.comments import state
from mhub_core.ui.comments.state import DELETE, EDIT, NEW, REPLY, Place

_BUTTONS = {NEW: "Comment", REPLY: "Reply", EDIT: "Save"}
_LABELS = {NEW: "Your comment (Markdown)", REPLY: "Your reply (Markdown)", EDIT: "Your comment (Markdown)"}


def draw(viewer: User | None, place: Place, what: str, comment_id: int = 0) -> None:
    """Draw the form that writes or changes a comment. What is typed stays until it is saved or given up."""
    st.text_area(_LABELS[what], key=place.key(what, comment_id), max_chars=service.LONGEST, height=120)
    state.show_problem(place)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            _BUTTONS[what],
            type="primary",
            key=place.key("send", what, comment_id),
            on_click=_send,
            args=(place, what, comment_id),
        )
        if what != NEW:
            st.button("Cancel", key=place.key("cancel"), on_click=state.end, args=(place, what, comment_id))
        if viewer is not None:
            _mention(viewer, place, what, comment_id)


def _mention(viewer: User, place: Place, what: str, comment_id: int) -> None:
    """Draw the choice of somebody to mention, where there is anybody."""
    names = service.list_mentionable(viewer, place.kind, place.thing_id)
    key = place.key("mention", what, comment_id)

    def add() -> None:
        if name := st.session_state[key]:
            state.append(place, what, comment_id, f"@{name} ")
            st.session_state[key] = None

    if names:
        st.selectbox(
            *("Mention somebody", names, None),
            key=key,
            on_change=add,
            label_visibility="collapsed",
            placeholder="@ Mention somebody",
            width=220,
        )


def _send(place: Place, what: str, comment_id: int) -> None:
    text, user = state.typed(place, what, comment_id), session.get_viewer()

    def save() -> None:
        if what == EDIT:
            service.edit(user, comment_id, text)
        else:
            service.write(user, place.kind, place.thing_id, text, comment_id or None)

    if state.attempt(place, save):
        state.end(place, what, comment_id)


def ask_before_deleting(place: Place, comment_id: int) -> None:
    """Ask once more before a comment is deleted."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.write("Delete this comment?")
        st.button("Yes, delete it", type="primary", key=place.key("sure"), on_click=_delete, args=(place, comment_id))
        st.button("Cancel", key=place.key("cancel"), on_click=state.end, args=(place, DELETE, comment_id))
    state.show_problem(place)


def _delete(place: Place, comment_id: int) -> None:
    if state.attempt(place, lambda: service.delete(session.get_viewer(), comment_id)):
        state.end(place, DELETE, comment_id)
