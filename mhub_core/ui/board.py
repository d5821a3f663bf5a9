"""A leaderboard as HTML, made once for all who see the same.

It stands here and not in the page, because a page is run anew at every look, and would make its caches anew.
"""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.leaderboards import service as leaderboards
from mhub_core.leaderboards.records import Board, BoardRow
from mhub_core.tasks.registry import find_score, require_task
from mhub_core.ui import dataset_words, table, words

PER_PAGE = 50
FRESH_SECONDS = 3  # a class that looks at one board asks the database once in this time


def columns(board: Board) -> list[table.Column]:
    """Return the columns of a board: what ranks it first, then its other scores."""
    others = [table.Column(find_score(name).label, number=True, wide_only=True) for name in board.metrics if name != board.metric]
    return [
        table.TICKS,
        table.Column("#", number=True),
        table.Column("Model"),
        table.Column("Run", wide_only=True),
        table.Column("By"),
        table.Column(find_score(board.metric).label, number=True),
        *others,
        table.Column("Parameters", number=True, wide_only=True),
        table.Column("Training time", number=True, wide_only=True),
        table.Column("Date", number=True, wide_only=True),
    ]


def cells(board: Board, row: BoardRow) -> list[table.Cell]:
    """Return one place of a board as the cells of its columns."""
    run = row.run_name or f"Run {row.run_id}"
    others = [
        find_score(name).text(row.scores[name]) if name in row.scores else "" for name in board.metrics if name != board.metric
    ]
    return [
        table.Tick(row.run_id, f"Tick run {row.run_id}"),
        str(row.rank),
        table.Link(row.model_name, "Run", row.run_id, run),
        run,
        row.person,
        find_score(board.metric).text(row.value),
        *others,
        f"{row.num_parameters:,}" if row.num_parameters is not None else "",
        words.duration(row.train_seconds) if row.train_seconds is not None else "",
        f"{row.finished:%Y-%m-%d}",
    ]


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def board_page(viewer: User | None, version_id: int, metric: str, page: int) -> tuple[str, int, list[int]]:
    """Return one page of a board as HTML, the number of all places, and the runs on the page, the best first."""
    board = leaderboards.board(viewer, version_id, metric, PER_PAGE, (page - 1) * PER_PAGE)
    return (
        table.to_html(columns(board), (cells(board, row) for row in board.rows)),
        board.total,
        [row.run_id for row in board.rows],
    )


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def ready_versions(viewer: User | None, dataset_id: int) -> tuple[str, dict[int, str], dict[int, list[str]]]:
    """Return the name of a dataset, its ready versions, newest first, and the metrics that rank each, the usual one first."""
    dataset = datasets.require_dataset(viewer, dataset_id)
    ready = {one.id: one for one in dataset.versions if one.state == "ready" and one.spec}
    labels = {version_id: f"Version {one.number}" for version_id, one in ready.items()}
    metrics = {
        version_id: [score.name for score in require_task(one.spec.task).scores] for version_id, one in ready.items() if one.spec
    }
    return dataset.name, labels, metrics


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def count_places(viewer: User | None, tasks: dict[int, str]) -> dict[int, int]:
    """Return how many runs the boards of dataset versions hold for the viewer; see `leaderboards.count_places`."""
    return leaderboards.count_places(viewer, tasks)


def places(viewer: User | None, number: int) -> str:
    """Return `3 public runs` for a visitor and `3 runs` for a person, who also counts the private ones that they may see."""
    noun = "public run" if viewer is None else "run"
    many = " or more" if number == leaderboards.MOST_PLACES else ""
    return f"{dataset_words.counted(number, noun)}{many}" if number else f"no {noun}s yet"
