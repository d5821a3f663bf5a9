"""What became of an upload: how far its preparation is, what was accepted, what was refused and why."""

from __future__ import annotations

from functools import partial

import streamlit as st

from mhub_core import errors
from mhub_core.accounts.records import User
from mhub_core.data.csv_file import csv_text
from mhub_core.datasets import refused_service, service
from mhub_core.datasets.records import DatasetVersion
from mhub_core.ui import dataset_words, table
from mhub_core.ui.errors import show_error, shown_or_stopped
from mhub_core.ui.page import plain
from mhub_core.ui.session import get_viewer

_BUSY = ("waiting", "preparing")


def report(version: DatasetVersion) -> None:
    """Draw what was accepted, what was refused and why, and what a person should know."""
    told = version.report or {}
    if told.get("error"):
        show_error(errors.from_json(told["error"]))
        return
    refused = told.get("refused", 0)
    kept, left = dataset_words.KEPT_AND_LEFT[version.has_recipe]
    repeated = told.get("repeated", 0)  # accepted are those of before, without what was dropped, and these
    more = f", {repeated:,} of them added" if repeated else ""
    st.write(f"**{told.get('accepted', 0):,} {kept}{more}, {refused:,} {left}.**")
    for sentence in told.get("warnings", ()):
        st.write(f"- {plain(sentence)}")
    if reasons := told.get("reasons"):
        table.show([table.Column("Item"), table.Column("Reason")], reasons)
        if refused > len(reasons) > 1:
            st.caption(f"Showing the first {len(reasons):,}.")
    if told.get("refused_rows"):
        name = f"refused-rows-{version.dataset_id}-{version.number}.csv"
        make = partial(_refused_rows, get_viewer(), version.id)  # it is made at a click, and then no page knows who asks
        st.download_button("Download what was refused (CSV)", make, name, "text/csv", key="refused_rows", on_click="ignore")


def _refused_rows(viewer: User | None, version_id: int) -> str:
    return csv_text(["item", "reason", "as it was written"], refused_service.refused_rows(viewer, version_id))


def preparation(version_id: int) -> None:
    """Draw how far the preparation is, once a second, until it ends; then the whole page is drawn anew."""
    st.fragment(_preparation, run_every=1.0)(version_id)


def _preparation(version_id: int) -> None:
    with shown_or_stopped():
        version = service.require_version(get_viewer(), version_id)
    if version.state not in _BUSY:
        st.rerun(scope="app")
    done, total = version.progress["done"] or 0, version.progress["total"] or 0
    words = "Waiting for a worker" if version.state == "waiting" else version.progress["words"] or "Preparing"
    count = f": {done:,} of {total:,}" if total else ""
    st.progress(min(1.0, done / total) if total else 0.0, text=f"{words}{count} …")
    st.caption("You can leave this page: preparation continues in the background.")
