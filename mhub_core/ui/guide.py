"""The way to a first trained model: a strip over the pages that says where one is, and what to click next."""

from __future__ import annotations

from urllib.parse import urlparse

import streamlit as st

_GUIDE = "first_model_guide"  # in the session state: {"model": id, "dataset": id}
# What each page on the way is for; and which addresses it takes from the guide.
_STEPS = {
    "Dataset": ("Data", "This is what your model learns from. One row or picture in five is kept back for the test.", {"id": "dataset"}),
    "Builder": ("Network", "This is your network, layer by layer. It works as it is; you may click a layer and change it.", {"model": "model"}),
    "Train": ("Train", "Everything is filled in. Press the button that starts the training.", {"model": "model", "dataset": "dataset"}),
    "Run": ("Watch", "The curves move while it learns. When it has finished, see how it ranks, and use it.", {}),
    "Leaderboard": ("Rank", "Every finished training on this data, ranked by a test that no model has seen.", {"dataset": "dataset"}),
    "Predict": ("Use", "Give your trained model something new.", {"model": "model"}),
}


def start(model_id: int, dataset_id: int) -> None:
    """Begin the guide for a model that was just made."""
    st.session_state[_GUIDE] = {"model": model_id, "dataset": dataset_id}


def show() -> None:
    """Draw the strip while somebody is on the way."""
    ids, here = st.session_state.get(_GUIDE), _page_name()
    if not ids or here not in _STEPS:
        return
    with st.container(key="guide"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            for number, (page, (label, _, names)) in enumerate(_STEPS.items(), start=1):
                query = {name: str(ids[of]) for name, of in names.items()}
                # A run has an address only once there is one, so nobody is led to it before.
                st.page_link(f"pages/{page}.py", label=f"{number} {label}", query_params=query, disabled=page in (here, "Run"))
            st.button("Close the guide", on_click=lambda: st.session_state.pop(_GUIDE, None), key="close_guide")
        st.write(f"**Your first model.** {_STEPS[here][1]}")


def _page_name() -> str:
    url = st.context.url
    return urlparse(url).path.rsplit("/", 1)[-1] if isinstance(url, str) else ""
