"""The leaderboard of a dataset: `/Leaderboard?dataset=`. Without it, the datasets to choose from."""

import streamlit as st

from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.datasets.records import DatasetCard
from mhub_core.leaderboards import service as leaderboards
from mhub_core.leaderboards.records import Narrow
from mhub_core.projects import service as projects
from mhub_core.tasks.registry import find_score
from mhub_core.ui import address, board, choose, dataset_words, finder, links, ticks
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.page import link, page_setup, plain, query_id, window

MAX_ID = 2**31 - 1
_id = address.whole_number(1, MAX_ID)
COMPARED = 10  # of the runs on a page, those that one click puts beside each other


def list_boards(viewer: User | None) -> None:
    """Draw the datasets whose boards can be opened."""
    search = st.text_input("Search datasets", max_chars=address.MAX_LETTERS, **address.kept("search", "", address.words, "board"))
    with shown_or_stopped():
        cards = [card for card in datasets.list_datasets(viewer, search, limit=200) if card.state == "ready"]
        numbers = board.count_places(viewer, {card.version_id: card.task for card in cards})
    with window("Choose a dataset"):
        told = [(card, told_of(card), board.places(viewer, numbers.get(card.version_id, 0))) for card in cards]
        links.show(links.to_html("Leaderboard", f"{card.name} · {facts} · {runs}", dataset=card.id) for card, facts, runs in told)
        if not cards:
            st.write("No dataset matches this search.")


def told_of(card: DatasetCard) -> str:
    """Return what a dataset is for and how large it is."""
    return f"{dataset_words.task_title(card.task).lower()}, {dataset_words.examples(card.kind, card.num_rows)}"


def asked_for() -> Narrow:
    """Return what the address leaves of the board."""
    return Narrow(*(address.value(name, None, _id) for name in ("owner", "parameters", "project")))


def filters(people: dict[int, str], narrow: Narrow, viewer: User | None) -> None:
    """Draw what narrows the board: whose runs, of which project, and how large the networks may be."""
    chosen = {narrow.owner_id: people.get(narrow.owner_id) or owner_name(narrow.owner_id)} if narrow.owner_id else {}
    mine = {viewer.id: f"{viewer.name} (you)"} if viewer else {}
    names = {**people, **chosen, **mine}
    kept = address.kept("owner", None, _id, "board", finder.first_page)
    st.selectbox("By", list(names), format_func=names.__getitem__, width=200, placeholder="Everyone", **kept)
    joined = dict(projects.list_joined(viewer))
    if narrow.project_id and narrow.project_id not in joined:
        joined[narrow.project_id] = projects.require_name(viewer, narrow.project_id)  # the board was found, so they may see it
    if joined:
        kept = address.kept("project", None, _id, "board", finder.first_page)
        st.selectbox("Project", list(joined), format_func=joined.__getitem__, width=200, placeholder="All", **kept)
    kept = address.kept("parameters", None, _id, "board", finder.first_page)
    st.number_input("Largest number of parameters", 1, MAX_ID, step=1000, width=220, placeholder="any number", **kept)


def owner_name(owner_id: int) -> str:
    """Return what somebody is called of whom nothing is shown."""
    return accounts.get_names([owner_id]).get(owner_id, "Nobody")


def one_board(person: User | None, dataset_id: int) -> None:
    """Draw the board of a dataset."""
    narrow = asked_for()
    with shown_or_stopped("Leaderboard"):
        # Who sees no more than a visitor shares the visitor's board. A project may be one that a visitor does not see.
        viewer = person if narrow.project_id else leaderboards.plainest_viewer(person, dataset_id)
        name, versions, metrics_of = board.ready_versions(viewer, dataset_id)
    with window(name, key="board"):
        if not versions:
            st.info("This dataset is still being prepared, so no model has been trained on it yet.")
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            version_id = next(iter(versions))
            if len(versions) > 1:
                version_id = choose.from_address("data", "Version", versions, then=finder.first_page) or version_id
            metrics = metrics_of[version_id]
            by = address.kept("metric", metrics[0], address.one_of(metrics), "board", finder.first_page)
            metric = st.selectbox("Ranked by", metrics, format_func=lambda name: find_score(name).label, width=260, **by)
            page = address.value("page", 1, address.whole_number(1, finder.MAX_PAGE))
            kept_by_heads = board.kept_by_heads()
            with shown_or_stopped():
                shown = board.board_page(viewer, version_id, metric, page, narrow, kept_by_heads)
                total, run_ids, last_page = shown.total, shown.run_ids, max(1, -(-shown.total // board.PER_PAGE))
                if page > last_page:  # runs were deleted meanwhile, or somebody typed an address
                    shown = board.board_page(viewer, version_id, metric, last_page, narrow, kept_by_heads)
                    run_ids = shown.run_ids
            filters(shown.people, narrow, person)
            if last_page > 1:
                kept = address.kept("page", 1, address.whole_number(1, last_page), "board")
                st.number_input(f"Page (of {last_page:,})", 1, last_page, width=150, **kept)
            link("Train", "Train on this dataset", dataset=dataset_id)
            if len(run_ids) > 1:
                compared = run_ids[:COMPARED]
                link("Compare", f"Compare the first {len(compared)}", runs=",".join(map(str, compared)))
            link("Dataset", "Dataset", id=dataset_id)
            link("Help", "What the scores mean", search="scores")
        if not total and narrow.is_on:
            st.info("No run matches. Change the filters above.")
            return
        if not total:
            whose = "public run" if viewer is None else "run that you can see"
            st.info(f"No {whose} has finished on this dataset yet. To start one, choose “Train on this dataset”.")
            return
        if asked := ticks.bar("board_ticks", (ticks.COMPARE,), "Tick runs to compare them.", run_ids):
            ticks.compare(viewer, asked[1])
        st.html(shown.html)
        places = board.places(viewer, total)
        which = f"The best of {places}" if total == leaderboards.MOST_PLACES else places
        st.caption(
            plain(
                f"{which}, ranked by the score that the hub measured on the held-out test set. "
                "Models do not train on the test set."
            )
        )


viewer = page_setup("Leaderboard")
dataset_id = query_id("dataset")
if dataset_id:
    one_board(viewer, dataset_id)
else:
    list_boards(viewer)
