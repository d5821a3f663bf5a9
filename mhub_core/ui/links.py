"""Links to the hub's pages as HTML, of which any number is one element; of Streamlit's own each has the cost of an element.

The browser follows them without loading the page anew, see `menu`.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from urllib.parse import urlencode

import streamlit as st

from mhub_core.ui.pages import START


def address(page: str, **query: object) -> str:
    """Return the address of a page, such as `address("Run", id=7)`, as it stands on all other pages."""
    said = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{'./' if page == START else page}{'?' if said else ''}{said}"


def to_html(page: str, text: str, **query: object) -> str:
    """Return a link such as `to_html("Run", "Small net", id=7)`. Its text is shown as it was typed."""
    return f"<a class='mhub-link' href='{html.escape(address(page, **query), quote=True)}'>{html.escape(text)}</a>"


def show(links: Iterable[str], in_row: bool = False) -> None:
    """Draw links below one another, or beside each other as far as there is room; without any, nothing."""
    if drawn := "".join(links):
        st.html(f"<div class='mhub-links{' row' if in_row else ''}'>{drawn}</div>")
