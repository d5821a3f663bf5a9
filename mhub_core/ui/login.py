"""Signing in: the corner of the header, the dialog, and the gate in front of what needs an account."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.ui import session, widgets
from mhub_core.ui.errors import ASKED_TO_SIGN_IN
from mhub_core.ui.pages import find_page
from mhub_core.ui.text import short

_PAGE = "page_on_screen"
_DISMISSED = "sign_in_dismissed"
TICKED = "ticked_rows"  # in the session state: what is asked about rows of a list; gone on another page
SEEN = "hub_settings_seen"  # in the session state: the settings that an administrator changes, as they saw them
WANTED = "wanted_after_sign_in"  # in the session state: what a page does once somebody has signed in; gone on another page


def note_page(title: str) -> None:
    """Forget an open question when somebody walks to another page."""
    if st.session_state.get(_PAGE) != title:
        st.session_state[_PAGE] = title
        st.session_state.pop(ASKED_TO_SIGN_IN, None)
        st.session_state.pop(_DISMISSED, None)
        st.session_state.pop(WANTED, None)
        st.session_state.pop(TICKED, None)
        st.session_state.pop(SEEN, None)
        if pages := st.session_state.get(widgets.FIRST_ACCOUNT):
            st.session_state[widgets.FIRST_ACCOUNT] = pages - 1


def person_corner(viewer: User | None) -> None:
    """Draw who is signed in with the way out, or the way in."""
    if viewer is None:
        st.button("Sign in", on_click=_ask, args=("",), key="header_sign_in")
        return
    with st.popover(short(viewer.name), icon=":material/person:", width="content"):
        st.page_link(find_page("Account"), label="Your account")
        if viewer.is_admin:
            st.page_link(find_page("Administration"), label="Administration")
        st.button("Sign out", on_click=session.end, key="header_sign_out")


def require_login(reason: str) -> User:
    """Return who is signed in; a visitor is asked to sign in and the page stops here.

    Afterwards the page goes on where it was. This may stand at the top of a page or behind a button: the dialog opens
    over the page, so that fields keep their values.
    """
    viewer = session.get_viewer()
    if viewer is not None:
        return viewer
    if not is_asking() and st.session_state.get(_DISMISSED) != reason:
        _ask(reason)
        st.rerun()
    st.info(reason)
    st.button("Sign in to continue", on_click=_ask, args=(reason,), key="gate_sign_in", type="primary")
    st.stop()


def is_asking() -> bool:
    """Tell whether the sign-in window is open over the page."""
    return ASKED_TO_SIGN_IN in st.session_state


def open_dialog_when_asked(viewer: User | None) -> None:
    """Open the sign-in window over the page when something on it asked for an account; greet the first account there is."""
    if viewer is not None:
        st.session_state.pop(ASKED_TO_SIGN_IN, None)
        if viewer.is_admin and st.session_state.get(widgets.FIRST_ACCOUNT):
            st.info(widgets.ADMINISTRATOR)
    elif is_asking():
        _dialog(st.session_state[ASKED_TO_SIGN_IN])


def _ask(reason: str) -> None:
    st.session_state[ASKED_TO_SIGN_IN] = reason


def _dismiss() -> None:
    st.session_state[_DISMISSED] = st.session_state.pop(ASKED_TO_SIGN_IN, "")


@st.dialog("Sign in", on_dismiss=_dismiss)
def _dialog(reason: str) -> None:
    if reason:
        st.info(reason)
    widgets.sign_in_and_up("dialog")
