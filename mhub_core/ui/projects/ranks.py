"""The leaderboard of a project alone: the runs of its models on one dataset."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.leaderboards import project_service as boards
from mhub_core.leaderboards.records import Narrow
from mhub_core.projects.records import Project
from mhub_core.tasks.registry import find_score
from mhub_core.ui import address, board, finder, ticks
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.page import link
from mhub_core.ui.pager import pager


def draw(viewer: User | None, project: Project) -> None:
    """Draw the board of the dataset that is chosen, at first of the one with the most runs."""
    with shown_or_stopped():
        found = {version_id: (dataset_id, name) for dataset_id, version_id, name in boards.list_boards(viewer, project.id)}
        if not found:
            st.info("No run of this project has finished yet. Train a model that belongs to the project, and its score is here.")
            link("Train", "Train a model")
            return
        _board(viewer, project.id, found)


def _board(viewer: User | None, project_id: int, found: dict[int, tuple[int, str]]) -> None:
    first = next(iter(found))
    page = address.value("page", 1, address.whole_number(1, finder.MAX_PAGE))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kept = address.kept("board", first, address.one_of(found), "project", finder.first_page)
        version_id = st.selectbox("Dataset", list(found), format_func=lambda one: found[one][1], width=320, **kept)
        dataset_id = found[version_id][0]
        metrics = board.ready_versions(viewer, dataset_id)[2][version_id]
        kept = address.kept("metric", metrics[0], address.one_of(metrics), "project", finder.first_page)
        metric = st.selectbox("Ranked by", metrics, format_func=lambda name: find_score(name).label, width=260, **kept)
        link("Train", "Train on this dataset", dataset=dataset_id)
        link("Leaderboard", "Everyone’s leaderboard", dataset=dataset_id)
    kept_by_heads = board.kept_by_heads(("id", "board"))
    shown = board.board_page(viewer, version_id, metric, page, Narrow(project_id=project_id), kept_by_heads, "Project")
    if asked := ticks.bar("project_ticks", (ticks.COMPARE,), "Tick runs to compare them.", shown.run_ids):
        ticks.compare(viewer, asked[1])
    st.html(shown.html)
    pager("project_board", shown.total, board.PER_PAGE)
