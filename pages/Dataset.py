"""One dataset: `/Dataset?id=`.

What it holds, what became of an upload, its versions; train on it, rank on it, change it.
"""

from functools import partial

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.datasets.records import Dataset, DatasetVersion
from mhub_core.kinds.registry import require_kind
from mhub_core.sharing.service import DATASET
from mhub_core.tasks.registry import require_task
from mhub_core.ui import (
    address,
    dataset_addition,
    dataset_download,
    dataset_edit,
    dataset_history,
    dataset_process,
    dataset_source,
    dataset_view,
    dataset_words,
    figures,
    offer,
)
from mhub_core.ui.comments import discussion
from mhub_core.ui.errors import errors_shown, shown_or_stopped
from mhub_core.ui.explore import warnings
from mhub_core.ui.figures import Figure
from mhub_core.ui.kinds.registry import require_view as require_kind_view
from mhub_core.ui.page import go, link, opened, page_setup, plain, query_id, window
from mhub_core.ui.sharing import panel
from mhub_core.ui.tasks.registry import require_view as require_task_view
from mhub_core.ui.text import without_images


def about(viewer: User | None, dataset: Dataset, version: DatasetVersion) -> None:
    """Draw what it is, how large, and what can be done with it."""
    if dataset.description:
        st.markdown(without_images(dataset.description))
    if dataset.faults:
        st.markdown(f"**Known faults**\n\n{without_images(dataset.faults)}")
    facts = {"Licence": dataset.licence, "Source": dataset.source, "Owner": dataset.owner_name or "built in"}
    st.caption(plain(" · ".join(f"{name}: {fact}" for name, fact in facts.items() if fact)))
    dataset_source.of_dataset(viewer, dataset)
    if (spec := version.spec) is None:
        return
    size = Figure(require_kind(spec.kind).noun[1].capitalize(), f"{spec.num_rows:,}")
    shape = Figure("Shape", require_kind(spec.kind).shape_words(spec))
    classes = [Figure("Classes", f"{len(spec.classes):,}")] if spec.classes else []
    figures.show([Figure("Task", require_task(spec.task).title), size, shape, *classes])
    if dataset.ready_version and dataset.ready_version.id != version.id:
        st.info(f"This page shows version {version.number}. The newest one is version {dataset.ready_version.number}.")
    st.write(dataset_words.split(spec))
    if told := dataset_words.result(version):
        st.info(told)
    with st.container(horizontal=True):
        if st.button("Train on this", type="primary"):
            with errors_shown():
                offer.train_on(viewer, dataset, version)
        if st.button("Leaderboard"):
            go("Leaderboard", dataset=dataset.id)
        if st.button("Runs"):
            go("Runs", dataset=dataset.id)
        dataset_download.draw(viewer, dataset, version)
        if dataset.owner_id:
            link("Person", f"Owner: {dataset.owner_name or ''}", id=dataset.owner_id)


def contents(viewer: User | None, version: DatasetVersion) -> None:
    """Draw the data of a ready version."""
    spec = version.spec
    assert spec is not None
    view = require_kind_view(spec.kind)
    titles = [*view.TABS, view.TARGET_TAB, "Report"]
    kept = address.kept("tab", titles[0], address.one_of(titles), f"dataset_{version.id}")
    *first, target, report = st.tabs(titles, **kept)
    for title, tab in zip(view.TABS, first, strict=True):
        if tab.open:
            with tab:
                view.tab(title, viewer, version, spec)
    if target.open:
        with target:
            require_task_view(spec.task).target(spec)
    if report.open:
        with report:
            dataset_view.report(version)


def refused(viewer: User | None, dataset: Dataset) -> None:
    """Draw the ways on from an upload of which nothing could be used."""
    with st.container(horizontal=True, vertical_alignment="center"):
        link("Datasets", "Upload another file", upload=1)
        if viewer and dataset.may_manage and not dataset.ready_version and st.button("Delete this upload"):
            with errors_shown():
                datasets.delete(viewer, dataset.id)
                go("Datasets")


def version_of_address(dataset: Dataset) -> DatasetVersion:
    """Return the version that the address names, or the newest that can be used."""
    wanted = query_id("version")
    return next((one for one in dataset.versions if one.id == wanted), dataset.ready_version or dataset.versions[0])


def dataset_of_address(viewer: User | None) -> int | None:
    """Return the dataset that the address names, by itself or by one of its versions."""
    version_id = query_id("version")
    with shown_or_stopped("Datasets"):
        return query_id() or (datasets.require_version(viewer, version_id).dataset_id if version_id else None)


viewer = page_setup("Dataset")
dataset_id = dataset_of_address(viewer)
if dataset_id is None:
    st.info("This page shows one dataset: choose one from the list.")
    link("Datasets", "All datasets")
    st.stop()
with shown_or_stopped("Datasets"):
    dataset = datasets.require_dataset(viewer, dataset_id)
version = version_of_address(dataset)

with window(dataset.name, key="dataset-about"):
    about(viewer, dataset, version)
if version.state == "ready":
    warnings.show(viewer, version)
    with window("Contents", key="dataset-contents"):
        contents(viewer, version)
else:
    with window("Preparation", key="dataset-preparation"):
        if version.state == "refused":
            dataset_view.report(version)
            refused(viewer, dataset)
        else:
            dataset_view.preparation(version.id)
has_steps = version.spec is not None and require_kind(version.spec.kind).recipes is not None
if viewer and dataset.may_edit and has_steps:
    with window("Process", key="dataset-process"):
        process = partial(dataset_process.draw, viewer, dataset, version)
        opened("Clean or change this data, step by step", "dataset_process", process, keeps=True)
        if version.is_ready:
            further = partial(dataset_addition.draw, viewer, dataset, version)
            opened("Append or replace data by another file", "dataset_addition", further, keeps=True)
with window("History", key="dataset-versions"):
    dataset_history.draw(viewer, dataset, version)
panel.draw(viewer, DATASET, dataset.id, dataset.owner_id, dataset.owner_name or "", dataset.may_manage)
if viewer and dataset.may_edit:
    opened("Edit or delete", "dataset_edit", partial(dataset_edit.draw, viewer, dataset), keeps=True)
discussion.draw(DATASET, dataset.id)
