"""What stands around a list of things: the search, "Only mine", and the choice of a page. All of it is kept in the address."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.ui import address

PER_PAGE = 24
MAX_PAGE = 10_000
_page = address.whole_number(1, MAX_PAGE)


def first_page() -> None:
    """Go back to the first page: another list is shown than the one whose page was turned."""
    address.forget("page")


def asked(what: str, viewer: User | None, placeholder: str) -> tuple[str, bool, int]:
    """Draw what narrows a list. Returns the words, whether only the viewer's own are wanted, and the page: 1 after a change."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "Search",
            placeholder=placeholder,
            max_chars=address.MAX_LETTERS,
            **address.kept("search", "", address.words, what, first_page),
        )
        # Nothing is a visitor's own, whatever the address says.
        readable = address.flag if viewer else address.one_of([False])
        own = st.toggle("Only mine", disabled=viewer is None, **address.kept("mine", False, readable, what, first_page))
    return words, own, address.value("page", 1, _page)


def turn_page(what: str, num_found: int, page: int) -> None:
    """Draw the choice of a page where there is one. `num_found` is one more than `PER_PAGE` when more follow."""
    if num_found > PER_PAGE or page > 1:
        st.number_input("Page", 1, MAX_PAGE, step=1, width=140, **address.kept("page", 1, _page, what))
    if num_found > PER_PAGE:
        st.caption("More results are on the next page.")
