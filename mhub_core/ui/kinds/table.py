"""How tables are uploaded, browsed and given to a model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.data.records import Column, DataSpec, UploadPreview
from mhub_core.datasets import example_service
from mhub_core.datasets.records import DatasetVersion
from mhub_core.kinds.registry import require_kind
from mhub_core.kinds.table import features
from mhub_core.kinds.tables import category_cells, dates
from mhub_core.runs.records import Run
from mhub_core.tasks.registry import require_task
from mhub_core.ui import address, dataset_words, table
from mhub_core.ui.explore import columns as explored
from mhub_core.ui.explore import relations, rows, seen
from mhub_core.ui.explore.cells import cell as _cell
from mhub_core.ui.kinds import given_file
from mhub_core.ui.kinds.example import WAY, example_number, value_name
from mhub_core.ui.kinds.view import Given
from mhub_core.ui.page import plain

_ROWS, _COLUMNS = "Rows", "Columns"
TABS: tuple[str, ...] = (_ROWS, _COLUMNS, "Relations")
TARGET_TAB = "Target"
_MAX_COLUMNS = 30
_FIRST_FIELDS = 12
_IN_A_LINE = 3


def show_preview(preview: UploadPreview) -> None:
    """Draw the first rows."""
    names = [column.name for column in preview.columns][:_MAX_COLUMNS]
    st.write(f"**{plain(preview.file_name)}**: {dataset_words.counted(len(preview.columns), 'column')}. The first rows:")
    rows = [[_cell(row[name], 60) for name in names] for row in preview.first_rows[:6]]
    kinds = {column.name: column.kind for column in preview.columns}
    table.show([table.Column(name, number=kinds[name] == "number") for name in names], rows)


def choices(preview: UploadPreview) -> dict[str, Any]:
    """Draw target and task."""
    return target_and_task(preview, [column.name for column in preview.columns])


def target_and_task(preview: UploadPreview, names: list[str]) -> dict[str, Any]:
    """Draw which of some columns is the target, and the task."""
    label = "Target: the column that a model learns to predict"
    if st.session_state.get("dataset_target") not in names:  # nothing yet, or a column of another sheet
        st.session_state["dataset_target"] = preview.guessed_target
    target = st.selectbox(label, names, key="dataset_target")
    return {"target": target, "task": task_of(preview, target, names)}


def task_of(preview: UploadPreview, target: str, names: Sequence[str]) -> str:
    """Draw the task for a target, which is one of the names of the columns."""
    tasks = require_kind(preview.kind).tasks
    guess = preview.guessed_tasks[target]
    task: str = st.radio(
        "Task",
        tasks,
        tasks.index(guess),
        format_func=lambda name: f"{require_task(name).title}: {require_task(name).help}",
        key=f"dataset_task_{names.index(target)}_{guess}",  # so that each target comes with its own guess
    )
    return task


def tab(title: str, viewer: User | None, version: DatasetVersion, data: DataSpec) -> None:
    """Draw the rows, the columns, or how they go together."""
    profile = seen.profile(viewer, version)
    if title == _ROWS:
        rows.show(version, data)
    elif title == _COLUMNS:
        explored.show(version, data, profile)
    elif profile is None:
        st.write("This appears once the data was looked through.")
    else:
        relations.show(profile, data)


def mistakes(viewer: User | None, run: Run) -> None:
    """A run keeps none of rows."""


def take_input(viewer: User | None, data: DataSpec, dataset_version_id: int | None) -> Given | None:
    """Take one row from a form, or a file of rows."""
    ways = ["One row", "File"]
    kept = address.kept(WAY, ways[0], address.one_of(ways), "predict")
    way = st.segmented_control("How", ways, required=True, label_visibility="collapsed", **kept)
    if way == ways[1]:
        return given_file.take(data, f"Columns: {given_file.few(column.name for column in features(data))}")
    return _one_row(viewer, data, dataset_version_id)


def _one_row(viewer: User | None, data: DataSpec, dataset_version_id: int | None) -> Given:
    """Take one row from a form that starts with usual values, or with a training row. The address keeps what is changed."""
    number = example_number(data.num_train, str(dataset_version_id)) if dataset_version_id else None
    page = (
        example_service.first_rows(viewer, dataset_version_id, number - 1, 1, raw=True) if dataset_version_id and number else None
    )
    example = page.rows[0] if page and page.rows else {}
    shown = list(enumerate(features(data)))
    values: dict[str, Any] = {}
    with st.container(key="example_form"):
        values |= _fields(shown[:_FIRST_FIELDS], example, number)
        if len(shown) > _FIRST_FIELDS:
            with st.expander(f"{len(shown) - _FIRST_FIELDS:,} more columns", key="more_columns"):
                values |= _fields(shown[_FIRST_FIELDS:], example, number)
    truth = page.truths[0] if page and page.truths else None
    is_the_example = all(values[column.name] == _start(column, example.get(column.name)) for _, column in shown)
    return Given((values,), ("Your row",), truth if is_the_example else None)


def _fields(shown: list[tuple[int, Column]], example: dict[str, Any], number: int | None) -> dict[str, Any]:
    values = {}
    for first in range(0, len(shown), _IN_A_LINE):  # line by line, so that a phone shows them in order
        for (place, column), box in zip(shown[first : first + _IN_A_LINE], st.columns(_IN_A_LINE), strict=False):
            with box:
                values[column.name] = _field(column, example.get(column.name), value_name(place), f"field_{number or 0}")
    return values


def _field(column: Column, example: Any, name: str, scope: str) -> Any:
    """Draw the field of a column. `name`: under which the address keeps what is not its start value."""
    label, start = plain(column.name) or "column", _start(column, example)
    label += f" ({plain(column.unit)})" if column.unit else ""
    if column.kind == "category":
        kept = address.kept(name, start, address.one_of(column.categories), scope)
        return st.selectbox(label, column.categories, None, placeholder="unknown", **kept)
    reach = None
    if column.minimum is not None and column.maximum is not None:
        written = dates.shown if column.kind == "date" else "{:g}".format
        reach = f"Training data: from {written(column.minimum)} to {written(column.maximum)}."
    if column.kind == "date":
        return st.text_input(label, placeholder="2024-05-31", help=reach, **address.kept(name, start, address.words, scope))
    step = 10.0 ** -(column.decimals if column.decimals is not None else 2)
    kept = address.kept(name, start, address.number, scope)
    return st.number_input(label, step=step, format="%g", help=reach, **kept)


def _start(column: Column, example: Any) -> Any:
    """Return what the field of a column begins with: what the example holds, else what is usual."""
    if column.kind == "category":
        first = column.usual if column.usual in column.categories else next(iter(column.categories), None)
        text = category_cells.category_text(example) if example is not None else first
        return text if text in column.categories else None
    if column.kind == "date":
        return str(example) if example is not None else dates.shown(column.median or 0.0)
    if example is not None:
        return float(example)
    if column.median is not None:
        return round(column.median, column.decimals or 0)
    return _rounded_mean(column)


def _rounded_mean(column: Column) -> float:
    """Return the mean to about three digits of the spread: for versions of which the median is not known."""
    spread = (column.maximum or 0.0) - (column.minimum or 0.0)
    digits = max(0, 2 - math.floor(math.log10(spread))) if spread > 0 else 2
    return round(column.mean or 0.0, digits)
