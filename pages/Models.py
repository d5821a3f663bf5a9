"""All models that one may see, with a search, and the way to a new one."""

import streamlit as st

from mhub_core.models import service as models
from mhub_core.models.records import ModelCard
from mhub_core.ui import cards, finder, links
from mhub_core.ui.builder import bring, create
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.finder import PER_PAGE
from mhub_core.ui.page import opened, page_setup, query_id
from mhub_core.ui.text import summary

viewer = page_setup("Models")


def card(model: ModelCard) -> str:
    """Return one model as a small window."""
    trained = "trained" if model.trained else "not trained"
    whose = cards.by(viewer, model.owner_id, model.owner_name, model.visibility)
    facts = [whose, counted(model.num_versions, "version"), trained, model.visibility]
    facts += [counted(model.num_comments, "comment")] if model.num_comments else []
    text = summary(model.description, 160) or "No description yet."
    ways = [links.to_html("Model", "Open", id=model.id), links.to_html("Builder", "Builder", model=model.id)]
    if model.trained:
        ways.append(links.to_html("Predict", "Predict", model=model.id))
    return cards.to_html(model.name, text, " · ".join(facts), ways)


opened("New model", "new_model", lambda: create.draw(viewer), bool(query_id("new")), ":material/add:", keeps=True)
opened("Import a model from a file or a script", "bring_model", lambda: bring.draw(viewer), keeps=True)

words, mine, page = finder.asked("models", viewer, "Name or description", with_shared=True)
shared, project_id = finder.wants_shared(viewer), query_id("project")
with shown_or_stopped("Projects"):
    found = models.list_models(viewer, words, mine, PER_PAGE + 1, (page - 1) * PER_PAGE, shared, project_id)
finder.of_project(viewer, project_id)

if not found:
    none = "You have no models yet." if mine else "There is no model that you can see yet."
    empty = f"{none} Create one above: a stock architecture needs no typing."
    empty = "Nobody shares a model with you yet." if shared else empty
    empty = "No model matches this search." if words or project_id else empty
    st.info(empty if page == 1 else "There are no more.")
cards.show(card(model) for model in found[:PER_PAGE])
finder.turn_page("models", len(found), page)
