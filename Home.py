"""The entry script: registers all pages, always, so that every address survives a sign-in and a reload."""

from typing import Literal

import streamlit as st

IN_MENU = ("Start", "Datasets", "Models", "Train", "Leaderboard", "Predict", "Help")
BY_ADDRESS = ("Dataset", "Model", "Builder", "Run", "Account")


def page(name: str) -> st.Page:
    """Return one page of the hub; its file, its title and its address share one name."""
    is_start = name == "Start"
    title = "Home" if is_start else name
    visibility: Literal["visible", "hidden"] = "visible" if name in IN_MENU else "hidden"
    return st.Page(f"pages/{name}.py", title=title, url_path=name, default=is_start, visibility=visibility)


st.navigation([page(name) for name in IN_MENU + BY_ADDRESS], position="top").run()
