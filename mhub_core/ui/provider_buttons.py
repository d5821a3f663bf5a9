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
    here = urlparse(st.context.url or "").path or "/"
    asked = urlencode(st.query_params.to_dict())
    given = {"next": f"{here}?{asked}" if asked else here, "invite": invitation}
    query = html.escape(urlencode({name: value for name, value in given.items() if value}), quote=True)
    drawn = (
        f"<a class='mhub-provider' href='/api/sign-in/{one.name}?{query}'>Sign in with {html.escape(one.title)}</a>"
        for one in found
    )
    st.html(f"<div class='mhub-providers'>{''.join(drawn)}</div>")
