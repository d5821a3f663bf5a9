"""What the forms of a source share: its fields, and how far it is fetched."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mhub_core.datasets import source_service
from mhub_core.sources.source import LONG, SECRET, Field
from mhub_core.ui.errors import errors_shown
from mhub_core.ui.page import plain
from mhub_core.ui.session import get_viewer


def draw(field: Field, key: str, before: str, example: str | None = None) -> str:
    """Draw a field and return what it holds. `example` stands in it while it is empty."""
    hint = field.example if example is None else example
    kept: dict[str, Any] = {"key": f"{key}_{field.name}", "placeholder": hint, "help": field.help or None}
    if field.kind == LONG:
        text: str = st.text_area(field.label, before, max_chars=field.max_chars, height=120, **kept)
        return text
    if field.kind == SECRET:
        kept |= {"type": "password", "autocomplete": "new-password"}
    line: str = st.text_input(field.label, before, **kept)
    return line


def progress(fetch_id: int) -> None:
    """Draw how far a fetch is, once a second, with a way to cancel it; when it ends the page is drawn anew."""
    st.fragment(_progress, run_every=1.0)(fetch_id)


def _progress(fetch_id: int) -> None:
    viewer = get_viewer()
    with errors_shown():
        fetch = source_service.require_fetch(viewer, fetch_id)
        if fetch.state not in source_service.BUSY:
            st.rerun(scope="app")
        done, total = fetch.progress["done"] or 0, fetch.progress["total"] or 0
        st.progress(min(1.0, done / total) if total else 0.0, text=f"{plain(fetch.progress['words'] or 'Connecting')} …")
        cancel(fetch_id)


def cancel(fetch_id: int) -> None:
    """Draw the button that lets a fetch be."""
    if st.button("Cancel", key=f"cancel_fetch_{fetch_id}"):
        with errors_shown():
            source_service.cancel(get_viewer(), fetch_id)
            st.rerun(scope="app")
