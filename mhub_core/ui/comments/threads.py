"""One thread of a discussion: a comment, the replies below it, and what can be done with each."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.comments.records import Comment, Thread
from mhub_core.notices.records import page_of
from mhub_core.ui import links, words
from mhub_core.ui.comments import forms, state
from mhub_core.ui.comments.state import DELETE, EDIT, REPLY, Place
from mhub_core.ui.text import without_images

LEFT = "a person who left"
SHOWN = 3  # of the replies to a comment, the newest; the others at a click


def draw(viewer: User | None, place: Place, thread: Thread, asked: int | None) -> None:
    """Draw a thread. `asked`: the comment that the address names, which is shown however many there are."""
    root, replies, key = thread.comment, thread.replies, place.key("all", thread.comment.id)
    is_whole = st.session_state.get(key) or len(replies) <= SHOWN + 1 or asked in {one.id for one in replies}
    last = (replies or (root,))[-1]  # what the button to reply stands below
    _comment(viewer, place, root, asked, root.id if last is root else None)
    replies_now = state.doing(place) == (REPLY, root.id)
    if not (replies or replies_now):
        return
    with st.container(key=f"replies-{root.id}"):
        if not is_whole:
            st.button(f"Show all {len(replies)} replies", key=f"{key}_button", type="tertiary", on_click=_show_all, args=(key,))
        for one in replies if is_whole else replies[-SHOWN:]:
            _comment(viewer, place, one, asked, root.id if one is last else None)
        if replies_now:
            forms.draw(viewer, place, REPLY, root.id)


def _show_all(key: str) -> None:
    st.session_state[key] = True


def _comment(viewer: User | None, place: Place, comment: Comment, asked: int | None, root_id: int | None) -> None:
    """Draw a comment and what can be done with it; behind the last one of a thread, which `root_id` begins, also to reply."""
    st.html(_head(place, comment, comment.id == asked))
    doing = state.doing(place)
    if doing == (EDIT, comment.id):
        forms.draw(viewer, place, EDIT, comment.id)
        return
    if not comment.is_deleted:
        st.markdown(without_images(comment.text))
    if doing == (DELETE, comment.id):
        forms.ask_before_deleting(place, comment.id)
    elif root_id is not None or comment.may_edit or comment.may_delete:
        with st.container(horizontal=True):
            if root_id is not None and doing != (REPLY, root_id):
                _button(place, "Reply", REPLY, root_id)
            if comment.may_edit:
                _button(place, "Edit", EDIT, comment.id, comment.text)
            if comment.may_delete:
                _button(place, "Delete", DELETE, comment.id)


def _button(place: Place, label: str, what: str, comment_id: int, text: str = "") -> None:
    given = (place, what, comment_id, text)
    st.button(label, type="tertiary", key=place.key("to", what, comment_id), on_click=state.begin, args=given)


def _head(place: Place, comment: Comment, is_asked: bool) -> str:
    """Return who said it and when, as HTML; the name leads to the person and the time to this comment."""
    if comment.is_deleted:
        return f"<p class='mhub-comment deleted' id='comment-{comment.id}'>This comment was deleted.</p>"
    at = links.to_html(page_of(place.kind), words.moment(comment.created), id=place.thing_id, comment=comment.id)
    name = links.to_html("Person", comment.author_name, id=comment.author_id) if comment.author_name is not None else LEFT
    edited = " · edited" if comment.is_edited else ""
    asked = " asked" if is_asked else ""
    return f"<p class='mhub-comment{asked}' id='comment-{comment.id}'><strong>{name}</strong> · {at}{edited}</p>"
