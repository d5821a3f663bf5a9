"""A small window about one thing of a list. Its text is one element: a list has many cards, and every element has its cost."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from mhub_core.ui.page import title_bar


@contextmanager
def card(title: str, key: str, text: str, facts: str, strong: str = "") -> Iterator[None]:
    """Draw a card, and what is drawn inside the block in a row below its text. All of the text is shown as it was typed."""
    paragraphs = ((strong, "<p><strong>{}</strong></p>"), (text, "<p>{}</p>"), (facts, "<p class='mhub-facts'>{}</p>"))
    body = "".join(frame.format(html.escape(words)) for words, frame in paragraphs if words)
    with st.container(key=f"window-card-{key}"):
        st.html(f"{title_bar(title)}<div class='mhub-card'>{body}</div>")
        with st.container(horizontal=True):
            yield
