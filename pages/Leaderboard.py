"""The leaderboard of a dataset: `/Leaderboard?dataset=`. Without it, the datasets to choose from."""

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.leaderboards import service as leaderboards
from mhub_core.leaderboards.records import Board, BoardRow
from mhub_core.ui import choose, table, words
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.page import link, page_setup, plain, query_id, window

PER_PAGE = 50
FRESH_SECONDS = 3  # a class that looks at one board asks the database once in this time


def columns(board: Board) -> list[table.Column]:
    """Return the columns of a board: what ranks it first, then its other scores."""
    others = [table.Column(words.SCORES[name], number=True, wide_only=True) for name in board.metrics if name != board.metric]
    return [
        table.Column("#", number=True),
        table.Column("Model"),
        table.Column("By"),
        table.Column(words.SCORES[board.metric], number=True),
        *others,
        table.Column("Weights", number=True, wide_only=True),
        table.Column("Trained in", number=True, wide_only=True),
        table.Column("Date", wide_only=True),
    ]


def cells(board: Board, row: BoardRow) -> list[table.Cell]:
    """Return one place of a board as the cells of its columns."""
    others = [words.score(name, row.scores[name]) if name in row.scores else "" for name in board.metrics if name != board.metric]
    return [
        str(row.rank),
        table.Link(row.model_name, "Run", row.run_id),
        row.person,
        words.score(board.metric, row.value),
        *others,
        f"{row.num_parameters:,}" if row.num_parameters is not None else "",
        words.duration(row.train_seconds) if row.train_seconds is not None else "",
        f"{row.finished:%Y-%m-%d}",
    ]


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def board_page(_viewer: User | None, viewer_key: tuple, version_id: int, metric: str | None, page: int) -> tuple[str, int, tuple[str, ...]]:
    """Return one page of a board as HTML, the number of all places, and the metrics to rank by. One entry for each viewer."""
    board = leaderboards.board(_viewer, version_id, metric, PER_PAGE, (page - 1) * PER_PAGE)
    return table.to_html(columns(board), (cells(board, row) for row in board.rows)), board.total, board.metrics


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def ready_versions(_viewer: User | None, viewer_key: tuple, dataset_id: int) -> tuple[str, dict[int, str]]:
    """Return the name of a dataset and its ready versions, newest first."""
    dataset = datasets.require_dataset(_viewer, dataset_id)
    return dataset.name, {one.id: f"Version {one.number}" for one in dataset.versions if one.state == "ready"}


def list_boards(viewer: User | None) -> None:
    """Draw the datasets whose boards can be opened."""
    search = st.text_input("Search a dataset", key="board_search")
    with shown_or_stopped():
        cards = [card for card in datasets.list_datasets(viewer, search, limit=200) if card.state == "ready"]
    with window("Choose a dataset"):
        for card in cards:
            link("Leaderboard", f"{card.name} · {card.task}, {card.num_rows:,} {'images' if card.kind == 'images' else 'rows'}", dataset=card.id)
        if not cards:
            st.write("No dataset here.")


def one_board(viewer: User | None, dataset_id: int) -> None:
    """Draw the board of a dataset."""
    viewer_key = (viewer.id, viewer.is_admin) if viewer else ()
    with shown_or_stopped():
        name, versions = ready_versions(viewer, viewer_key, dataset_id)
    with window(name, key="board"):
        if not versions:
            st.info("This dataset is not ready, so nothing could be trained on it yet.")
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            version_id = choose.from_address("data", "Version", versions) if len(versions) > 1 else next(iter(versions))
            metric_key, page_key = f"metric_{version_id}", f"page_{version_id}"
            metric, page = st.session_state.get(metric_key), st.session_state.get(page_key, 1)
            with shown_or_stopped():
                html, total, metrics = board_page(viewer, viewer_key, version_id, metric, page)
            st.selectbox("Ranked by", metrics, format_func=words.SCORES.__getitem__, key=metric_key, width=260)
            last_page = max(1, -(-total // PER_PAGE))
            if page > last_page:  # runs were deleted meanwhile
                st.session_state[page_key] = last_page
                st.rerun()
            if last_page > 1:
                st.number_input(f"Page of {last_page:,}", 1, last_page, key=page_key, width=150)
            link("Train", "Train on this data", dataset=dataset_id)
            link("Dataset", "The data", id=dataset_id)
        if not total:
            st.info("Nobody has finished a training on this data yet. Yours can be the first: choose “Train on this data”.")
            return
        st.html(html)
        st.caption(plain(f"{total:,} finished training{'s' if total > 1 else ''}, ranked by what the hub measured on rows that no model has seen."))


viewer = page_setup("Leaderboard")
dataset_id = query_id("dataset")
if dataset_id:
    one_board(viewer, dataset_id)
else:
    list_boards(viewer)
