"""Small windows about the things of a list, side by side. All are one element: every element of a page has its cost."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.sharing import policy
from mhub_core.ui.page import title_bar


def to_html(title: str, text: str, facts: str, links: Sequence[str], strong: str = "") -> str:
    """Return a card: its text, shown as it was typed, and a row of links of `links.to_html` below it."""
    paragraphs = ((strong, "<p><strong>{}</strong></p>"), (text, "<p>{}</p>"), (facts, "<p class='mhub-facts'>{}</p>"))
    body = "".join(frame.format(html.escape(words)) for words, frame in paragraphs if words)
    return f"<section class='mhub-card'>{title_bar(title)}{body}<p class='mhub-card-links'>{''.join(links)}</p></section>"


def by(viewer: User | None, owner_id: int | None, owner_name: str | None, visibility: str) -> str:
    """Return whose a thing is; of what is not public, that they share it."""
    if owner_name is None:
        return "built in"
    is_shared = viewer is not None and visibility == policy.PRIVATE and owner_id != viewer.id and not viewer.is_admin
    return f"shared by {owner_name}" if is_shared else owner_name


def show(cards: Iterable[str]) -> None:
    """Draw cards in rows of three, on a phone below one another; without any, nothing."""
    if drawn := "".join(cards):
        st.html(f"<div class='mhub-cards'>{drawn}</div>")
