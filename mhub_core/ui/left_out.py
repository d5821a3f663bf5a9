"""Says on a page that the server did not take a long text: the tabs of one address may hold only so much, see `server.typed`."""

from __future__ import annotations

import streamlit as st

MARK = "#texts-left-out"  # behind the address of the page, as a tab tells it: what the server has to say about a message
_WORDS = (
    "**A long text on this page was not received.** The open tabs of your network address already hold as much typed text as "
    "this hub keeps for one address. Close tabs that you do not need, or shorten the text, then change it once more."
)


def warn() -> None:
    """Draw the warning when the last message of this tab came without its long texts."""
    url = st.context.url
    if isinstance(url, str) and url.endswith(MARK):
        st.warning(_WORDS)
