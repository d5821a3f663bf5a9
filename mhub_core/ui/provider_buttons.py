"""The buttons with which somebody signs in with another provider."""

from __future__ import annotations

import html
from urllib.parse import urlencode, urlparse

import streamlit as st

from mhub_core.accounts import providers


def draw(invitation: str = "") -> None:
    """Draw a link for each provider that is configured, back to this page. Nothing is asked of it before that is pressed."""
    found = providers.configured()
    if not found:
        return
    here = urlparse(st.context.url or "")
    path = (here.path or "/") + (f"?{here.query}" if here.query else "")
    query = html.escape(urlencode({"next": path, **({"invite": invitation} if invitation else {})}), quote=True)
    drawn = (
        f"<a class='mhub-provider' href='/api/sign-in/{one.name}?{query}'>Sign in with {html.escape(one.title)}</a>"
        for one in found
    )
    st.html(f"<div class='mhub-providers'>{''.join(drawn)}</div>")
