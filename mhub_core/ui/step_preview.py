"""What steps would do to a version, drawn: how many examples stay, and some of them before and after."""

from __future__ import annotations

import streamlit as st

from mhub_core.charts import before_after
from mhub_core.data.records import Bars, DataSpec, StepPreview
from mhub_core.kinds.registry import require_kind
from mhub_core.ui import charts, dataset_words, pictures, series_grid, table
from mhub_core.ui.explore import cells
from mhub_core.ui.page import plain

_MAX_COLUMNS = 12
_FEW_COLUMNS = 3
_WIDEST, _WIDE = 40, 160  # letters of a cell, and where there are few columns


def draw(told: StepPreview, spec: DataSpec) -> None:
    """Draw what becomes of the examples."""
    if told.pictures:
        _pictures(told)
        return
    noun = require_kind(spec.kind).noun
    left, before = told.after_each[-1], dataset_words.counted(told.rows_before, *(f"training {one}" for one in noun))
    of = f"first {before}" if told.is_part else before
    stay = "stays" if told.rows_before == 1 else "stay"
    rows = f"All {of} {stay}" if left == told.rows_before else f"{left:,} of the {of} stay"
    rows = f"The {of} become {left:,}" if left > told.rows_before else rows
    st.write(f"**Preview.** {rows}; missing values: {told.missing_before:,} before, {told.missing_after:,} after.")
    wide, narrow = st.columns([3, 2]) if told.bars else (st.container(), None)
    with wide:
        if told.lines:
            _lines(told, spec)
        else:
            _rows(told)
    if told.bars and narrow:
        with narrow:
            _bars(told.bars)


def _rows(told: StepPreview) -> None:
    names = told.columns[:_MAX_COLUMNS]
    widest = _WIDE if len(names) <= _FEW_COLUMNS else _WIDEST
    first = [[cells.cell(row[name], widest) for name in names] for row in told.rows]
    table.show([table.Column(name) for name in names], first, "First rows after the steps")
    if len(told.columns) > len(names):
        st.caption(f"The first {len(names)} of {len(told.columns):,} columns.")


def _bars(bars: Bars) -> None:
    st.caption(plain(f"{bars.column}, before and after"))
    chart = before_after.before_after(bars.labels, bars.before, bars.after)
    charts.show(chart, f"How many have which values of {bars.column}, before and after.", "before_after")


def _lines(told: StepPreview, spec: DataSpec) -> None:
    """Draw some series before and after, side by side."""
    target = spec.target["name"]
    pairs = [
        (f"{when}: {target} {one.label}", values)
        for one in told.lines
        for when, values in (("Before", one.before), ("After", one.after))
    ]
    series_grid.draw(pairs, spec.input["channels"], in_a_line=2)


def _pictures(told: StepPreview) -> None:
    """Draw some images before and after."""
    height, width, channels = told.shape
    colors = "gray" if channels == 1 else "RGB"
    st.write(f"**Preview.** Images become {width} x {height} pixels, {colors}. Each before and after:")
    pictures.figures([(png, None, "after" if place else "before") for pair in told.pictures for place, png in enumerate(pair)])
