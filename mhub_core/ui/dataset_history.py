"""The history of a dataset: what was done when and by whom, what was trained on which version, and the way back."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets import use_service, version_service
from mhub_core.datasets.records import Dataset, DatasetVersion, Uses
from mhub_core.ui import address, dataset_compare, dataset_words, links, table, words
from mhub_core.ui.errors import errors_shown, shown_or_stopped
from mhub_core.ui.page import go

_MOST_STEPS = 6


def draw(viewer: User | None, dataset: Dataset, shown: DatasetVersion) -> None:
    """Draw all versions, and what can be done with the one that the page shows."""
    with shown_or_stopped():
        uses = use_service.uses_by_version(viewer, dataset.id)
    head = [table.Column("Version"), table.Column("How it was made")]
    table.show(head, [_row(one, shown, uses.get(one.id)) for one in dataset.versions])
    _trained_on(shown, uses.get(shown.id))
    _actions(viewer, dataset, shown, uses.get(shown.id))
    _compare(viewer, dataset, shown)


def _row(one: DatasetVersion, shown: DatasetVersion, uses: Uses | None) -> list[table.Cell]:
    state = "" if one.is_ready else dataset_words.STATES[one.state].capitalize()
    this = " · shown on this page" if one.id == shown.id else ""
    size = dataset_words.examples(one.spec.kind, one.spec.num_rows) if one.spec else ""
    models = dataset_words.counted(len(uses.models) + uses.num_hidden, "model") if uses else ""
    facts = (state, one.note, size, models, one.author_name or "", words.moment(one.created))
    return [
        table.Link(str(one.number), "Dataset", one.id, name="version"),
        table.Explained(_done(one) + this, " · ".join(fact for fact in facts if fact)),
    ]


def _done(one: DatasetVersion) -> str:
    steps = one.done[:_MOST_STEPS]
    more = len(one.done) - len(steps)
    start = f"From version {one.parent_number}: " if one.parent_number and one.done and not _is_way_back(one) else ""
    return start + "; ".join(steps) + (f"; and {more} more steps" if more else "")


def _is_way_back(one: DatasetVersion) -> bool:
    return one.done == (f"Restored version {one.parent_number}",)


def _trained_on(shown: DatasetVersion, uses: Uses | None) -> None:
    if not uses:
        return
    st.write(f"Trained on version {shown.number}:")
    links.show((links.to_html("Model", name, id=model_id) for model_id, name in uses.models), in_row=True)
    if uses.num_hidden:
        st.caption(_hidden(uses))


def _hidden(uses: Uses) -> str:
    others = dataset_words.counted(uses.num_hidden, "model of another person", "models of other people")
    return f"{others.capitalize()} that you cannot see."


def _actions(viewer: User | None, dataset: Dataset, shown: DatasetVersion, uses: Uses | None) -> None:
    ready = dataset.ready_version
    with st.container(horizontal=True):
        if viewer and dataset.may_edit and shown.is_ready and ready and shown.id != ready.id:
            help_text = "Makes a new version that holds the same as this one, at once. No version is lost."
            if st.button(f"Restore version {shown.number}", key="restore_version", help=help_text):
                with errors_shown():
                    go("Dataset", id=dataset.id, version=version_service.restore(viewer, shown.id))
        if viewer and dataset.may_manage and len(dataset.versions) > 1:
            with st.popover(f"Delete version {shown.number}"), errors_shown():
                _delete(viewer, dataset, shown, uses)


def _delete(user: User, dataset: Dataset, shown: DatasetVersion, uses: Uses | None) -> None:
    if uses:
        st.write("This version cannot be deleted, because models were trained on it. Their runs must be deleted first:")
        links.show(links.to_html("Runs", f"Runs of {name}", model=model_id) for model_id, name in uses.models)
        if uses.num_hidden:
            st.caption(_hidden(uses))
        return
    st.write(f"This permanently deletes version {shown.number}. Other versions stay as they are.")
    if st.button("Delete permanently", key="delete_version"):
        version_service.delete_version(user, shown.id)
        go("Dataset", id=dataset.id)


def _compare(viewer: User | None, dataset: Dataset, shown: DatasetVersion) -> None:
    others = {one.id: f"Version {one.number}" for one in dataset.versions if one.is_ready and one.id != shown.id}
    if not others or not shown.is_ready:
        return
    options = [0, *others]
    kept = address.kept("compare", 0, address.one_of(options), f"dataset_{shown.id}")
    label = f"Compare version {shown.number} with"
    chosen = st.selectbox(label, options, format_func=lambda one: others.get(one, "Choose a version …"), width=340, **kept)
    if chosen:
        before, after = sorted((chosen, shown.id))
        dataset_compare.draw(viewer, before, after)
