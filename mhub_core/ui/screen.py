"""Whether the screen is as narrow as a phone's, which Streamlit does not tell."""

from __future__ import annotations

import streamlit as st

NARROW = 760

_JAVASCRIPT = """
export default function ({ setStateValue }) {
  const tell = () => setStateValue("narrow", window.innerWidth < %d);
  const query = window.matchMedia("(max-width: %dpx)");
  query.addEventListener("change", tell);
  tell();
  return () => query.removeEventListener("change", tell);
}
""" % (NARROW, NARROW - 1)  # noqa: UP031 - the braces are JavaScript's


def is_narrow() -> bool:
    """Return what the browser told; before that, what its name lets one guess."""
    told = st.components.v2.component("mhub_screen", js=_JAVASCRIPT)(key="screen_width", on_narrow_change=lambda: None)
    narrow = getattr(told, "narrow", None)
    if narrow is None:
        agent = st.context.headers.get("User-Agent", "")
        return isinstance(agent, str) and "Mobi" in agent
    return bool(narrow)
