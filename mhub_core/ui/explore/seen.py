"""The profile of a version on a page: it is there, or it is being made, or words say why not."""

from __future__ import annotations

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets.records import DatasetVersion
from mhub_core.errors import MHubError
from mhub_core.exploring import service as exploring
from mhub_core.exploring.records import Profile
from mhub_core.exploring.service import Seen
from mhub_core.ui import workers
from mhub_core.ui.errors import show_error
from mhub_core.ui.session import get_viewer


def profile(viewer: User | None, version: DatasetVersion) -> Profile | None:
    """Return the profile when it is made."""
    return _see(viewer, version.id).profile


def words(viewer: User | None, version: DatasetVersion) -> None:
    """Draw how far the profile is, once a second until it is made, or why there is none. Once on a page."""
    seen = _see(viewer, version.id)
    if seen.error is not None:
        show_error(seen.error)
    elif seen.profile is None:
        st.fragment(_making, run_every=1.0)(version.id)


def _see(viewer: User | None, version_id: int) -> Seen:
    try:
        return exploring.see(viewer, version_id)
    except MHubError as error:
        return Seen(error=error)


def _making(version_id: int) -> None:
    seen = _see(get_viewer(), version_id)
    if seen.profile is not None or seen.error is not None:
        st.rerun(scope="app")
    if seen.is_making:
        count = f": {seen.done:,} of {seen.total:,}" if seen.total else ""
        st.progress(min(1.0, seen.done / seen.total) if seen.total else 0.0, text=f"{seen.words}{count} …")
    elif workers.answer("quick"):
        st.caption("Statistics and warnings: waiting for a worker …")
    else:
        st.caption("Statistics and warnings will be here once a worker of the hub is running; none is at the moment.")
