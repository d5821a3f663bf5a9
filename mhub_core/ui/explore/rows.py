"""The training rows of a table, page by page, sorted and filtered as the address says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from mhub_core.data.records import DataSpec
from mhub_core.datasets.records import DatasetVersion, Rows
from mhub_core.exploring import rows as finding
from mhub_core.exploring import service as exploring
from mhub_core.exploring.rows import Query
from mhub_core.kinds.table import columns
from mhub_core.ui import address, links, pager, table
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.explore.cells import cell
from mhub_core.ui.explore.where import here
from mhub_core.ui.page import plain
from mhub_core.ui.session import get_viewer

ON_A_PAGE = 15
_MAX_COLUMNS, _MAX_LETTERS = 30, 28
_SORT, _DOWN, _COLUMN, _HOW, _VALUE = "sort", "down", "where", "how", "than"
_WORDS = {
    finding.IS: "is",
    finding.IS_NOT: "is not",
    finding.CONTAINS: "contains",
    finding.ABOVE: "is above",
    finding.BELOW: "is below",
    finding.MISSING: "is missing",
}


@st.fragment
def show(version: DatasetVersion, data: DataSpec, max_letters: int = 120, first: Sequence[str] = ()) -> None:
    """Draw a page of the rows that are asked for. `max_letters`: of a cell. `first`: the columns that matter, which stand first;
    a phone shows no others."""
    query = _asked(version, data)
    last = max(1, -(-data.num_train // ON_A_PAGE))
    offset = (address.value("page", 1, address.whole_number(1, last)) - 1) * ON_A_PAGE
    with shown_or_stopped():
        page = exploring.rows(get_viewer(), version.id, query, offset, ON_A_PAGE)
    if query.column:
        st.caption(f"{page.total:,} of {data.num_train:,} training rows.")
    if page.total and not page.rows:
        address.forget("page")
        st.rerun(scope="fragment")
    pager.pager(f"rows_{version.id}", page.total, ON_A_PAGE)
    if page.rows:
        _draw(version, data, query, page, max_letters, first)
    else:
        st.write("No training row fits. Change the filter.")


def _numbers(data: DataSpec) -> set[str]:
    """Return the names of the columns of numbers."""
    found = {one.name for one in columns(data) if one.mean is not None and one.kind != "date" and not one.written}
    return found if data.classes else found | {data.target["name"]}


def _asked(version: DatasetVersion, data: DataSpec) -> Query:
    """Draw the filter, and return what is asked for."""
    names = [*(column.name for column in columns(data)), data.target["name"]]
    again = lambda: address.forget("page")  # noqa: E731
    scope = f"filter_{version.id}"
    with st.container(horizontal=True, vertical_alignment="bottom", key="filter_of_rows"):
        kept = address.kept(_COLUMN, "", address.one_of(names), scope, lambda: address.forget("page", _HOW, _VALUE))
        column = st.selectbox("Filter", ["", *names], format_func=lambda name: plain(name) or "All rows", width=220, **kept)
        comparison, value = finding.IS, ""
        if column:
            ways = finding.OF_NUMBERS if column in _numbers(data) else finding.OF_TEXTS
            kept = address.kept(_HOW, ways[0], address.one_of(ways), f"{scope}_{names.index(column)}", again)
            comparison = st.selectbox(
                "How", ways, format_func=_WORDS.__getitem__, label_visibility="collapsed", width=150, **kept
            )
            if comparison != finding.MISSING:
                kept = address.kept(_VALUE, "", address.words, f"{scope}_{names.index(column)}", again)
                value = st.text_input(
                    "Value", label_visibility="collapsed", placeholder="value", max_chars=200, width=200, **kept
                )
    sort = address.value(_SORT, "", address.one_of(names))
    down = address.value(_DOWN, False, address.flag)
    if not value and comparison != finding.MISSING:
        column = ""  # nothing is asked yet
    return Query(sort, down, column, comparison, value)


def _draw(version: DatasetVersion, data: DataSpec, query: Query, page: Rows, max_letters: int, first: Sequence[str]) -> None:
    names, numeric = list(dict.fromkeys([*first, *page.columns]))[:_MAX_COLUMNS], _numbers(data)
    head = [_head(version, name, query, name in numeric, bool(first) and name not in first) for name in names]
    table.show(head, [[cell(row[name], max_letters) for name in names] for row in page.rows])
    if len(page.columns) > len(names):
        st.caption(f"The first {len(names)} of {len(page.columns):,} columns.")


def _head(version: DatasetVersion, name: str, query: Query, is_number: bool, wide_only: bool) -> table.Column:
    """Return the head of a column: a link that sorts by it, then the other way round, then no longer."""
    is_sorted = name == query.sort
    asked: dict[str, Any] = {part: address.said(part) or None for part in (_COLUMN, _HOW, _VALUE)}
    asked |= {"tab": address.said("tab") or None}
    if not is_sorted:
        asked |= {_SORT: name}
    elif not query.descending:
        asked |= {_SORT: name, _DOWN: 1}
    arrow = (" ▼" if query.descending else " ▲") if is_sorted else ""
    short = name if len(name) <= _MAX_LETTERS else f"{name[: _MAX_LETTERS - 1]}…"
    link = links.to_html("Dataset", f"{short or '(no name)'}{arrow}", **here(version, **asked))
    order = ("descending" if query.descending else "ascending") if is_sorted else ""
    return table.Column(name, number=is_number, head=link, sorted=order, wide_only=wide_only)
