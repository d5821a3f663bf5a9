"""What belongs to a project: its models, datasets and newest runs, and how members put things in and take them out."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.models import service as models
from mhub_core.projects.records import Project
from mhub_core.runs import find_service
from mhub_core.runs.found import RunQuery
from mhub_core.sharing import belonging_service as belonging
from mhub_core.sharing.service import DATASET, MODEL
from mhub_core.ui import home, links
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.errors import errors_shown
from mhub_core.ui.page import plain
from mhub_core.ui.sharing import levels

_FEW = 8  # of each in the lists of the page
_OFFERED = 200


def list_models(viewer: User | None, project: Project) -> None:
    """Draw the models that were changed last."""
    with errors_shown():
        found = models.list_models(viewer, limit=_FEW, project_id=project.id)
        told = [links.to_html("Model", f"{one.name} · {one.owner_name}", id=one.id) for one in found]
        _show(
            told, "Models", project, f"All {counted(project.num_models, 'model')}", "No model that you can see belongs to it yet."
        )


def list_datasets(viewer: User | None, project: Project) -> None:
    """Draw the newest datasets."""
    with errors_shown():
        found = datasets.list_datasets(viewer, limit=_FEW, project_id=project.id)
        told = [links.to_html("Dataset", f"{one.name} · {one.owner_name or 'built in'}", id=one.id) for one in found]
        every = f"All {counted(project.num_datasets, 'dataset')}"
        _show(told, "Datasets", project, every, "No dataset that you can see belongs to it yet.")


def list_runs(viewer: User | None, project: Project) -> None:
    """Draw the newest runs of its models."""
    with errors_shown():
        found = find_service.find(viewer, RunQuery(project_id=project.id, limit=_FEW)).runs
        told = [home.run_link(one, after=f" · {one.owner_name}") for one in found]
        _show(told, "Runs", project, "All runs of this project", "No run yet.")


def _show(told: list[str], page: str, project: Project, every: str, none: str) -> None:
    links.show([*told, links.to_html(page, every, project=project.id)] if told else [])
    if not told:
        st.caption(none)


def mine(user: User, project: Project) -> None:
    """Draw what a member who may put things in can do: for all that is new, and for what there is."""
    with errors_shown():
        chosen = belonging.chooses_new(user, project.id)
        wanted = st.toggle("Put my new models and datasets into this project", chosen, key=f"puts_new_{project.id}_{chosen}")
        st.caption("Members can open and copy them and see their runs and scores. They cannot change them.")
        if wanted != chosen:
            belonging.choose_for_new(user, project.id, wanted)
            st.rerun()
        _put(user, project)


def _put(user: User, project: Project) -> None:
    """Draw the form that puts things that there are into the project."""
    there = {(one.kind, one.id) for one in belonging.list_things(user, project.id)}
    own = {(MODEL, one.id): f"Model: {one.name}" for one in models.list_models(user, mine=True, limit=_OFFERED)}
    own |= {(DATASET, one.id): f"Dataset: {one.name}" for one in datasets.list_datasets(user, mine=True, limit=_OFFERED)}
    offered = {f"{kind}-{one}": f"{name} (no. {one})" for (kind, one), name in own.items() if (kind, one) not in there}
    if not offered:
        return
    key = f"put_{project.id}_{len(there)}"
    chosen = st.multiselect(
        "Put in what you have", list(offered), format_func=offered.__getitem__, key=key, placeholder="Models and datasets"
    )
    if not chosen:
        return
    level = levels.choose(MODEL, "What members can do with them", f"{key}_level")
    if st.button("Put into the project", key=f"{key}_add", type="primary"):
        for one in chosen:
            kind, _, thing_id = one.partition("-")
            belonging.put(user, kind, int(thing_id), project.id, level)
        st.rerun()


def take_out(user: User, project: Project) -> None:
    """Draw the form by which who manages a project takes something out of it."""
    with errors_shown():
        found = belonging.list_things(user, project.id)
        names = {f"{one.kind}-{one.id}": f"{one.kind.capitalize()}: {one.name} · {one.owner_name}" for one in found}
        if not names:
            st.caption("Nothing belongs to this project yet.")
            return
        chosen = st.selectbox("Take out", list(names), format_func=names.__getitem__, key=f"take_out_{project.id}_{len(names)}")
        st.caption("It stays with its owner. Members no longer see it, unless it is public or shared with them by name.")
        if st.button(plain("Take it out of the project"), key=f"take_out_{project.id}"):
            kind, _, thing_id = chosen.partition("-")
            belonging.take_out(user, kind, int(thing_id), project.id)
            st.rerun()
