"""Back and Next under a list that has more than one page. The page is kept in the address."""

from __future__ import annotations

import streamlit as st

from mhub_core.ui import address


def pager(key: str, total: int, size: int) -> int:
    """Draw Back and Next when there is more than one page, and return the offset of the page."""
    last = max(1, -(-total // size))
    page = address.value("page", 1, address.whole_number(1, last))
    if last == 1:
        return 0

    def turn(by: int) -> None:
        address.put("page", page + by, 1)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("◀ Back", key=f"{key}_back", disabled=page == 1, on_click=turn, args=(-1,))
        st.button("Next ▶", key=f"{key}_next", disabled=page == last, on_click=turn, args=(1,))
        st.write(f"Page {page:,} of {last:,}")
    return (page - 1) * size
