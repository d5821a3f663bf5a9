"""The way to a first trained model: a strip over the pages that says where one is, and what to click next."""

from __future__ import annotations

import re
from urllib.parse import urlparse

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.models import service as models
from mhub_core.sharing import policy
from mhub_core.ui.errors import errors_shown
from mhub_core.ui.pages import find_page

# In the session state: {"model": id, "dataset": id}, "run" once there is one, and "private" once somebody said that the model
# stays so. The address says the same, for a reload.
_GUIDE = "first_model_guide"
_ADDRESS = "guide"
_PARTS = ("model", "dataset", "run")
# What each page on the way is called, what its address takes from the guide, and what the guide says there.
_STEPS = {
    "Dataset": ("Data", {"id": "dataset"}, "Your model learns from this data. One example in five is held out for the test."),
    "Builder": (
        "Network",
        {"model": "model"},
        "This is your network, layer by layer. It is ready to train, and so far only you can see it. Next: 3 Train.",
    ),
    "Train": (
        "Train",
        {"model": "model", "dataset": "dataset"},
        "Everything is filled in. Click “Start training” at the end of this page.",
    ),
    "Run": (
        "Watch",
        {"id": "run"},
        "The curves update while the model learns. When the run has finished, go to 5 Rank and 6 Use.",
    ),
    "Leaderboard": (
        "Rank",
        {"dataset": "dataset"},
        "All runs on this dataset that you can see, ranked by their score on the held-out test set.",
    ),
    "Predict": ("Use", {"model": "model"}, "Try your trained model on a new example."),
}
_AFTER_THE_START = ("Run", "Leaderboard", "Predict")
_AFTER_THE_RUN = ("Leaderboard", "Predict")


def start(model_id: int, dataset_id: int) -> None:
    """Begin the guide for a model that was just made."""
    st.session_state[_GUIDE] = {"model": model_id, "dataset": dataset_id}


def show(viewer: User | None) -> None:
    """Draw the strip while somebody is on the way."""
    here = _page_name()
    _take_from_address()
    if _GUIDE not in st.session_state or here not in _STEPS:
        return
    if here == "Run" and st.query_params.get("id", "").isdigit():
        st.session_state[_GUIDE] |= {"run": st.query_params["id"]}
    st.query_params[_ADDRESS] = _as_address()
    with st.container(key="guide"):
        st.write(f"**Your first model.** {_STEPS[here][2]}")
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            for number, page in enumerate(_STEPS, start=1):
                _step(number, page, here)
            st.button("Close the guide", on_click=_close, key="close_guide")
        if viewer and here in _AFTER_THE_START:
            with errors_shown():
                _ask_to_show(viewer)


def _ask_to_show(viewer: User) -> None:
    """Ask once whether others may see the model; who made it public already is not asked."""
    ids = st.session_state[_GUIDE]
    if ids.get("private"):
        return
    model = models.require_model(viewer, ids["model"])
    if not model.may_manage or model.visibility != policy.PRIVATE:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown("**Show your model and its score to everyone who can open this hub?**", width="content")
        if st.button("Show them", key="guide_show"):
            models.update(viewer, model.id, model.name, model.description, policy.PUBLIC)
            st.toast("Everyone can see your model now. You can change this on its page.")
            st.rerun()
        st.button("Keep it private", on_click=_keep_private, key="guide_keep")


def _keep_private() -> None:
    st.session_state[_GUIDE] |= {"private": True}
    st.toast("Your model stays private. You can change this on its page.")


def _take_from_address() -> None:
    said = st.query_params.get(_ADDRESS, "")
    if _GUIDE not in st.session_state and re.fullmatch(r"\d{1,9}(-\d{1,9}){1,2}p?", said):
        ids = dict(zip(_PARTS, map(int, said.removesuffix("p").split("-")), strict=False))
        st.session_state[_GUIDE] = {**ids, "private": said.endswith("p")}


def _as_address() -> str:
    ids = st.session_state[_GUIDE]
    return "-".join(str(ids[part]) for part in _PARTS if part in ids) + ("p" if ids.get("private") else "")


def _step(number: int, page: str, here: str) -> None:
    label, names, _ = _STEPS[page]
    ids = st.session_state[_GUIDE]
    needed = set(names.values()) | ({"run"} if page in _AFTER_THE_RUN else set())
    if page == here or not needed <= set(ids):
        st.markdown(f"**{number} {label}**" if page == here else f"{number} {label}", width="content")
        return
    query = {name: str(ids[of]) for name, of in names.items()} | {_ADDRESS: _as_address()}
    st.page_link(find_page(page), label=f"{number} {label}", query_params=query, width="content")


def _close() -> None:
    del st.session_state[_GUIDE]
    st.query_params.pop(_ADDRESS, None)


def _page_name() -> str:
    url = st.context.url
    return urlparse(url).path.rsplit("/", 1)[-1] if isinstance(url, str) else ""
