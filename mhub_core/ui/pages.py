"""The pages of the hub, each made once: to look up a page's file at every link costs more than to draw the link."""

from __future__ import annotations

import copy
from functools import cache
from typing import Literal

import streamlit as st

from mhub_core import settings

START = "Start"  # its address is that of the hub
IN_MENU = (START, "Datasets", "Models", "Train", "Runs", "Leaderboard", "Projects", "Predict", "Help")
BY_ADDRESS = (
    *("Dataset", "Model", "Builder", "Run", "Compare", "Project", "Search", "Person", "Account", "Administration"),
    "Notices",
)


@cache
def find_page(name: str) -> st.Page:
    """Return one page of the hub; its file, its title and its address share one name."""
    is_start = name == START
    title = "Home" if is_start else name
    visibility: Literal["visible", "hidden"] = "visible" if name in IN_MENU else "hidden"
    file = settings.ROOT / "pages" / f"{name}.py"
    return st.Page(file, title=title, url_path=name, default=is_start, visibility=visibility)


def all_pages() -> list[st.Page]:
    """Return all pages for one run of the hub's script, which notes in them which one is drawn."""
    return [copy.copy(find_page(name)) for name in IN_MENU + BY_ADDRESS]
