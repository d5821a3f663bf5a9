"""What a dataset version looks like: its rows or pictures, its columns, its classes, and what was refused."""

from __future__ import annotations

import base64
import html

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.charts import bars
from mhub_core.datasets import service
from mhub_core.datasets.records import DatasetVersion, DataSpec, Picture
from mhub_core.datasets.splits import num_test_rows
from mhub_core.queue import error_from_json
from mhub_core.ui import charts, dataset_words, table
from mhub_core.ui.errors import show_error, shown_or_stopped
from mhub_core.ui.page import plain

_ROWS, _PICTURES = 15, 24
_MOST_COLUMNS, _MOST_CLASSES = 30, 30
_BUSY = ("waiting", "preparing")


def pager(key: str, total: int, size: int) -> int:
    """Draw Back and Next when there is more than one page, and return the offset of the page."""
    last = max(0, (total - 1) // size)
    page = min(st.session_state.get(key, 0), last)
    if not last:
        return 0

    def turn(by: int) -> None:
        st.session_state[key] = page + by

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("◀ Back", key=f"{key}_back", disabled=page == 0, on_click=turn, args=(-1,))
        st.button("Next ▶", key=f"{key}_next", disabled=page == last, on_click=turn, args=(1,))
        st.write(f"Page {page + 1:,} of {last + 1:,}")
    return page * size


@st.fragment
def rows(viewer: User | None, version: DatasetVersion, spec: DataSpec) -> None:
    """Draw the training rows of a table, page by page."""
    offset = pager(f"rows_{version.id}", spec.num_train, _ROWS)
    with shown_or_stopped():
        page = service.first_rows(viewer, version.id, offset, _ROWS)
    names = page.columns[:_MOST_COLUMNS]
    numbers = {column.name for column in spec.columns if column.kind == "number"}
    cells = [["" if row[name] is None else str(row[name])[:120] for name in names] for row in page.rows]
    table.show([table.Column(name, number=name in numbers) for name in names], cells)
    if len(page.columns) > len(names):
        st.caption(f"The first {len(names)} of {len(page.columns):,} columns.")


@st.fragment
def pictures(viewer: User | None, version: DatasetVersion, spec: DataSpec) -> None:
    """Draw the training images, of all classes or of one, page by page."""
    chosen = st.selectbox(
        "Class",
        [None, *range(len(spec.classes))],
        format_func=lambda index: _class_label(spec, index),
        key="gallery_class",
    )
    count = 0 if chosen is None else spec.class_counts[chosen]
    total = spec.num_train if chosen is None else count - num_test_rows(count)
    offset = pager(f"pictures_{version.id}_{chosen}", total, _PICTURES)
    with shown_or_stopped():
        found = service.gallery(viewer, version.id, chosen, offset, _PICTURES)
    st.html(f"<div class='mhub-gallery'>{''.join(map(_figure, found))}</div>")


def _class_label(spec: DataSpec, index: int | None) -> str:
    return "All classes, mixed" if index is None else f"{spec.classes[index]} ({spec.class_counts[index]:,})"


def _figure(picture: Picture) -> str:
    label = html.escape(picture.label, quote=True)
    data = base64.b64encode(picture.png).decode()
    return f"<figure><img src='data:image/png;base64,{data}' alt='{label}'><figcaption>{label}</figcaption></figure>"


def columns(spec: DataSpec) -> None:
    """Draw what each column is, and how much of it is missing."""
    head = [
        table.Column("Column"),
        table.Column("Type"),
        table.Column("Missing", number=True),
        table.Column("Different", number=True),
    ]
    cells = [
        [
            column.name,
            dataset_words.KINDS[column.kind],
            f"{column.missing:,} ({column.missing / spec.num_rows:.0%})" if column.missing else "none",
            f"{column.distinct:,}",
            dataset_words.column_facts(column),
        ]
        for column in spec.columns[:500]
    ]
    table.show([*head, table.Column("Values", wide_only=True)], cells)
    st.caption(f"The target is {plain(spec.target)}. Numbers are standardised; each category becomes a column of zeros and ones.")


def classes(spec: DataSpec) -> None:
    """Draw how many rows or images each class has, or how the target of a regression lies."""
    if spec.task == "regression":
        st.write(
            f"The target **{plain(spec.target)}** is {spec.y_mean:,.4g} on average, with a standard deviation of "
            f"{spec.y_std:,.4g}."
        )
        return
    ranked = sorted(zip(spec.classes, spec.class_counts, strict=True), key=lambda pair: -pair[1])
    shown = ranked[:_MOST_CLASSES] if len(ranked) > _MOST_CLASSES else list(zip(spec.classes, spec.class_counts, strict=True))
    words = "Classes: " + ", ".join(f"{name} {count:,}" for name, count in shown)
    charts.show(bars.class_balance([name for name, _ in shown], [count for _, count in shown]), words)
    if len(ranked) > len(shown):
        st.caption(f"The {len(shown)} largest of {len(ranked):,} classes.")


def report(version: DatasetVersion) -> None:
    """Draw what was accepted, what was refused and why, and what a person should know."""
    told = version.report or {}
    if told.get("error"):
        show_error(error_from_json(told["error"]))
        return
    refused = told.get("refused", 0)
    st.write(f"**{told.get('accepted', 0):,} accepted, {refused:,} refused.**")
    for sentence in told.get("warnings", ()):
        st.write(f"- {plain(sentence)}")
    if reasons := told.get("reasons"):
        table.show([table.Column("What"), table.Column("Why it was refused")], reasons)
        if refused > len(reasons) > 1:
            st.caption(f"The first {len(reasons):,}.")


def preparation(viewer: User | None, version_id: int) -> None:
    """Draw how far the preparation is, once a second, until it ends; then the whole page is drawn anew."""
    st.fragment(_preparation, run_every=1.0)(viewer, version_id)


def _preparation(viewer: User | None, version_id: int) -> None:
    with shown_or_stopped():
        version = service.require_version(viewer, version_id)
    if version.state not in _BUSY:
        st.rerun(scope="app")
    done, total = version.progress["done"] or 0, version.progress["total"] or 0
    words = "Waiting for a worker" if version.state == "waiting" else version.progress["words"] or "Preparing"
    count = f": {done:,} of {total:,}" if total else ""
    st.progress(min(1.0, done / total) if total else 0.0, text=f"{words}{count} …")
    st.caption("You may leave this page: the work goes on, and the dataset stays here.")
