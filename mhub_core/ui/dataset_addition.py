"""A further file for a dataset: send it, see what differs, make the version that it is appended to or that it replaces."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets import addition_service, version_service
from mhub_core.datasets.addition_service import Differences
from mhub_core.datasets.child import APPEND, REPLACE
from mhub_core.datasets.records import Dataset, DatasetVersion
from mhub_core.ui import dataset_words, pending
from mhub_core.ui.errors import errors_shown
from mhub_core.ui.page import go, plain
from mhub_core.ui.upload import uploader

_WAYS = {APPEND: "Append to what is there", REPLACE: "Replace what is there"}


def draw(user: User, dataset: Dataset, version: DatasetVersion) -> None:
    """Draw the way from a further file to the next version."""
    assert version.spec is not None
    st.write(
        f"A file like the first one makes the next version; version {version.number} stays as it is. It is read with the same "
        "choices, and the same steps are done again. What is in the test set stays there, and the new data is split by the "
        "same rule."
    )
    receipt = uploader(f"further_{version.id}", folder=True, hint="Drop the file here, or")
    pending.hold(user, receipt, "Dataset")
    if not receipt:
        return
    told = None
    with errors_shown(), st.spinner("Comparing it with the dataset …"):
        told = _look(user, version.id, receipt)
    if told is not None:
        _form(user, dataset, version, receipt, told)


@st.cache_data(max_entries=20, ttl=600, show_spinner=False)
def _look(user: User, version_id: int, receipt: str) -> Differences:
    return addition_service.look(user, version_id, receipt)


def _form(user: User, dataset: Dataset, version: DatasetVersion, receipt: str, told: Differences) -> None:
    for problem in told.problems:
        st.error(plain(problem))
    if told.problems:
        return
    if told.notes:
        st.warning("\n".join(f"- {plain(note)}" for note in told.notes))
    else:
        st.write("It fits: nothing differs from what is there.")
    adds = st.radio("What becomes of the data", list(_WAYS), format_func=_WAYS.__getitem__, key=f"adds_{version.id}")
    note = st.text_input("Note (why, in one line)", max_chars=version_service.MAX_NOTE, key=f"addition_note_{version.id}")
    number = max(one.number for one in dataset.versions) + 1
    steps = f" with {dataset_words.counted(told.num_steps, 'step')}" if told.num_steps else ""
    if st.button(f"Make version {number}{steps}", type="primary", key="make_addition"):
        with errors_shown():
            made = addition_service.add(user, version.id, receipt, adds, note)
            pending.used()
            go("Dataset", id=dataset.id, version=made)
