"""The columns of an uploaded table before a dataset is made of it: what each was taken for, and how to change that."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import streamlit as st

from mhub_core.data.records import Column, UploadPreview
from mhub_core.kinds.tables import dates
from mhub_core.ui import reading, table
from mhub_core.ui.explore import cells
from mhub_core.ui.page import opened, plain

KINDS = {"number": "number", "category": "category", "date": "date", "ignored": "not used"}
_SHOWN = 100
_EXAMPLES = 2


def draw(receipt: str, preview: UploadPreview) -> None:
    """Draw the columns, and the way to give some of them another type or to leave them out."""
    if not preview.columns:
        return
    changed = reading.chosen(receipt).get(reading.COLUMNS, {})
    unused = sum(kind(column, changed) == "ignored" for column in preview.columns)
    title = f"Columns and their types ({unused:,} of {len(preview.columns):,} not used)" if unused else "Columns and their types"

    def inside() -> None:
        _table(preview, changed)
        _change(receipt, preview, changed)

    # The title changes with the choices, and a part of another title is another part: so the key says that it is the same.
    opened(title, f"columns_{crc32(receipt.encode())}", inside, expanded=bool(unused), keeps=True)


def kind(column: Column, changed: dict[str, str]) -> str:
    """Return what a column is taken for, as it was chosen or found."""
    return changed.get(column.name, column.kind)


def _table(preview: UploadPreview, changed: dict[str, str]) -> None:
    head = [
        table.Column("Column", name=True),
        table.Column("Type"),
        table.Column("Examples"),
        table.Column("Found", wide_only=True),
    ]
    rows = [
        [
            column.name,
            KINDS.get(kind(column, changed), column.kind) + (" (chosen)" if column.name in changed else ""),
            _examples(column.name, preview),
            _found(column),
        ]
        for column in preview.columns[:_SHOWN]
    ]
    table.show(head, rows)
    if len(preview.columns) > _SHOWN:
        st.caption(f"The first {_SHOWN} of {len(preview.columns):,} columns.")


def _examples(name: str, preview: UploadPreview) -> str:
    values = dict.fromkeys(cells.cell(row[name], 20) for row in preview.first_rows if row[name] is not None)
    return ", ".join(list(values)[:_EXAMPLES])


def _found(column: Column) -> str:
    values = f"{column.distinct:,} different value{'' if column.distinct == 1 else 's'}"
    missing = f", {column.missing:,} missing" if column.missing else ""
    if column.minimum is None or column.maximum is None:
        return f"{values}{missing}"
    shown = dates.shown if column.kind == "date" else cells.number
    return f"{values}, {shown(column.minimum)} to {shown(column.maximum)}{missing}"


def _change(receipt: str, preview: UploadPreview, changed: dict[str, str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="retype"):
        names: list[str] = st.multiselect(
            "Columns to change", [column.name for column in preview.columns], format_func=plain, key="retype_columns", width=420
        )
        wanted = st.selectbox("Their type", list(KINDS), format_func=KINDS.__getitem__, key="retype_kind", width=180)
        st.button(
            "Change", key="retype_change", disabled=not names, on_click=_retype, args=(receipt, {name: wanted for name in names})
        )
    if changed:
        told = ", ".join(f"{name}: {KINDS[changed[name]]}" for name in list(changed)[:10])
        st.caption(plain(f"Changed: {told}{' ...' if len(changed) > 10 else ''}"))


def _retype(receipt: str, wanted: dict[str, Any]) -> None:
    before = reading.chosen(receipt).get(reading.COLUMNS, {})
    reading.choose(receipt, reading.COLUMNS, {**before, **wanted})
    st.session_state["retype_columns"] = []
