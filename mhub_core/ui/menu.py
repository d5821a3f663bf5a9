"""The menu of pages on a phone: Streamlit leaves it open over the page that was chosen in it."""

from __future__ import annotations

import streamlit as st

from mhub_core.ui.screen import NARROW

_JAVASCRIPT = """
export default function ({ data }) {
  const isOther = window.mhubPage !== undefined && window.mhubPage !== data.page;
  window.mhubPage = data.page;
  if (!isOther || window.innerWidth >= data.narrow) return;
  const menu = document.querySelector('[data-testid="stSidebar"]');
  if (menu?.dataset.collapsed === "false") menu.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
}
"""


def close_after_choice(page: str) -> None:
    """Close the menu on a phone once another page is on screen."""
    st.components.v2.component("mhub_menu", js=_JAVASCRIPT)(data={"page": page, "narrow": NARROW}, key="menu_closer")
