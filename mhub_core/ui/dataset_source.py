"""Data from the web, from S3 or from a database: the form, how far the fetch is, and the way to fetch it again."""

from __future__ import annotations

from functools import partial

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets import source_service
from mhub_core.datasets.records import Dataset, Fetch
from mhub_core.errors import MHubError, NotFound
from mhub_core.sources.registry import SOURCES
from mhub_core.sources.source import Source
from mhub_core.ui import dataset_source_change, source_fields, words
from mhub_core.ui.errors import FormPlaces, errors_shown, show_error
from mhub_core.ui.page import go, opened, plain, query_id

FETCH = "fetch"  # in the address: what is being fetched, so that it is found again after a reload
TITLES = {name: source.title for name, source in SOURCES.items()}


def draw(viewer: User, name: str) -> Fetch | None:
    """Draw the form of a source, or how far its fetch is. Returns the fetch once it is ready."""
    fetch = _asked(viewer)
    if fetch and fetch.source == name and fetch.state in source_service.BUSY:
        st.write(plain(fetch.words))
        source_fields.progress(fetch.id)
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
            given[field.name] = source_fields.draw(field, f"source_{source.name}", before.get(field.name, ""))
            places.under(field.name)
        places.above_button()
        if st.form_submit_button("Fetch", type="primary"):
            with errors_shown(places):
                st.query_params[FETCH] = str(source_service.fetch(viewer, source.name, given))
                st.rerun()


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
        _last(viewer, dataset, last, source.may_change)
    if viewer and (source.may_change or source.may_forget):
        title = "Change, test or forget the source" if source.may_change else "Forget the source"
        opened(title, "dataset_source", partial(dataset_source_change.draw, viewer, dataset.id, source))


def _last(viewer: User | None, dataset: Dataset, last: Fetch, is_own: bool) -> None:
    newest = dataset.versions[0]
    if last.state in source_service.BUSY:
        with errors_shown():
            _watch(viewer, last, is_own)
    elif last.error:
        st.caption(f"The last refresh, {words.moment(last.created)}, failed:")
        show_error(last.error)
    elif last.state == "ready" and newest.created < last.created:
        st.caption(f"Refreshed {words.moment(last.created)}: nothing had changed.")
    elif last.state == "ready" and newest.state in ("waiting", "preparing"):
        if st.button("See the new version", key="see_refreshed"):
            go("Dataset", id=dataset.id, version=newest.id)


def _watch(viewer: User | None, last: Fetch, is_own: bool) -> None:
    try:
        source_service.require_fetch(viewer, last.id)
    except MHubError:  # somebody else asked for it
        st.caption("The data is being fetched again.")
        if is_own:
            source_fields.cancel(last.id)
        return
    source_fields.progress(last.id)
