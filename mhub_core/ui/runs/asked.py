"""Which runs a page asks for, in what order and with which columns: all of it stands in the address."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.models import service as models
from mhub_core.projects import service as projects
from mhub_core.runs import records, tag_service
from mhub_core.runs.found import COLUMNS, MAX_TAG, NEWEST, FoundRun, RunQuery
from mhub_core.ui import address, finder, session, words
from mhub_core.ui.page import plain
from mhub_core.ui.runs import columns

PER_PAGE = 50
FILTERS = ("search", "mine", "project", "model", "dataset", "state", "tag", "since", "until", "line")
_STATES = (*records.ACTIVE, *records.ENDED)
_MOST = 200  # models that are offered
_id = address.whole_number(1, 2**31 - 1)


@dataclass(frozen=True)
class Asked:
    """What an address says: the runs, and the columns."""

    query: RunQuery
    columns: list[str]


def read(text: str, mine: bool, page: int) -> Asked:
    """Return what the address says, with the words, the "mine" and the page that the page's own fields say."""
    chosen = address.value("columns", columns.DEFAULT, address.several(columns.read))
    sort = address.value("sort", NEWEST, _sort)
    query = RunQuery(
        text=text,
        mine=mine,
        model_id=address.value("model", None, _id),
        dataset_id=address.value("dataset", None, _id),
        project_id=address.value("project", None, _id),
        states=tuple(address.value("state", [], address.several(address.one_of(_STATES)))),
        tag=address.value("tag", "", _tag),
        since=address.value("since", None, address.day),
        until=address.value("until", None, address.day),
        sort=sort,
        descending=address.value("down", columns.descends_first(sort), address.flag),
        limit=PER_PAGE,
        offset=(page - 1) * PER_PAGE,
        folded=not address.value("seeds", False, address.flag),
        line_id=address.value("line", None, _id),
    )
    return Asked(query, chosen)


def _sort(text: str) -> str | None:
    is_measured = ":" in text and columns.read(text)
    return text if text == NEWEST or text in COLUMNS or is_measured else None


def _tag(text: str) -> str | None:
    return text.lower() if text.isprintable() and "," not in text and len(text) <= MAX_TAG else None


def is_filtered() -> bool:
    """Tell whether the address leaves runs out."""
    return any(address.said(name) for name in FILTERS)


def clear() -> None:
    """Take all filters out of the address."""
    address.forget(*FILTERS, "page")


def told(asked: Asked, shown: tuple[FoundRun, ...]) -> str:
    """Return which filters are on, but for those whose fields always stand there."""
    query, first = asked.query, shown[0] if shown else None
    found = {
        "model": first.model_name if first else query.model_id,
        "dataset": first.dataset_name if first else query.dataset_id,
    }
    parts = [f"project {plain(_project_name(query.project_id))}"] if query.project_id else []
    parts += [f"model {plain(str(found['model']))}"] if query.model_id else []
    parts += [f"the runs that differ from run {query.line_id} in the seed alone"] if query.line_id else []
    parts += [f"dataset {plain(str(found['dataset']))}"] if query.dataset_id else []
    parts += [" or ".join(words.STATES[state].lower() for state in query.states)] if query.states else []
    parts += [f"tag {plain(query.tag)}"] if query.tag else []
    parts += [f"from {query.since}"] if query.since else []
    parts += [f"until {query.until}"] if query.until else []
    return ", ".join(parts)


def _project_name(project_id: int) -> str:
    return projects.require_name(session.get_viewer(), project_id)


def form(viewer: User | None, asked: Asked, shown: tuple[FoundRun, ...]) -> None:
    """Draw what narrows the list, and the choice of its columns."""
    query, first_page = asked.query, finder.first_page
    with st.container(horizontal=True, vertical_alignment="bottom", key="runs_choices"):
        if (mine := dict(projects.list_joined(viewer))) or query.project_id:
            here = {query.project_id: _project_name(query.project_id)} if query.project_id else {}
            _choice("Project", "project", mine | here)
        _choice("Model", "model", _models(viewer, query, shown))
        _choice("Dataset", "dataset", {run.dataset_id: run.dataset_name for run in shown})
        tags = sorted(
            {*tag_service.list_tags(viewer), *(tag for run in shown for tag in run.tags), *([query.tag] * bool(query.tag))}
        )
        kept = address.kept("tag", "", address.one_of(tags), "runs", first_page)
        st.selectbox("Tag", ["", *tags], format_func=lambda tag: tag or "Any", width=180, **kept)
        for name, label in (("since", "Started from"), ("until", "Started until")):
            st.date_input(
                label, None, format="YYYY-MM-DD", width=170, **address.kept(name, None, address.day, "runs", first_page)
            )
    reader = address.several(address.one_of(_STATES))
    none: list[str] = []
    kept = address.kept("state", none, reader, "runs", first_page)
    st.multiselect("States", _STATES, format_func=words.STATES.__getitem__, placeholder="All states", **kept)
    kept = address.kept("seeds", False, address.flag, "runs", first_page)
    st.toggle("Show each seed in a line of its own", help="Otherwise runs that differ in the seed alone share one line.", **kept)
    kept = address.kept("columns", columns.DEFAULT, address.several(columns.read), "runs")
    st.multiselect("Columns", columns.options(shown, asked.columns), format_func=columns.title, **kept)


def _models(viewer: User | None, query: RunQuery, shown: tuple[FoundRun, ...]) -> dict[int, str]:
    found = {run.model_id: run.model_name for run in shown}
    return found | {card.id: card.name for card in models.list_models(viewer, mine=query.mine, limit=_MOST)}


def _choice(label: str, name: str, names: dict[int, str]) -> None:
    """Draw a choice of a thing, or of none. Its number stands beside each name: two things may have one name."""
    chosen = address.value(name, None, _id)
    offered = sorted({**names, **({chosen: names.get(chosen, label)} if chosen else {})}.items(), key=lambda one: one[1].lower())
    labels: dict[int | None, str] = {None: "Any", **{one: f"{called} (no. {one})" for one, called in offered}}
    kept = address.kept(name, None, _id, "runs", finder.first_page)
    st.selectbox(label, list(labels), format_func=labels.__getitem__, width=260, placeholder="Any", **kept)
