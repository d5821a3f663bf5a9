"""All datasets that one may see, with a search, and the form to upload one's own."""

from functools import partial

import streamlit as st

from mhub_core.datasets import service as datasets
from mhub_core.datasets.records import DatasetCard
from mhub_core.ui import cards, dataset_source, dataset_upload, dataset_words, finder, links
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.finder import PER_PAGE
from mhub_core.ui.page import opened, page_setup, query_id
from mhub_core.ui.text import summary

REFUSED = "This upload was refused. Open it to see why, or to delete it."
viewer = page_setup("Datasets")


def card(dataset: DatasetCard) -> str:
    """Return one dataset as a small window."""
    whose = cards.by(viewer, dataset.owner_id, dataset.owner_name, dataset.visibility)
    said = dataset_words.counted(dataset.num_comments, "comment") if dataset.num_comments else ""
    facts = (whose, dataset.licence, "private" if dataset.visibility == "private" else "", said)
    text = summary(dataset.description, 200) or "No description yet."
    text = REFUSED if dataset.state == "refused" else text
    told = " · ".join(fact for fact in facts if fact)
    ways = [links.to_html("Dataset", "Open", id=dataset.id)]
    if dataset.state == "ready":
        ways += [links.to_html(page, page, dataset=dataset.id) for page in ("Train", "Leaderboard")]
    return cards.to_html(dataset.name, text, told, ways, strong=dataset_words.card_facts(dataset))


upload = partial(dataset_upload.draw, viewer)
opened(
    "Upload data",
    "upload_data",
    upload,
    bool(query_id("upload") or query_id(dataset_source.FETCH)),
    ":material/upload:",
    keeps=True,
)

words, mine, page = finder.asked("datasets", viewer, "Name, text or source", with_shared=True)
shared, project_id = finder.wants_shared(viewer), query_id("project")
with shown_or_stopped("Projects"):
    start = (page - 1) * PER_PAGE
    found = datasets.list_datasets(viewer, words, mine, PER_PAGE + 1, start, shared=shared, project_id=project_id)
finder.of_project(viewer, project_id)

if not found:
    empty = (
        "No dataset matches this search."
        if words or mine or project_id
        else "The built-in datasets are still being installed. Reload this page in a few seconds."
    )
    empty = "Nobody shares a dataset with you yet." if shared and not words else empty
    st.info(empty if page == 1 else "There is nothing more to show.")
cards.show(card(dataset) for dataset in found[:PER_PAGE])
finder.turn_page("datasets", len(found), page)
