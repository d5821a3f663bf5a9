"""All models that one may see, with a search, and the way to a new one."""

import streamlit as st

from mhub_core.models import service as models
from mhub_core.models.records import ModelCard
from mhub_core.ui import finder
from mhub_core.ui.builder import bring, create
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.finder import PER_PAGE
from mhub_core.ui.page import link, opened, page_setup, plain, query_id, window

viewer = page_setup("Models")


def card(model: ModelCard) -> None:
    """Draw one model as a small window."""
    with window(model.name, key=f"card-{model.id}"):
        text = " ".join(model.description.split())
        st.write(plain(text if len(text) <= 160 else f"{text[:159]}…") or "No description yet.")
        facts = [
            model.owner_name,
            counted(model.num_versions, "version"),
            "trained" if model.trained else "not trained",
            model.visibility,
        ]
        st.caption(plain(" · ".join(facts)))
        with st.container(horizontal=True):
            link("Model", "Open", id=model.id)
            link("Builder", "Builder", model=model.id)
            if model.trained:
                link("Predict", "Predict", model=model.id)


with st.expander("New model", icon=":material/add:", key="new_model", expanded=bool(query_id("new"))):
    create.draw(viewer)
opened("Bring a model from a file or a script", "bring_model", lambda: bring.draw(viewer))

words, mine, page = finder.asked("models", viewer, "Words of the name or the description")
with shown_or_stopped():
    cards = models.list_models(viewer, words, mine, PER_PAGE + 1, (page - 1) * PER_PAGE)

if not cards:
    empty = "No model matches." if words else "No model here yet. Make one above: a stock architecture needs no typing."
    st.info(empty if page == 1 else "There are no more.")
columns = st.columns(3)
for number, model in enumerate(cards[:PER_PAGE]):
    with columns[number % 3]:
        card(model)
finder.turn_page("models", len(cards), page)
