"""What stands around a list of things: the search, "Only mine", and the choice of a page."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User

PER_PAGE = 24


def asked(what: str, viewer: User | None, placeholder: str) -> tuple[str, bool, int]:
    """Draw what narrows a list. Returns the words, whether only the viewer's own are wanted, and the page: 1 after a change."""
    search, mine, page = (f"{what}_{part}" for part in ("search", "mine", "page"))
    if viewer is None:
        st.session_state[mine] = False  # else it would stay on after signing out, with no way to switch it off

    def first_page() -> None:
        st.session_state[page] = 1

    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input("Search", placeholder=placeholder, key=search, on_change=first_page)
        own = st.toggle("Only mine", key=mine, disabled=viewer is None, on_change=first_page)
    return words, own, st.session_state.get(page, 1)


def turn_page(what: str, num_found: int, page: int) -> None:
    """Draw the choice of a page where there is one. `num_found` is one more than `PER_PAGE` when more follow."""
    if num_found > PER_PAGE or page > 1:
        st.number_input("Page", min_value=1, max_value=10_000, step=1, width=140, key=f"{what}_page")
    if num_found > PER_PAGE:
        st.caption("More results are on the next page.")
