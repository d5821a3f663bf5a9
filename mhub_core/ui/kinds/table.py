"""How tables are uploaded, browsed and given to a model."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.data.records import Column, DataSpec, UploadPreview
from mhub_core.datasets import service as datasets
from mhub_core.datasets.records import DatasetVersion
from mhub_core.evaluation import table_input
from mhub_core.kinds.registry import require_kind
from mhub_core.kinds.table import columns, features
from mhub_core.kinds.tables import dates, encoding
from mhub_core.tasks.registry import require_task
from mhub_core.ui import address, dataset_words, pager, table
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.kinds.example import WAY, example_number, value_name
from mhub_core.ui.kinds.view import Given
from mhub_core.ui.page import plain
from mhub_core.ui.session import get_viewer

TABS: tuple[str, ...] = ("First rows", "Columns")
TARGET_TAB = "Target"
_ON_A_PAGE = 15
_MAX_COLUMNS = 30
_FIRST_FIELDS = 12
_IN_A_LINE = 3
_COLUMN_KINDS = {"number": "number", "category": "category", "date": "date", "ignored": "not used"}


def show_preview(preview: UploadPreview) -> None:
    """Draw the first rows."""
    names = [column.name for column in preview.columns][:_MAX_COLUMNS]
    st.write(f"**{plain(preview.file_name)}**: {dataset_words.counted(len(preview.columns), 'column')}. The first rows:")
    rows = [[_cell(row[name], 60) for name in names] for row in preview.first_rows[:6]]
    kinds = {column.name: column.kind for column in preview.columns}
    table.show([table.Column(name, number=kinds[name] == "number") for name in names], rows)


def choices(preview: UploadPreview) -> dict[str, Any]:
    """Draw target and task."""
    names = [column.name for column in preview.columns]
    label = "Target: the column that a model learns to predict"
    if st.session_state.get("dataset_target") not in names:  # nothing yet, or a column of another sheet
        st.session_state["dataset_target"] = preview.guessed_target
    target = st.selectbox(label, names, key="dataset_target")
    tasks = require_kind(preview.kind).tasks
    guess = preview.guessed_tasks[target]
    task = st.radio(
        "Task",
        tasks,
        tasks.index(guess),
        format_func=lambda name: f"{require_task(name).title}: {require_task(name).help}",
        key=f"dataset_task_{names.index(target)}_{guess}",  # so that each target comes with its own guess
    )
    return {"target": target, "task": task}


def tab(title: str, viewer: User | None, version: DatasetVersion, data: DataSpec) -> None:
    """Draw the rows, or the columns."""
    if title == TABS[0]:
        _rows(version, data)
    else:
        _columns(data)


@st.fragment
def _rows(version: DatasetVersion, data: DataSpec) -> None:
    """Draw the training rows of a table, page by page."""
    offset = pager.pager(f"rows_{version.id}", data.num_train, _ON_A_PAGE)
    with shown_or_stopped():
        page = datasets.first_rows(get_viewer(), version.id, offset, _ON_A_PAGE)
    names = page.columns[:_MAX_COLUMNS]
    numbers = {column.name for column in columns(data) if column.kind == "number"}
    numbers |= set() if data.classes else {data.target["name"]}
    cells = [[_cell(row[name], 120) for name in names] for row in page.rows]
    table.show([table.Column(name, number=name in numbers) for name in names], cells)
    if len(page.columns) > len(names):
        st.caption(f"The first {len(names)} of {len(page.columns):,} columns.")


def _cell(value: Any, most: int) -> str:
    """Return a value as it was written: 1931 and not 1931.0."""
    return "" if value is None else (f"{value:.12g}" if isinstance(value, float) else str(value))[:most]


def _columns(data: DataSpec) -> None:
    """Draw what each column is, and how much of it is missing."""
    head = [
        table.Column("Column"),
        table.Column("Type"),
        table.Column("Missing", number=True),
        table.Column("Distinct values", number=True),
    ]
    cells = [
        [
            column.name,
            _COLUMN_KINDS[column.kind],
            f"{column.missing:,} ({column.missing / data.num_rows:.0%})" if column.missing else "none",
            f"{column.distinct:,}",
            column_facts(column),
        ]
        for column in columns(data)[:500]
    ]
    table.show([*head, table.Column("Values", wide_only=True)], cells)
    name = plain(data.target["name"])
    st.caption(
        f"A model predicts the column {name}, the target. Numbers are scaled to be comparable (standardized); each category "
        "becomes a column of its own, with 1 for yes and 0 for no."
    )


def column_facts(column: Column) -> str:
    """Return the range of a number, or the first categories."""
    if column.kind == "category":
        shown = ", ".join(column.categories[:6])
        return f"{shown}, …" if len(column.categories) > 6 else shown
    if column.mean is None or column.minimum is None or column.maximum is None:
        return ""
    if column.kind == "date":
        return f"{dates.shown(column.minimum)} to {dates.shown(column.maximum)}"
    unit = f" {plain(column.unit)}" if column.unit else ""
    return f"{_number(column.minimum)} to {_number(column.maximum)}{unit}, mean {_number(column.mean)}"


def _number(value: float | None) -> str:
    """Return a number of a column in at most five digits."""
    return "" if value is None else f"{value:,.5g}"


def take_input(viewer: User | None, data: DataSpec, dataset_version_id: int | None) -> Given | None:
    """Take one row from a form, or a file of rows."""
    ways = ["One row", "CSV file"]
    kept = address.kept(WAY, ways[0], address.one_of(ways), "predict")
    way = st.segmented_control("How", ways, required=True, label_visibility="collapsed", **kept)
    return _file_of_rows(data) if way == ways[1] else _one_row(viewer, data, dataset_version_id)


def _one_row(viewer: User | None, data: DataSpec, dataset_version_id: int | None) -> Given:
    """Take one row from a form that starts with usual values, or with a training row. The address keeps what is changed."""
    number = example_number(data.num_train, str(dataset_version_id)) if dataset_version_id else None
    page = datasets.first_rows(viewer, dataset_version_id, number - 1, 1, raw=True) if dataset_version_id and number else None
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
        text = encoding.category_text(example) if example is not None else first
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


def _file_of_rows(data: DataSpec) -> Given | None:
    """Take a small CSV file with the columns that the model knows."""
    known = features(data)
    names = [column.name for column in known]
    file = st.file_uploader("CSV file", ["csv", "tsv", "txt"], max_upload_size=10, key="predict_csv")
    st.caption(plain(f"The first line must contain the column names: {', '.join(names[:12])}{' ...' if len(names) > 12 else ''}"))
    if file is None:
        return None
    rows, missing = table_input.read_csv(file.getvalue(), known)
    if missing:
        st.warning(
            plain(f"Missing in the file, so treated as unknown: {', '.join(missing[:12])}{' ...' if len(missing) > 12 else ''}")
        )
    return Given(tuple(rows), tuple(f"Row {number}" for number in range(1, len(rows) + 1)))
