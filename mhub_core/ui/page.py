"""What every page opens with, and the few pieces that all pages are built from."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from mhub_core.accounts import hub_service
from mhub_core.accounts.records import User
from mhub_core.ui import address, guide, left_out, login, pending, session
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.pages import find_page
from mhub_core.ui.text import plain

__all__ = [
    "go",
    "link",
    "opened",
    "page_setup",
    "plain",
    "query_id",
    "title_bar",
    "window",
]  # `plain` comes along: most pages need it

_id = address.whole_number(1, 2**31 - 1)


def page_setup(title: str) -> User | None:
    """Draw the header, and return who is looking (None: a visitor). The first call of every page."""
    st.set_page_config(page_title=f"{title} · {hub_service.name()}", page_icon="/app/static/icon.svg", layout="wide")
    st.logo("/app/static/logo.svg", size="large")
    address.follow_link()
    login.note_page(title)
    with shown_or_stopped():
        viewer = session.get_viewer()
    pending.left(viewer, title)
    with st.container(horizontal=True, vertical_alignment="center", key="header"):
        st.html(f"<h1 class='mhub-page-title'>{html.escape(title)}</h1>")
        login.person_corner(viewer)
    login.open_dialog_when_asked(viewer)
    session.carry_ticket_to_browser()
    left_out.warn()
    guide.show(viewer)
    return viewer


@contextmanager
def window(title: str, key: str | None = None) -> Iterator[None]:
    """Draw a bevelled window with a title bar around what is drawn inside. Two of one title need a `key` each."""
    name = re.sub(r"[^a-z0-9]+", "-", (key or title).lower()).strip("-")
    with st.container(key=f"window-{name}"):
        st.html(title_bar(title))
        yield


def title_bar(title: str) -> str:
    """Return the bar over a window, as HTML."""
    return f"<h2 class='mhub-title-bar'>{html.escape(title)}</h2>"


def opened(
    title: str, key: str, draw_inside: Callable[[], Any], expanded: bool = False, icon: str | None = None, keeps: bool = False
) -> None:
    """Draw a part behind a title, and what is in it only while it is open: most never are, and a browser draws fields slowly.

    `keeps`: it is drawn on after it was folded again, so that its fields keep what was typed into them.
    """
    part = st.expander(title, key=key, expanded=expanded, icon=icon, on_change="rerun")
    was_open = f"{key}_was_open"
    if part.open and keeps:
        st.session_state[was_open] = True
    if part.open or (keeps and st.session_state.get(was_open)):
        with part:
            draw_inside()


def query_id(name: str = "id") -> int | None:
    """Return the number that the page's address carries under `name`, or None when that could be no id."""
    return address.value(name, None, _id)


def link(page: str, label: str, **query: object) -> None:
    """Draw a link to a page, such as `link("Run", "Open the run", id=7)`. The label is shown as it is typed."""
    st.page_link(find_page(page), label=plain(label), query_params=_query(query))


def go(page: str, **query: object) -> None:
    """Leave for another page at once."""
    st.switch_page(find_page(page), query_params=_query(query))


def _query(query: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in query.items() if value is not None}
