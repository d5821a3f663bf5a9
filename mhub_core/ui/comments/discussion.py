"""The window "Comments" of a page. It is a fragment: whatever is written there, the page is not drawn again."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.comments import service
from mhub_core.comments.records import Discussion
from mhub_core.ui import address, session
from mhub_core.ui.comments import forms, state, threads
from mhub_core.ui.comments.state import NEW, Place
from mhub_core.ui.errors import errors_shown
from mhub_core.ui.page import opened, query_id, window

PER_PAGE = 10
_page = address.whole_number(1, 100_000)


@st.fragment
def draw(kind: str, thing_id: int) -> None:
    """Draw what was said about a thing, and the way to say something."""
    place = Place(kind, thing_id)
    state.open_sign_in_when_asked(place)
    with errors_shown():
        viewer, asked = session.get_viewer(), query_id("comment")
        page = _page_of(viewer, place, asked)
        found = service.list_threads(viewer, kind, thing_id, PER_PAGE, (page - 1) * PER_PAGE)
        num = f" ({found.num_comments:,})" if found.num_comments else ""
        with window(f"Comments{num}", key="comments"):
            _write(viewer, place, found)
            for thread in found.threads:
                threads.draw(viewer, place, thread, asked)
            _turn(place, page, found.num_threads)


def _write(viewer: User | None, place: Place, found: Discussion) -> None:
    if not found.num_threads:
        st.write("No comments yet.")
    opened("Write a comment", place.key("write"), lambda: forms.draw(viewer, place, NEW), icon=":material/chat:", keeps=True)


def _page_of(viewer: User | None, place: Place, asked: int | None) -> int:
    """Return the page of the discussion that the address names, or that a comment named there stands on."""
    if asked is not None and not address.said("comments"):
        before = service.num_threads_before(viewer, place.kind, place.thing_id, asked)
        return before // PER_PAGE + 1 if before is not None else 1
    return address.value("comments", 1, _page)


def _turn(place: Place, page: int, num_threads: int) -> None:
    """Draw the ways to newer and older threads where there are more than fit."""
    last = max(1, -(-num_threads // PER_PAGE))
    if last == 1 and page == 1:
        return

    def turn(to: int) -> None:
        state.put_aside(place)
        address.forget("comment")
        address.put("comments", to, 1)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("◀ Newer", key="comments_newer", disabled=page == 1, on_click=turn, args=(min(page - 1, last),))
        st.button("Older ▶", key="comments_older", disabled=page >= last, on_click=turn, args=(page + 1,))
        st.write(f"Page {page:,} of {last:,}")
