"""Joining a project: what `/Project?join=CODE` shows, to which a QR code leads."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.projects import codes, join_service
from mhub_core.projects.records import Offer
from mhub_core.sharing import policy
from mhub_core.ui import session
from mhub_core.ui.errors import errors_shown, shown_or_stopped
from mhub_core.ui.login import WANTED, require_login
from mhub_core.ui.page import go, link, plain, window

_WAYS = {
    policy.EDIT: "You can see everything in it, and put your own models and datasets into it.",
    policy.READ: "You can see everything in it.",
}


def draw(viewer: User | None, code: str) -> None:
    """Draw what a code leads to, and the button that joins: for a visitor after they have signed in or up."""
    with window("Join a project", key="join"):
        try_another = st.empty()
        with shown_or_stopped("Projects"):
            offer = join_service.look(viewer, code, session.address())
        try_another.empty()
        st.write(f"**{plain(offer.name)}** is a project of {plain(offer.owner_name)}.")
        if offer.is_member:
            st.info("You are in this project.")
            link("Project", "Open the project", id=offer.project_id)
            return
        st.write(_WAYS[offer.level])
        puts_new = offer.level == policy.EDIT and st.checkbox(
            "Put my new models and datasets into this project",
            True,
            key="join_puts_new",
            help="Its members can open and copy them and see their runs and scores. They cannot change them. You can take each "
            "of them out again, and change this on the page of the project.",
        )
        wanted = [code, bool(puts_new)]
        if st.button("Join", type="primary", key="join_project"):
            st.session_state[WANTED] = wanted
        if st.session_state.get(WANTED) == wanted:
            _join(offer, code, bool(puts_new))


def _join(offer: Offer, code: str, puts_new: bool) -> None:
    user = require_login(f"Sign in or sign up to join {plain(offer.name)}. Your choice is kept.")
    del st.session_state[WANTED]
    with errors_shown():
        go("Project", id=join_service.join(user, code, session.address(), puts_new))


def by_hand() -> None:
    """Draw the field for a code that somebody read or heard."""
    typed = st.text_input(
        "Code",
        max_chars=20,
        key="typed_code",
        placeholder="BCDF-GHJK",
        help="Eight letters. Whoever manages the project has it, and a QR code that does the same.",
    )
    if st.button("Continue", key="use_code", type="primary"):
        if code := codes.read(typed):
            go("Project", join=code)
        st.error(f"A code has {codes.LENGTH} letters, such as BCDF-GHJK. Check it for typing mistakes.")
