"""Where a person is signed in, and the ways to sign out there."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts import service
from mhub_core.accounts import session_service as sessions
from mhub_core.accounts.records import User
from mhub_core.ui import session, words
from mhub_core.ui.errors import errors_shown, shown_or_stopped
from mhub_core.ui.page import opened, plain, window


def own(user: User) -> None:
    """Draw where the person is signed in, and the button that ends every session."""
    with window("Signed-in browsers"):
        opened("Where you are signed in", "browsers", lambda: _each(user), icon=":material/devices:")
        st.write("Signs you out on every device and in every browser, including this one.")
        if st.button("Sign out everywhere"):
            with shown_or_stopped():
                service.sign_out_everywhere(user)
            session.forget()
            st.rerun()


def _each(user: User) -> None:
    """Draw each browser with the way to sign out there."""
    with errors_shown():
        found = sessions.list_sessions(user, session.tokens())
        for one in found:
            with st.container(horizontal=True, vertical_alignment="center"):
                used = "this browser" if one.is_this else f"last used {words.moment(one.seen)}"
                st.write(plain(f"{one.browser} · {used} · signed in {words.moment(one.since)}"))
                if not one.is_this and st.button("Sign out there", key=f"end_{one.id[:16]}"):
                    sessions.end_session(user, one.id)
                    st.rerun()
        if len(found) == sessions.MOST:
            st.caption(f"The {sessions.MOST} that were used last.")
