"""The way to a first trained model: a strip over the pages that says where one is, and what to click next."""

from __future__ import annotations

import re
from urllib.parse import urlparse

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.errors import NotFound
from mhub_core.models import service as models
from mhub_core.runs import records
from mhub_core.runs import service as runs
from mhub_core.runs.records import Run
from mhub_core.sharing import policy
from mhub_core.ui import words
from mhub_core.ui.errors import errors_shown
from mhub_core.ui.pages import find_page
from mhub_core.ui.text import plain

# In the session state: {"model": id, "dataset": id}, "run" once there is one, and "private" once somebody said that the model
# stays so. The address says the same, for a reload. "again" is the page that a second start led to, at first "".
_GUIDE = "first_model_guide"
_ADDRESS = "guide"
_PARTS = ("model", "dataset", "run")
# What each page on the way is called, what its address takes from the guide, and what the guide says there.
_STEPS = {
    "Dataset": ("Data", {"id": "dataset"}, "Your model will learn from this data. One example in five is held out for the test."),
    "Builder": (
        "Network",
        {"model": "model"},
        "This is your network, layer by layer. It is ready to train, and so far only you can see it.",
    ),
    "Train": (
        "Train",
        {"model": "model", "dataset": "dataset"},
        "Everything is filled in. Click “Start training” at the end of this page.",
    ),
    "Run": ("Watch", {"id": "run"}, "The curves update while the model learns. This page says when the run has finished."),
    "Leaderboard": (
        "Rank",
        {"dataset": "dataset"},
        "The leaderboard ranks all runs on this dataset that you can see, by their score on the held-out test set.",
    ),
    "Predict": ("Use", {"model": "model"}, "Try your trained model on a new example."),
}
_NUMBERS = {page: number for number, page in enumerate(_STEPS, start=1)}
# Where one can go from the end: page, what its address takes from the guide, and words.
_ONWARD: tuple[tuple[str, dict[str, str], str], ...] = (
    ("Run", {"id": "run"}, "Look at its mistakes"),
    ("Leaderboard", {"dataset": "dataset"}, "Compare it on the leaderboard"),
    ("Builder", {"model": "model"}, "Change the network and train it again"),
    ("Help", {}, "Look up a term"),
)
_AFTER_THE_START = ("Run", "Leaderboard", "Predict")
_AFTER_THE_RUN = ("Leaderboard", "Predict")


def start(model_id: int, dataset_id: int) -> None:
    """Begin the guide for a model that was just made."""
    st.session_state[_GUIDE] = {"model": model_id, "dataset": dataset_id}


def start_again(user: User, model_id: int, dataset_id: int) -> Run | None:
    """Begin the guide for a model that it made before. Returns the newest run of it on this dataset, if there is one."""
    start(model_id, dataset_id)
    st.session_state[_GUIDE]["again"] = ""
    found = [run.id for run in runs.list_runs(user, model_id=model_id, folded=False) if run.dataset_id == dataset_id]
    if found:
        st.session_state[_GUIDE]["run"] = found[0]
    return _run(user)


def show(viewer: User | None) -> None:
    """Draw the strip while somebody is on the way."""
    here = _page_name()
    _take_from_address()
    if _GUIDE not in st.session_state or here not in _STEPS:
        return
    if here == "Run" and st.query_params.get("id", "").isdigit():
        st.session_state[_GUIDE] |= {"run": st.query_params["id"]}
    st.query_params[_ADDRESS] = _as_address()
    run = _run(viewer) if here in _AFTER_THE_START else None
    is_done = run is not None and run.state in (records.FINISHED, records.STOPPED)
    is_end = is_done and here == "Predict"
    with st.container(key="guide"):
        st.write(f"**Your first model.** {_again(here)}{_words(here, run)}")
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="guide_steps"):
            for page in _STEPS:
                _step(page, here)
        if is_end:
            _onward()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _next(here, is_done)
            st.button("Finish the guide" if is_end else "Close the guide", on_click=_close, key="close_guide")
        if viewer and is_done:
            with errors_shown():
                _ask_to_show(viewer)


def _run(viewer: User | None) -> Run | None:
    """Return the run of the guide, if there is one that was not deleted."""
    try:
        return runs.require_run(viewer, int(st.session_state[_GUIDE].get("run", 0)))
    except NotFound:
        return None


def _again(here: str) -> str:
    """Say on the first page after a second start that it goes on with what there is."""
    ids = st.session_state[_GUIDE]
    if ids.get("again") == "":
        ids["again"] = here
    return "You already have this model, so the guide continues with it. " if ids.get("again") == here else ""


def _words(here: str, run: Run | None) -> str:
    """Return what the guide says on a page."""
    if run is None or run.is_active:
        return _STEPS[here][2]
    if run.state == records.FAILED:
        return "The run failed. Its page says why and what to try; then return to 3 Train."
    score = words.main_score((run.result or {}).get("scores", {}))
    reached = f"**Its score on the held-out test set: {plain(score)}.** " if score else ""
    if here == "Predict":
        return f"**Done: you trained a neural network.** {reached}Try it below on a new example, and continue from here:"
    return f"Your model is trained. {reached}" + ("" if here == "Run" else _STEPS[here][2])


def _next(here: str, is_done: bool) -> None:
    """Draw the link to the next step, unless something must happen on this page first."""
    pages = list(_STEPS)
    if here == "Predict" or here == "Train" or (here == "Run" and not is_done):
        return
    page = pages[pages.index(here) + 1]
    label = f"**Next: {_NUMBERS[page]} {_STEPS[page][0]}** ▶"
    with st.container(key="guide_next", width="content"):
        st.page_link(find_page(page), label=label, query_params=_query(_STEPS[page][1]), width="content")


def _onward() -> None:
    for page, names, label in _ONWARD:
        st.page_link(find_page(page), label=label, query_params=_query(names) if names else None, width="content")


def _query(names: dict[str, str]) -> dict[str, str]:
    ids = st.session_state[_GUIDE]
    return {name: str(ids[of]) for name, of in names.items()} | {_ADDRESS: _as_address()}


def _ask_to_show(viewer: User) -> None:
    """Ask once whether others may see the model; who made it public already is not asked."""
    ids = st.session_state[_GUIDE]
    if ids.get("private"):
        return
    model = models.require_model(viewer, ids["model"])
    if not model.may_manage or model.visibility != policy.PRIVATE:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="guide_ask"):
        st.markdown("**Show your model, with its score, to everyone who can open this hub?**", width="content")
        if st.button("Show it", key="guide_show"):
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


def _step(page: str, here: str) -> None:
    label, names, _ = _STEPS[page]
    words = f"{_NUMBERS[page]} {label}"
    needed = set(names.values()) | ({"run"} if page in _AFTER_THE_RUN else set())
    if page == here or not needed <= set(st.session_state[_GUIDE]):
        st.markdown(f"**{words}**" if page == here else words, width="content")
    else:
        st.page_link(find_page(page), label=words, query_params=_query(names), width="content")


def _close() -> None:
    del st.session_state[_GUIDE]
    st.query_params.pop(_ADDRESS, None)


def _page_name() -> str:
    url = st.context.url
    return urlparse(url).path.rsplit("/", 1)[-1] if isinstance(url, str) else ""
