"""Back and Next under a list that has more than one page."""

from __future__ import annotations

import streamlit as st


def pager(key: str, total: int, size: int) -> int:
    """Draw Back and Next when there is more than one page, and return the offset of the page."""
    last = max(0, (total - 1) // size)
    page: int = min(st.session_state.get(key, 0), last)
    if not last:
        return 0

    def turn(by: int) -> None:
        st.session_state[key] = page + by

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("◀ Back", key=f"{key}_back", disabled=page == 0, on_click=turn, args=(-1,))
        st.button("Next ▶", key=f"{key}_next", disabled=page == last, on_click=turn, args=(1,))
        st.write(f"Page {page + 1:,} of {last + 1:,}")
    return page * size
