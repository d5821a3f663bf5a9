"""What the browser does on every page: it follows our links, and closes the menu on a phone.

Streamlit leaves the menu open over the page that was chosen in it. A link of `links` would load the whole front end anew; the
browser writes its address down instead, as if somebody had gone back to it, which Streamlit follows.
"""

from __future__ import annotations

import streamlit as st

from mhub_core.ui.screen import NARROW

_JAVASCRIPT = """
function follow(event) {
  const link = event.target.closest?.('[data-testid="stHtml"] a[href]');
  const isOther = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey; // a new tab, a download
  if (!link || isOther || event.defaultPrevented || link.target || link.origin !== location.origin) return;
  event.preventDefault();
  history.pushState({}, "", link.href);
  window.dispatchEvent(new PopStateEvent("popstate"));
  document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
}
export default function ({ data }) {
  if (!window.mhubFollows) document.addEventListener("click", (window.mhubFollows = follow));
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
