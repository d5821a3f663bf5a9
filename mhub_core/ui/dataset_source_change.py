"""The part of a dataset's page in which its owner changes, tests and forgets from where it is fetched."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets import source_change_service, source_service
from mhub_core.datasets.records import SourceOfDataset
from mhub_core.sources.registry import SOURCES
from mhub_core.sources.source import SECRET, Source
from mhub_core.ui import source_fields, words
from mhub_core.ui.errors import FormPlaces, errors_shown, show_error

_SAVED = "source_saved"  # in the session state: how many times
_STORED = "Leave empty to keep it"


def draw(user: User, dataset_id: int, source: SourceOfDataset) -> None:
    """Draw what whoever looks may do with the source."""
    if source.may_change:
        _change(user, dataset_id, source)
    with st.container(horizontal=True):
        if source.may_change and not _is_tested(source) and st.button("Test the connection", key="test_source"):
            with errors_shown():
                source_change_service.test(user, dataset_id)
                st.rerun()
        _forget(user, dataset_id, source)
    _tested(source)


def _change(user: User, dataset_id: int, source: SourceOfDataset) -> None:
    kind, places = SOURCES[source.source], FormPlaces()
    key = (
        f"source_of_{dataset_id}_{st.session_state.get(_SAVED, 0)}"  # other fields after saving: a password does not stay in one
    )
    with st.form(f"{key}_form", border=False):
        given = {}
        for field in kind.fields:
            stored = _STORED if field.kind == SECRET and source.has_secret else None
            given[field.name] = source_fields.draw(field, key, source.config.get(field.name, ""), stored)
            places.under(field.name)
        drops = _about_the_secret(kind, key) if source.has_secret else False
        places.above_button()
        if st.form_submit_button("Save"):
            with errors_shown(places):
                source_change_service.change(user, dataset_id, given, drops)
                st.session_state[_SAVED] = st.session_state.get(_SAVED, 0) + 1
                st.rerun()


def _about_the_secret(kind: Source, key: str) -> bool:
    """Say what becomes of what is stored. Returns whether it is to be deleted."""
    if not any(field.kind == SECRET for field in kind.fields):
        st.caption(
            "The part of the address after the question mark is stored and not shown, because it may hold a key. It is used as"
            " long as the address stays the same."
        )
        return False
    st.caption(
        "The password or key is stored and never shown. For another server or account enter it again: it is sent only where it"
        " was entered for."
    )
    return st.checkbox("Delete the stored one: none is needed", key=f"{key}_drops")


def _is_tested(source: SourceOfDataset) -> bool:
    return source.tested is not None and source.tested.state in source_service.BUSY


def _tested(source: SourceOfDataset) -> None:
    """Draw how the last test goes, or went."""
    if source.tested is None and st.session_state.get(_SAVED):
        st.success("Saved. Test the connection to see whether the data arrives.")
    if source.tested is None or source.tested.state == "cancelled":
        return
    if _is_tested(source):
        source_fields.progress(source.tested.id)
    elif source.tested.error:
        st.caption(f"Tested {words.moment(source.tested.created)}:")
        show_error(source.tested.error)
    else:
        st.success(f"Tested {words.moment(source.tested.created)}: the data arrives.")


def _forget(user: User, dataset_id: int, source: SourceOfDataset) -> None:
    if not source.may_forget:
        return
    with st.popover("Forget the source"):
        st.write(
            "The hub deletes the address and what belongs to it, such as the query and a password. The dataset stays with all its"
            " versions, but can no longer be refreshed."
        )
        if st.button("Yes, forget it", key="forget_source", type="primary"):
            with errors_shown():
                source_change_service.forget(user, dataset_id)
                st.rerun()
