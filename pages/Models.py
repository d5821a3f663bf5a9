"""All models that one may see, with a search, and the way to a new one."""

import streamlit as st

from mhub_core.models import service as models
from mhub_core.models.records import ModelCard
from mhub_core.ui.builder import create
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.page import link, page_setup, plain, query_id, window

PER_PAGE = 24

viewer = page_setup("Models")


def card(model: ModelCard) -> None:
    """Draw one model as a small window."""
    with window(model.name, key=f"card-{model.id}"):
        text = " ".join(model.description.split())
        st.write(plain(text if len(text) <= 160 else f"{text[:159]}…") or "No description yet.")
        versions = f"{model.num_versions} version{'s' if model.num_versions != 1 else ''}"
        facts = [model.owner_name, versions, "trained" if model.trained else "not trained", model.visibility]
        st.caption(plain(" · ".join(facts)))
        with st.container(horizontal=True):
            link("Model", "Open", id=model.id)
            link("Builder", "Builder", model=model.id)
            if model.trained:
                link("Predict", "Predict", model=model.id)


with st.expander("New model", icon=":material/add:", key="new_model", expanded=bool(query_id("new"))):
    create.draw(viewer)

with st.container(horizontal=True, vertical_alignment="bottom"):
    words = st.text_input("Search", placeholder="Words of the name or the description", key="models_search")
    mine = st.toggle("Only mine", key="models_mine", disabled=viewer is None)

page = st.session_state.get("models_page", 1)
with shown_or_stopped():
    cards = models.list_models(viewer, words, mine, PER_PAGE + 1, (page - 1) * PER_PAGE)

if not cards:
    st.info("No model here yet. Make one above: a stock architecture needs no typing." if page == 1 else "There are no more.")
columns = st.columns(3)
for number, model in enumerate(cards[:PER_PAGE]):
    with columns[number % 3]:
        card(model)
if len(cards) > PER_PAGE or page > 1:
    st.number_input("Page", min_value=1, max_value=10_000, step=1, width=140, key="models_page")
