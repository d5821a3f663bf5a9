"""The upload whose form is on screen. It is removed when the person sends another one or goes to another page."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.errors import MHubError

_PENDING = "upload_pending"  # in the session state: the page that shows it, and its receipt


def hold(viewer: User, receipt: str | None, page: str = "Datasets") -> None:
    """Note which upload is on screen, and remove the one before. `page`: the title of the page with its form."""
    _, last = st.session_state.get(_PENDING, ("", None))
    if last and last != receipt:
        with suppress(MHubError):  # what is left now, the next collection finds
            datasets.discard_upload(viewer, last)
    if receipt:
        st.session_state[_PENDING] = (page, receipt)
    else:
        st.session_state.pop(_PENDING, None)


def used() -> None:
    """Note that a dataset was made of the upload on screen."""
    st.session_state.pop(_PENDING, None)


def left(viewer: User | None, page: str) -> None:
    """Remove the upload of a form that is no longer on screen, because this is another page."""
    if viewer and _PENDING in st.session_state and st.session_state[_PENDING][0] != page:
        hold(viewer, None)
