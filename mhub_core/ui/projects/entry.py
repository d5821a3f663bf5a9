"""The join code of a project with its QR code, for who manages it."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.projects import codes, join_service
from mhub_core.projects.records import Entry
from mhub_core.sharing.service import PROJECT
from mhub_core.ui import session
from mhub_core.ui.errors import errors_shown
from mhub_core.ui.page import plain
from mhub_core.ui.projects import qr
from mhub_core.ui.sharing import levels


def draw(user: User, project_id: int, name: str) -> None:
    """Draw the switch, what those who join may do, and the code in the forms in which it can be passed on."""
    with errors_shown():
        entry = join_service.require_entry(user, project_id)
        # Their keys hold what is so now: another person's change shows at once, and is no choice of this one.
        key = f"entry_{project_id}_{entry.is_open}_{entry.level}"
        is_open = st.toggle("People can join with a code", entry.is_open, key=f"{key}_open")
        level = entry.level
        if is_open:
            level = levels.choose(PROJECT, "Who joins can", f"{key}_level", entry.level, join_service.LEVELS)
        if (is_open, level) != (entry.is_open, entry.level):
            join_service.set_entry(user, project_id, is_open, level)
            st.rerun()
        if entry.is_open:
            _code(user, project_id, name, entry)
        else:
            st.caption("Whoever has the code can join while this is on, such as a class. Others cannot.")


def _code(user: User, project_id: int, name: str, entry: Entry) -> None:
    address = f"{session.hub_address()}/Project?join={entry.code}"
    left, right = st.columns([1, 1.5], vertical_alignment="center")
    with left:
        st.image(qr.png(address), width=260)
    with right:
        st.html(f"<p class='mhub-join-code'>{codes.shown(entry.code)}</p>")
        st.write("Scan the image with a phone, open the address, or enter the code on the page “Projects”.")
        st.code(address, language=None, wrap_lines=True)
        with st.container(horizontal=True):
            st.download_button(
                "Download the QR code",
                qr.svg(address),
                file_name=f"join-{entry.code.lower()}.svg",
                mime="image/svg+xml",
                key=f"qr_{project_id}",
                on_click="ignore",
            )
            with st.popover("Renew the code"):
                st.write(plain(f"The code before no longer leads to {name}. Who has joined stays a member."))
                if st.button("Yes, renew it", key=f"renew_{project_id}", type="primary"):
                    join_service.renew(user, project_id)
                    st.rerun()
