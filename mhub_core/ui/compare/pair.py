"""Two of the runs of a comparison in detail: their layers and their confusion matrices side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from mhub_core.charts import compare as charting
from mhub_core.charts import confusion
from mhub_core.graphs import difference
from mhub_core.graphs.difference import Pair
from mhub_core.graphs.walk import Node
from mhub_core.runs.records import Run
from mhub_core.ui import address, charts, table
from mhub_core.ui.compare.told import Told
from mhub_core.ui.page import window

_CHANGES = {difference.SAME: "", difference.CHANGED: "changed", difference.ADDED: "added", difference.REMOVED: "removed"}
_MAX_LETTERS = 60


def draw(told: Sequence[Told]) -> None:
    """Draw the choice of the two, and what differs between them."""
    one, other = told[0], told[1]
    if len(told) > 2:
        with st.container(horizontal=True):
            one, other = _choice("one", "First run", told, told[0]), _choice("other", "Second run", told, told[1])
    if one.run.id == other.run.id:
        st.info("Choose two different runs.")
        return
    _layers(one, other)
    _matrices(one, other)


def _choice(name: str, label: str, told: Sequence[Told], default: Told) -> Told:
    by_id = {one.run.id: one for one in told}
    kept = address.kept(name, default.run.id, address.one_of(by_id), "compare")
    chosen: int = st.selectbox(label, list(by_id), format_func=lambda run_id: by_id[run_id].name, width=340, **kept)
    return by_id[chosen]


def _layers(one: Told, other: Told) -> None:
    pairs = difference.pairs(one.run.spec["graph"], other.run.spec["graph"])
    if all(pair.change == difference.SAME for pair in pairs):
        st.write(f"Both runs trained the same diagram of {len(pairs):,} layers.")
        return
    columns = [table.Column(one.name), table.Column(other.name), table.Column("Change")]
    rows = [[_name(pair.one), _name(pair.other), _change(pair)] for pair in pairs]
    table.show(columns, rows, "Layers, from the input to the output")


def _name(node: Node | None) -> str:
    return f"{node['class']} “{node['name']}”" if node else "–"


def _change(pair: Pair) -> str:
    told = "; ".join(f"{name} {_value(before)} → {_value(after)}" for name, (before, after) in pair.changes.items())
    return f"{_CHANGES[pair.change]}: {told}" if told else _CHANGES[pair.change]


def _value(value: Any) -> str:
    text = "default" if value is None else str(value)
    return text if len(text) <= _MAX_LETTERS else f"{text[: _MAX_LETTERS - 1]}…"


def _matrices(one: Told, other: Told) -> None:
    """Draw both confusion matrices and what changed, where both runs have one of the same classes."""
    left, right = one.run.result or {}, other.run.result or {}
    if "confusion" not in left or "confusion" not in right or left["classes"] != right["classes"]:
        return
    for told, column in zip((one, other), st.columns(2), strict=True):
        with column, window(f"Confusion matrix of run {told.run.id}", key=f"confusion-{told.run.id}"):
            _matrix(told.run)
    if left["confusion"] == right["confusion"]:
        st.write("Both runs have the same confusion matrix.")
        return
    with window("Difference of the confusion matrices", key="difference"):
        charts.show(
            charting.difference(left["confusion"], right["confusion"], left["classes"]),
            "By how much the share of each cell of the confusion matrix differs between the two runs.",
        )
        st.caption(
            f"In percentage points: the share of each cell in run {other.run.id}, minus its share in run {one.run.id}. Blue "
            "cells became more frequent, orange cells less. Blue on the diagonal and orange off it are improvements."
        )


def _matrix(run: Run) -> None:
    found = run.result or {}
    charts.show(confusion.confusion(found["confusion"], found["classes"]), f"Confusion matrix of run {run.id}.")
