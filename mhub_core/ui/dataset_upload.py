"""Bringing data in: send a file or folder, look at what it holds, say what to make of it."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from pathlib import PurePath
from typing import Any

import streamlit as st

from mhub_core import errors, settings
from mhub_core.accounts import hub_service
from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts.records import User
from mhub_core.data.records import UploadPreview
from mhub_core.datasets import service
from mhub_core.errors import Invalid, MHubError, TooLarge
from mhub_core.kinds.tables.formats import registry as formats
from mhub_core.ui import dataset_source, dataset_split, pending, reading, reading_columns
from mhub_core.ui.errors import errors_shown, field_problem
from mhub_core.ui.kinds.registry import require_view
from mhub_core.ui.login import require_login
from mhub_core.ui.page import go, plain
from mhub_core.ui.upload import uploader

_FILE = "file"
_MADE = "made_of_upload"  # in the session state: receipt -> dataset, so that a double click makes one dataset
_REFUSED = "upload_refused"  # in the session state: receipt -> why, for the file itself is gone
_HINT = "Drop a table (CSV, Excel, JSON, Parquet), or a zip or folder of images or texts here, or"
_ACCEPT = ",".join(dict.fromkeys((*formats.ENDINGS, ".zip", ".npz", ".tar", ".tgz")))
OPEN_DATA = (
    "All datasets of this hub are public: everyone who can open the hub sees this one. Upload nothing that must stay private."
)
_VISIBILITIES = {"Me and people I share it with": "private", "Everyone": "public"}


def draw(viewer: User | None) -> None:
    """Draw the whole way from a file to a dataset."""
    if viewer is None:
        st.write("Upload a table (CSV, Excel, JSON or Parquet), or images sorted into one folder per class.")
        if st.button("Upload data", key="upload_sign_in"):
            require_login("Sign in to upload data.")
        return
    with errors_shown():
        quotas.require_room(viewer)
    ways = {_FILE: "From a file", **dataset_source.TITLES}
    first = dataset_source.source_of_address(viewer) or _FILE
    way = st.segmented_control(
        "Where the data is", list(ways), default=first, format_func=ways.__getitem__, required=True, key="upload_way"
    )
    if way == _FILE:
        dataset_source.forget()
        receipt = _from_file()
        pending.hold(viewer, receipt)
        if receipt:
            form(viewer, receipt)
    elif (fetch := dataset_source.draw(viewer, way)) and fetch.receipt:
        pending.hold(viewer, fetch.receipt)
        form(viewer, fetch.receipt, fetch.id)
    else:
        pending.hold(viewer, None)


def _from_file() -> str | None:
    receipt = uploader("dataset_upload", folder=True, hint=_HINT, accept=_ACCEPT)
    st.caption(
        "A table has one row per example: CSV, TSV, Excel, JSON, JSON Lines or Parquet, also in a zip or gzip file. A time "
        "series is one row, or one row for each step. Images and .txt files are sorted into one folder per class, such as "
        "cat/1.jpg; images may also come with masks, or with boxes around objects (COCO, Pascal VOC or YOLO)."
    )
    return receipt


def form(viewer: User, receipt: str, fetch_id: int | None = None) -> None:
    """Draw what an upload holds and the choices to be made; make the dataset and go to it."""
    if receipt in st.session_state.get(_MADE, {}):
        go("Dataset", id=st.session_state[_MADE][receipt])
    preview, problem = None, None
    with errors_shown():
        preview, problem = _preview(viewer, receipt)
    if preview is None:
        return
    require_view(preview.kind).show_preview(preview)
    _notes(preview.warnings)
    reading.draw(receipt, preview.options, bool(preview.warnings), problem)
    reading_columns.draw(receipt, preview)
    problems = st.session_state.get("upload_problems", {})
    choices = _choices(receipt, preview, problems)
    if st.button("Create the dataset", type="primary", key="make_dataset", disabled=problem is not None):
        with errors_shown():
            _make(viewer, receipt, preview, {**choices, "reading": reading.chosen(receipt), "fetch_id": fetch_id})


def _notes(warnings: tuple[str, ...]) -> None:
    """Draw what was changed, skipped or is left out, in one frame."""
    if warnings:
        st.warning(plain(warnings[0]) if len(warnings) == 1 else "\n".join(f"- {plain(warning)}" for warning in warnings))


def _preview(viewer: User, receipt: str) -> tuple[UploadPreview, MHubError | None]:
    refused = st.session_state.get(_REFUSED, {})
    if receipt in refused:
        raise errors.from_json(refused[receipt])
    words = "" if reading.chosen(receipt) else "Checking the file: what it contains and which columns or classes …"
    try:
        with st.spinner(words) if words else nullcontext():
            return reading.read(receipt, partial(_read, viewer, receipt))
    except (Invalid, TooLarge) as error:
        st.session_state[_REFUSED] = {receipt: errors.to_json(error)}
        raise


@st.cache_data(max_entries=20, ttl=600, show_spinner=False)
def _read(viewer: User, receipt: str, chosen: dict[str, Any]) -> UploadPreview:
    return service.inspect_upload(viewer, receipt, chosen)


def _choices(receipt: str, preview: UploadPreview, problems: dict[str, str]) -> dict[str, object]:
    path = PurePath(preview.file_name.removesuffix(" (folder)"))
    stem = PurePath(path.stem).stem if path.suffix == ".gz" else path.stem
    chosen: dict[str, object] = {"name": st.text_input("Name", stem[:120], max_chars=120, key="dataset_name")}
    field_problem(problems, "name")
    chosen["description"] = st.text_area("Description (Markdown)", key="dataset_description", max_chars=20_000, height=90)
    field_problem(problems, "description")
    chosen |= require_view(preview.kind).choices(preview)
    chosen["split"] = dataset_split.draw(receipt, preview, str(chosen["target"]), str(chosen["task"]), problems)
    if settings.has_open_data():
        st.caption(OPEN_DATA)
        return {**chosen, "visibility": "public"}
    at_first = list(_VISIBILITIES.values()).index(hub_service.current().visibility)
    seen_by = st.radio("Who can see it", list(_VISIBILITIES), at_first, horizontal=True, key="dataset_visibility")
    return {**chosen, "visibility": _VISIBILITIES[seen_by]}


def _make(viewer: User, receipt: str, preview: UploadPreview, choices: dict[str, object]) -> None:
    try:
        dataset_id = service.create(viewer, receipt, kind=preview.kind, **choices)  # type: ignore[arg-type]
    except Invalid as error:
        st.session_state["upload_problems"] = error.problems
        if error.problems:
            st.rerun()
        raise
    st.session_state.pop("upload_problems", None)
    st.session_state[_MADE] = {receipt: dataset_id}
    pending.used()
    go("Dataset", id=dataset_id)
