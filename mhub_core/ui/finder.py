"""What stands around a list of things: the search, "Only mine", and the choice of a page. All of it is kept in the address."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.projects import service as projects
from mhub_core.ui import address
from mhub_core.ui.errors import errors_shown
from mhub_core.ui.page import link

PER_PAGE = 24
MAX_PAGE = 10_000
_page = address.whole_number(1, MAX_PAGE)


def first_page() -> None:
    """Go back to the first page: another list is shown than the one whose page was turned."""
    address.forget("page")


def asked(what: str, viewer: User | None, placeholder: str, with_shared: bool = False) -> tuple[str, bool, int]:
    """Draw what narrows a list. Returns the words, whether only the viewer's own are wanted, and the page: 1 after a change.

    `with_shared`: it can also be narrowed to what others share with the viewer, see `wants_shared`.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "Search",
            placeholder=placeholder,
            max_chars=address.MAX_LETTERS,
            **address.kept("search", "", address.words, what, first_page),
        )
        # Nothing is a visitor's own, whatever the address says.
        readable = address.flag if viewer else address.one_of([False])
        then = _instead_of("shared") if with_shared else first_page
        own = st.toggle("Only mine", disabled=viewer is None, **address.kept("mine", False, readable, what, then))
        if with_shared:
            kept = address.kept("shared", False, readable, what, _instead_of("mine"))
            st.toggle("Shared with me", disabled=viewer is None, **kept)
    return words, own, address.value("page", 1, _page)


def _instead_of(other: str) -> Callable[[], None]:
    """Return what a choice does that ends another one: nothing is both one's own and shared by others."""
    return lambda: address.forget(other, "page")


def wants_shared(viewer: User | None) -> bool:
    """Tell whether only what others share with the viewer is wanted."""
    return viewer is not None and address.value("shared", False, address.flag)


def of_project(viewer: User | None, project_id: int | None) -> None:
    """Say which project a list is narrowed to, with the way out of that."""
    if project_id is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.write("Only what belongs to the project")
        with errors_shown():
            link("Project", projects.require_name(viewer, project_id), id=project_id)
        st.button("Show all", key="of_project_all", on_click=address.forget, args=("project", "page"))


def turn_page(what: str, num_found: int, page: int) -> None:
    """Draw the choice of a page where there is one. `num_found` is one more than `PER_PAGE` when more follow."""
    if num_found > PER_PAGE or page > 1:
        st.number_input("Page", 1, MAX_PAGE, step=1, width=140, **address.kept("page", 1, _page, what))
    if num_found > PER_PAGE:
        st.caption("More results are on the next page.")
