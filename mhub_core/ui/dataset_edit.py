"""The form for what is said about a dataset, and the way to remove it."""

from __future__ import annotations

import streamlit as st

from mhub_core import settings
from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.datasets import use_service
from mhub_core.datasets.records import EVERYONE, MANAGERS, NOBODY, Dataset
from mhub_core.ui import dataset_words
from mhub_core.ui.dataset_upload import OPEN_DATA
from mhub_core.ui.errors import FormPlaces, errors_shown
from mhub_core.ui.page import go, link

_FAULTS = "What is wrong, missing or doubtful in this data: for example, the scale was broken in May."
_TEST_ROWS = {MANAGERS: "People who manage this dataset", EVERYONE: "Everyone who can see it", NOBODY: "Nobody"}
VISIBILITIES = {"private": "Me and people I share it with", "public": "Everyone"}


def _who_sees(dataset: Dataset) -> str:
    """Draw the choice of who can see it; where all data is public, say so."""
    if settings.has_open_data():
        st.caption(OPEN_DATA)
        return "public"
    chosen: str = st.radio(
        "Who can see it",
        list(VISIBILITIES),
        list(VISIBILITIES).index(dataset.visibility),
        format_func=VISIBILITIES.__getitem__,
        horizontal=True,
        disabled=not dataset.may_manage,
    )
    return chosen


def _who_gets_test_rows(dataset: Dataset) -> str:
    chosen: str = st.radio(
        "Who can download the test set",
        list(_TEST_ROWS),
        list(_TEST_ROWS).index(dataset.test_rows),
        format_func=_TEST_ROWS.__getitem__,
        horizontal=True,
        disabled=not dataset.may_manage,
        help="Whoever has the test set could train on it elsewhere, and its scores would tell nothing any more.",
    )
    return chosen


def draw(user: User, dataset: Dataset) -> None:
    """Draw the form for what is said about the dataset, and the way to remove it."""
    places = FormPlaces()
    with st.form("edit_dataset"):
        name = st.text_input("Name", dataset.name, max_chars=120, disabled=not dataset.may_manage)
        places.under("name")
        description = st.text_area("Description (Markdown)", dataset.description, max_chars=20_000)
        places.under("description")
        licence = st.text_input("Licence", dataset.licence, max_chars=120)
        places.under("licence")
        source = st.text_input("Source", dataset.source, max_chars=300)
        places.under("source")
        faults = st.text_area("Known faults (Markdown)", dataset.faults, max_chars=20_000, height=90, placeholder=_FAULTS)
        places.under("faults")
        visibility = _who_sees(dataset)
        test_rows = _who_gets_test_rows(dataset)
        places.above_button()
        if st.form_submit_button("Save"):
            with errors_shown(places):
                datasets.update(user, dataset.id, name, description, licence, source, visibility, faults, test_rows)
                st.rerun()
    if dataset.may_manage:
        with st.popover("Delete this dataset"), errors_shown():
            _remove(user, dataset)


def _remove(user: User, dataset: Dataset) -> None:
    """Draw the way to remove it, or say which models keep it from being removed."""
    uses = use_service.uses(user, dataset.id)
    if uses.models or uses.num_hidden:
        st.write("This dataset cannot be deleted, because models were trained on it. Their runs must be deleted first:")
        for model_id, name in uses.models:
            link("Model", name, id=model_id)
        if uses.num_hidden:
            others = dataset_words.counted(uses.num_hidden, "model of another person", "models of other people")
            st.write(f"{others.capitalize()} that you cannot see.")
        st.write("You can make the dataset private instead.")
        return
    st.write("This permanently deletes the dataset and all its versions, for everyone who can see it.")
    if st.button("Delete permanently", key="delete_dataset"):
        datasets.delete(user, dataset.id)
        go("Datasets")
