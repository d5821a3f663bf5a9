"""Data from the web, from S3 or from a database: the form, how far the fetch is, and the way to fetch it again."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets import source_service
from mhub_core.datasets.records import Dataset, Fetch
from mhub_core.errors import MHubError, NotFound
from mhub_core.sources.registry import SOURCES
from mhub_core.sources.source import LONG, SECRET, Field, Source
from mhub_core.ui import words
from mhub_core.ui.errors import FormPlaces, errors_shown, show_error
from mhub_core.ui.page import go, plain, query_id
from mhub_core.ui.session import get_viewer

FETCH = "fetch"  # in the address: what is being fetched, so that it is found again after a reload
TITLES = {name: source.title for name, source in SOURCES.items()}


def draw(viewer: User, name: str) -> Fetch | None:
    """Draw the form of a source, or how far its fetch is. Returns the fetch once it is ready."""
    fetch = _asked(viewer)
    if fetch and fetch.source == name and fetch.state in source_service.BUSY:
        st.write(plain(fetch.words))
        st.fragment(_progress, run_every=1.0)(fetch.id, "app")
        return None
    if fetch and fetch.source == name and fetch.error:
        show_error(fetch.error)
    _form(viewer, SOURCES[name], fetch.config if fetch and fetch.source == name and fetch.state != "ready" else {})
    if not fetch or fetch.source != name or fetch.state != "ready":
        return None
    st.caption(f"Fetched: {plain(fetch.words)}")
    return fetch


def source_of_address(viewer: User | None) -> str | None:
    """Return the source of what the address says is being fetched."""
    fetch = _asked(viewer) if viewer else None
    return fetch.source if fetch else None


def _asked(viewer: User) -> Fetch | None:
    fetch_id = query_id(FETCH)
    try:
        return source_service.require_fetch(viewer, fetch_id) if fetch_id else None
    except NotFound:
        return None


def forget() -> None:
    """Take what was being fetched out of the address."""
    st.query_params.pop(FETCH, None)


def _form(viewer: User, source: Source, before: dict[str, str]) -> None:
    """Draw the fields. `before`: what was asked for in vain, so that only what is wrong is typed again."""
    st.caption(source.help)
    places = FormPlaces()
    with st.form(f"source_{source.name}"):
        given = {}
        for field in source.fields:
            given[field.name] = _field(source, field, before.get(field.name, ""))
            places.under(field.name)
        places.above_button()
        if st.form_submit_button("Fetch", type="primary"):
            with errors_shown(places):
                st.query_params[FETCH] = str(source_service.fetch(viewer, source.name, given))
                st.rerun()


def _field(source: Source, field: Field, before: str) -> str:
    kept: dict[str, Any] = {"key": f"source_{source.name}_{field.name}", "placeholder": field.example, "help": field.help or None}
    if field.kind == LONG:
        text: str = st.text_area(field.label, before, max_chars=field.max_chars, height=120, **kept)
        return text
    if field.kind == SECRET:
        kept |= {"type": "password", "autocomplete": "new-password"}
    line: str = st.text_input(field.label, before, **kept)
    return line


def _progress(fetch_id: int, scope: str) -> None:
    """Draw how far a fetch is; when it ends the page is drawn anew."""
    viewer = get_viewer()
    with errors_shown():
        fetch = source_service.require_fetch(viewer, fetch_id)
        if fetch.state not in source_service.BUSY:
            st.rerun(scope="app")
        done, total = fetch.progress["done"] or 0, fetch.progress["total"] or 0
        told = "Waiting for a worker" if fetch.state == "waiting" else fetch.progress["words"] or "Connecting"
        st.progress(min(1.0, done / total) if total else 0.0, text=f"{plain(told)} …")
        if st.button("Cancel", key=f"cancel_fetch_{fetch_id}"):
            source_service.cancel(viewer, fetch_id)
            st.rerun(scope="app")


def of_dataset(viewer: User | None, dataset: Dataset) -> None:
    """Draw from where a dataset was fetched, and the button that fetches it again; nothing for a file."""
    source = source_service.get_source(viewer, dataset.id)
    if source is None:
        return
    last = source.last
    with st.container(horizontal=True, vertical_alignment="center"):
        where = "" if source.words in ("", dataset.source) else f": {plain(source.words)}"
        st.caption(f"This data comes {source.title[0].lower()}{source.title[1:]}{where}.")
        is_busy = last is not None and last.state in source_service.BUSY
        help_text = "Fetches the data again and makes a new version of it, with the same choices and steps."
        if source.may_refresh and not is_busy and st.button("Refresh", key="refresh_source", help=help_text):
            with errors_shown():
                source_service.refresh(viewer, dataset.id)
                st.rerun()
    if last is not None:
        _last(viewer, dataset, last)


def _last(viewer: User | None, dataset: Dataset, last: Fetch) -> None:
    newest = dataset.versions[0]
    if last.state in source_service.BUSY:
        with errors_shown():
            _watch(viewer, last)
    elif last.error:
        st.caption(f"The last refresh, {words.moment(last.created)}, failed:")
        show_error(last.error)
    elif last.state == "ready" and newest.created < last.created:
        st.caption(f"Refreshed {words.moment(last.created)}: nothing had changed.")
    elif last.state == "ready" and newest.state in ("waiting", "preparing"):
        if st.button("See the new version", key="see_refreshed"):
            go("Dataset", id=dataset.id, version=newest.id)


def _watch(viewer: User | None, last: Fetch) -> None:
    try:
        source_service.require_fetch(viewer, last.id)
    except MHubError:  # somebody else asked for it
        st.caption("The data is being fetched again.")
        return
    st.fragment(_progress, run_every=1.0)(last.id, "app")
