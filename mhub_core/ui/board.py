"""A leaderboard as HTML, made once for all who see the same.

It stands here and not in the page, because a page is run anew at every look, and would make its caches anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.leaderboards import service as leaderboards
from mhub_core.leaderboards.records import Board, BoardRow, Narrow
from mhub_core.tasks.registry import find_score, require_task
from mhub_core.ui import address, dataset_words, links, table, words

PER_PAGE = 50
FRESH_SECONDS = 3  # a class that looks at one board asks the database once in this time


_KEPT = ("dataset", "data", "owner", "parameters", "project")  # what a click on a head leaves as it is


@dataclass(frozen=True)
class Page:
    """One page of a board. `run_ids`: the runs on it, the best first; `people`: whose they are, by id."""

    html: str
    total: int
    run_ids: list[int]
    people: dict[int, str]


def columns(board: Board, kept: Mapping[str, str | None], shown_on: str) -> list[table.Column]:
    """Return the columns of a board: what ranks it first, then its other scores, whose heads rank by them."""
    others = [name for name in board.metrics if name != board.metric]
    heads = {name: _head(board, name, kept, shown_on) for name in board.metrics}
    order = "descending" if board.higher_is_better else "ascending"
    return [
        table.TICKS,
        table.Column("#", number=True),
        table.Column("Model", name=True),
        table.Column("Run", wide_only=True),
        table.Column("By"),
        table.Column(find_score(board.metric).label, number=True, head=heads[board.metric], sorted=order),
        *(table.Column(find_score(name).label, number=True, wide_only=True, head=heads[name]) for name in others),
        table.Column("Parameters", number=True, wide_only=True),
        table.Column("Training time", number=True, wide_only=True),
        table.Column("Date", number=True, wide_only=True),
    ]


def _head(board: Board, name: str, kept: Mapping[str, str | None], shown_on: str) -> str:
    """Return the head of a score: a link that ranks by it, with an arrow where it does."""
    label, is_usual = find_score(name).label, name == board.metrics[0]
    arrow = (" ▼" if board.higher_is_better else " ▲") if name == board.metric else ""
    return links.to_html(shown_on, f"{label}{arrow}", **kept, metric=None if is_usual else name)


def cells(board: Board, row: BoardRow) -> list[table.Cell]:
    """Return one place of a board as the cells of its columns."""
    run = row.run_name or f"Run {row.run_id}"
    scores = {name: words.mean(name, score) for name, score in row.scores.items()}
    several = f"{row.num_runs} seeds"
    return [
        table.Tick(row.run_id, f"Tick run {row.run_id}"),
        str(row.rank),
        table.Link(row.model_name, "Run", row.run_id, run if row.num_runs == 1 else several),
        run if row.num_runs == 1 else table.Link(several, "Runs", row.run_id, name="line"),
        row.person,
        *(scores.get(name, "") for name in (board.metric, *(one for one in board.metrics if one != board.metric))),
        f"{row.num_parameters:,}" if row.num_parameters is not None else "",
        words.duration(row.train_seconds) if row.train_seconds is not None else "",
        f"{row.finished:%Y-%m-%d}",
    ]


def kept_by_heads(names: Iterable[str] = _KEPT) -> tuple[tuple[str, str | None], ...]:
    """Return what the address says and a click on a head leaves as it is."""
    return tuple((name, address.said(name) or None) for name in names)


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def board_page(
    viewer: User | None,
    version_id: int,
    metric: str,
    page: int,
    narrow: Narrow,
    kept: tuple[tuple[str, str | None], ...],
    shown_on: str = "Leaderboard",
) -> Page:
    """Return one page of a board. `kept`: see `kept_by_heads`; `shown_on`: the page to which the heads lead."""
    board = leaderboards.board(viewer, version_id, metric, PER_PAGE, (page - 1) * PER_PAGE, narrow)
    return Page(
        table.to_html(columns(board, dict(kept), shown_on), (cells(board, row) for row in board.rows)),
        board.total,
        [row.run_id for row in board.rows],
        {row.owner_id: row.person for row in board.rows},
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
