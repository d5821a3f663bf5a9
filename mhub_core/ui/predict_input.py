"""What a person gives to a trained model: pictures, a row typed into a form, or a file of rows."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.datasets import encoding, images
from mhub_core.datasets import service as datasets
from mhub_core.datasets.records import Column, DataSpec
from mhub_core.evaluation import table_input
from mhub_core.ui.page import plain

_FIRST_COLUMNS = 12
_IN_A_LINE = 3
_PICTURES = ["png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff"]


@dataclass(frozen=True)
class Given:
    """What was given: pictures or rows, what each is called, and the truth of a training example."""

    images: tuple[bytes, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    names: tuple[str, ...] = ()
    truth: str | None = None


def _example_number(num_train: int, scope: str) -> int | None:
    """Choose a training example by its number, or let chance choose."""
    key = f"example_{scope}"

    def draw_lots() -> None:
        st.session_state[key] = random.randint(1, num_train)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.number_input("Training example", 1, num_train, None, key=key, placeholder="number", width=200)
        st.button("Any one", on_click=draw_lots, key=f"any_{scope}")
    return number


def pictures(viewer: User | None, data: DataSpec, dataset_version_id: int | None) -> Given | None:
    """Take uploaded pictures, or one that the model learned from."""
    files = st.file_uploader("Your pictures", _PICTURES, accept_multiple_files=True, max_upload_size=10, key="predict_files")
    if files:
        return Given(images=tuple(file.getvalue() for file in files), names=tuple(file.name for file in files))
    if dataset_version_id is None:
        return None
    number = _example_number(data.num_train, str(dataset_version_id))
    found = datasets.gallery(viewer, dataset_version_id, None, number - 1, 1) if number else []
    if not found:
        return None
    return Given(images=(found[0].png,), names=(f"Training example {number}",), truth=found[0].label)


def as_seen(picture: bytes, data: DataSpec) -> None:
    """Show a picture as the model sees it. Raises Invalid for one that cannot be read or is far too large."""
    with st.container(key="picture"):
        st.image(images.to_png(images.decode(picture, data.input_shape)), caption="What the model sees", width=200)


def features(data: DataSpec) -> list[Column]:
    """Return the columns that the model looks at."""
    return [column for column in data.columns if column.kind != "ignored" and column.name != data.target]


def row(viewer: User | None, data: DataSpec, dataset_version_id: int | None) -> Given:
    """Take one row from a form that starts with the mean of each column, or with a training row."""
    number = _example_number(data.num_train, str(dataset_version_id)) if dataset_version_id else None
    found = datasets.first_rows(viewer, dataset_version_id, number - 1, 1).rows if number else ()
    example = found[0] if found else {}
    columns, values = features(data), {}
    with st.container(key="row_form"):
        values |= _fields(columns[:_FIRST_COLUMNS], example, number)
        if len(columns) > _FIRST_COLUMNS:
            with st.expander(f"{len(columns) - _FIRST_COLUMNS:,} more columns", key="more_columns"):
                values |= _fields(columns[_FIRST_COLUMNS:], example, number)
    truth = str(example[data.target]) if example.get(data.target) is not None else None
    return Given(rows=(values,), names=("This row",), truth=truth)


def _fields(columns: list[Column], example: dict[str, Any], number: int | None) -> dict[str, Any]:
    values = {}
    for first in range(0, len(columns), _IN_A_LINE):  # line by line, so that a phone shows them in order
        for column, place in zip(columns[first : first + _IN_A_LINE], st.columns(_IN_A_LINE), strict=False):
            with place:
                values[column.name] = _field(column, example.get(column.name), f"field_{column.name}_{number}")
    return values


def _field(column: Column, example: Any, key: str) -> Any:
    label = plain(column.name) or "column"
    if column.kind == "category":
        text = encoding.category_text(example) if example is not None else None
        index = (
            column.categories.index(text) if text in column.categories else (0 if example is None and column.categories else None)
        )
        return st.selectbox(label, column.categories, index, placeholder="not known", key=key)
    start = float(example) if example is not None else round(column.mean or 0.0, 4)
    reach = (
        f"In training from {column.minimum:g} to {column.maximum:g}."
        if column.minimum is not None and column.maximum is not None
        else None
    )
    return st.number_input(label, value=start, format="%g", help=reach, key=key)


def rows_of_file(data: DataSpec) -> Given | None:
    """Take a small CSV file with the columns that the model knows."""
    names = [column.name for column in features(data)]
    file = st.file_uploader("A CSV file of rows", ["csv", "tsv", "txt"], max_upload_size=10, key="predict_csv")
    st.caption(plain(f"Its first line names the columns: {', '.join(names[:12])}{' ...' if len(names) > 12 else ''}"))
    if file is None:
        return None
    rows, missing = table_input.read_csv(file.getvalue(), names)
    if missing:
        st.warning(
            plain(f"Not in the file, so taken as not known: {', '.join(missing[:12])}{' ...' if len(missing) > 12 else ''}")
        )
    return Given(rows=tuple(rows), names=tuple(f"Row {number}" for number in range(1, len(rows) + 1)))
