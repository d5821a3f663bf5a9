"""The choice of the rows that are held out for the test, when a dataset is made."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from mhub_core.data.records import Column, UploadPreview
from mhub_core.data.split_ways import COLUMN, GROUP, MAX_SEED, RANDOM, SHARES, SPLIT_WORDS, STRATIFIED, TIME, WAYS, Split
from mhub_core.data.splits import SEED
from mhub_core.kinds.pictures.given import MIXED, SPLITS
from mhub_core.kinds.registry import require_kind
from mhub_core.tasks.registry import require_task
from mhub_core.ui import reading
from mhub_core.ui.errors import field_problem
from mhub_core.ui.page import opened, plain

_GROUP_NAMES = ("patient", "subject", "group", "person", "user", "customer", "site", "place", "batch", "session")


def draw(receipt: str, preview: UploadPreview, target: str, task: str, problems: dict[str, str]) -> dict[str, Any]:
    """Draw the choice, closed at first, and return it as `datasets.service.create` takes it."""
    if _comes_with_the_data(receipt, preview):
        st.caption("The test set is the one that came with the data: “How the file was read” says which part it is.")
        return Split().to_json()
    chosen: dict[str, Any] = {}

    def fields() -> None:
        chosen.update(_fields(preview, target, task, problems))

    wrong = any(name.startswith("split") for name in problems)
    opened("Test set: which part of the data is held out", "dataset_split", fields, expanded=wrong, keeps=True)
    return Split(**chosen).to_json()


def _comes_with_the_data(receipt: str, preview: UploadPreview) -> bool:
    option = next((option for option in preview.options if option.name == SPLITS), None)
    return option is not None and reading.chosen(receipt).get(SPLITS, option.value) != MIXED


def _fields(preview: UploadPreview, target: str, task: str, problems: dict[str, str]) -> dict[str, Any]:
    st.caption("Nobody trains on the test set. It tells how well a model does on data that it has not seen.")
    columns = [column for column in preview.columns if column.name != target]
    offered = [way for way in _offered(preview, task) if columns or not WAYS[way].asks]
    label = {way: WAYS[way].title for way in offered}
    if RANDOM not in offered:
        label[STRATIFIED] = WAYS[RANDOM].title
    way = st.selectbox("How the rows are chosen", offered, format_func=label.__getitem__, key="split_way")
    st.caption(WAYS[RANDOM].help if way == STRATIFIED and RANDOM not in offered else WAYS[way].help)
    field_problem(problems, "split")
    chosen: dict[str, Any] = {"way": way}
    if WAYS[way].asks:
        chosen["column"] = _column(way, columns, problems)
    return chosen | _numbers(way, problems)


def _offered(preview: UploadPreview, task: str) -> list[str]:
    """Return the ways of this kind; where there are no classes, one at random is enough."""
    ways = list(require_kind(preview.kind).split_ways)
    has_classes = require_task(task).strata(np.zeros(2, np.int32)) is not None
    return ways if has_classes else [way for way in ways if way != RANDOM]


def _column(way: str, columns: list[Column], problems: dict[str, str]) -> str:
    names = [column.name for column in columns]
    key = f"split_column_{way}"
    if st.session_state.get(key) not in names:  # nothing yet, or a column of another sheet
        st.session_state[key] = max(columns, key=lambda column: _fits(way, column)).name
    chosen: str = st.selectbox(WAYS[way].asks, names, format_func=plain, key=key)
    field_problem(problems, "split_column")
    return chosen


def _fits(way: str, column: Column) -> int:
    """Return how likely a column is the one that is meant: the first of the likeliest is proposed."""
    name = column.name.lower()
    if way == GROUP:
        return 2 * any(word in name for word in _GROUP_NAMES) + ("id" in name.replace("_", " ").split())
    if way == TIME:
        return 2 * (column.kind == "date") + any(word in name for word in ("date", "time", "year"))
    values = {value.strip().lower() for value in column.categories}
    return 2 * (way == COLUMN and bool(values) and values <= SPLIT_WORDS) + ("split" in name or "subset" in name)


def _numbers(way: str, problems: dict[str, str]) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    if WAYS[way].has_share:
        low, high = (round(100 * share) for share in SHARES)
        chosen["share"] = st.slider("Share of the test set", low, high, 20, 5, format="%d %%", key="split_share") / 100
        field_problem(problems, "split_share")
    if WAYS[way].has_seed:
        words = "Another number draws other rows; the same number draws the same rows again."
        chosen["seed"] = int(st.number_input("Seed", 0, MAX_SEED, SEED, key="split_seed", help=words))
        field_problem(problems, "split_seed")
    return chosen
