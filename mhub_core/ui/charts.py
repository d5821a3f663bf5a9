"""Puts a chart on the page."""

from __future__ import annotations

from typing import Any

import streamlit as st


def show(spec: dict[str, Any], words: str, key: str | None = None) -> None:
    """Draw a spec of `mhub_core.charts` as wide as there is room. `words` say what it shows to those who do not see it."""
    st.vega_lite_chart(spec, width="stretch", theme=None, key=key, alt=words)
