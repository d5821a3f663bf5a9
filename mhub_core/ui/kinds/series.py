"""How series are uploaded, browsed and given to a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.charts import lines
from mhub_core.data.records import DataSpec, UploadPreview
from mhub_core.datasets import series_service
from mhub_core.datasets.records import DatasetVersion, Line
from mhub_core.kinds.signals import fitting, pasted
from mhub_core.runs.records import Run
from mhub_core.ui import address, charts, dataset_words, pager, series_grid
from mhub_core.ui.errors import shown_or_stopped
from mhub_core.ui.explore import series as explored
from mhub_core.ui.kinds import given_file, shared, table
from mhub_core.ui.kinds.example import WAY, example_number
from mhub_core.ui.kinds.view import Given
from mhub_core.ui.page import plain
from mhub_core.ui.session import get_viewer
from mhub_core.ui.tasks.registry import require_view

_EXAMPLES, _MEANS, _FACTS = "Series", "Mean series", "Lengths and gaps"
TABS: tuple[str, ...] = (_EXAMPLES, _MEANS, _FACTS)
TARGET_TAB = "Target"
_ON_A_PAGE = 12
_TRAINING, _PASTE, _FILE = "Training example", "Paste numbers", "File"


def show_preview(preview: UploadPreview) -> None:
    """Draw the first rows, how many series these are, and some of each class."""
    if preview.columns:
        table.show_preview(preview)
    about, channels = preview.about, preview.about["channels"]
    steps = (
        f"{about['shortest']:,}" if about["shortest"] == about["longest"] else f"{about['shortest']:,} to {about['longest']:,}"
    )
    named = f": {', '.join(channels[:8])}{' ...' if len(channels) > 8 else ''}" if len(channels) > 1 else ""
    missing = f", with {dataset_words.counted(about['missing'], 'missing value')}" if about["missing"] else ""
    counted = dataset_words.counted(about["series"], "series", "series")
    part = "The beginning of the file holds" if about["is_part"] else "The file holds"
    told = f"{counted} of {steps} steps and {dataset_words.counted(len(channels), 'channel')}"
    st.write(f"{part} **{told}**{plain(named)}{missing}.")
    series_grid.draw(
        [(f"{preview.guessed_target}: {one['label']}", one["values"]) for one in about["drawn"][: series_grid.IN_A_LINE]],
        channels,
    )


def choices(preview: UploadPreview) -> dict[str, Any]:
    """Draw target and task; the layout is that of the preview."""
    return {**table.target_and_task(preview, list(preview.guessed_tasks)), "series": preview.about["layout"]}


def tab(title: str, viewer: User | None, version: DatasetVersion, data: DataSpec) -> None:
    """Draw examples, the mean of each class, or lengths and missing values."""
    shown = {
        _MEANS: lambda profile: explored.means(profile, data),
        _FACTS: lambda profile: explored.facts(version, profile, data),
    }
    shared.tab(title, viewer, version, {_EXAMPLES: lambda: _examples(version, data)}, shown)


@st.fragment
def _examples(version: DatasetVersion, data: DataSpec) -> None:
    """Draw the training series, of all groups or of one, page by page."""
    chosen, total = shared.group(data, f"series_{version.id}")
    offset = pager.pager(f"lines_{version.id}_{chosen}", total, _ON_A_PAGE)
    with shown_or_stopped():
        found = series_service.examples(get_viewer(), version.id, chosen, offset, _ON_A_PAGE)
    draw(found, data)


def draw(found: Sequence[Line], data: DataSpec) -> None:
    """Draw series with what is true of each."""
    view = require_view(data.task)
    series_grid.draw([(view.caption(one.truth, data), one.values) for one in found], data.input["channels"])


def mistakes(viewer: User | None, run: Run) -> None:
    """Draw the series about which the model is most wrong as lines, the worst first."""
    shared.mistakes(
        run,
        "series",
        lambda rows: {one.row: one for one in series_service.some(viewer, run.dataset_version_id, rows)},
        _draw_mistakes,
    )


def _draw_mistakes(data: DataSpec, shown: list[tuple[Line, dict[str, Any]]]) -> None:
    view = require_view(data.task)
    captions = [f"True: {view.caption(one.truth, data)}, predicted: {view.caption(answer, data)}" for one, answer in shown]
    series_grid.draw(list(zip(captions, (one.values for one, _ in shown), strict=True)), data.input["channels"])


def take_input(viewer: User | None, data: DataSpec, dataset_version_id: int | None) -> Given | None:
    """Take a training example, pasted numbers, or a file."""
    ways = [*([_TRAINING] if dataset_version_id else []), _PASTE, _FILE]
    kept = address.kept(WAY, ways[0], address.one_of(ways), "predict")
    way = st.segmented_control("How", ways, required=True, label_visibility="collapsed", **kept)
    words = _steps_words(data)
    given = _training(viewer, data, dataset_version_id) if way == _TRAINING else None
    given = given_file.take(data, words) if way == _FILE else _pasted(data, words) if way == _PASTE else given
    if given is not None:
        values = list(given.examples[0].values())[: series_grid.MAX_CHANNELS]
        charts.show(lines.series(values, data.input["channels"]), f"{given.names[0]}, as it was given.")
        if len(given.names) > 1:
            st.caption(f"The first of {len(given.names):,} series.")
    return given


def _training(viewer: User | None, data: DataSpec, dataset_version_id: int | None) -> Given | None:
    number = example_number(data.num_train, str(dataset_version_id)) if dataset_version_id else None
    found: list[Line] = []
    if dataset_version_id and number:
        found = series_service.examples(viewer, dataset_version_id, None, number - 1, 1, raw=True)
    if not found:
        return None
    example = dict(zip(data.input["channels"], map(list, found[0].values), strict=True))
    return Given((example,), (f"Training example {number}",), found[0].truth)


def _steps_words(data: DataSpec) -> str:
    channels, steps = data.input["channels"], fitting.asked_steps(data.input)
    columns = f" Columns: {given_file.few(channels)}" if len(channels) > 1 else ""
    return f"The model was trained on {steps:,} steps; another number is cut, filled up or stretched.{columns}"


def _pasted(data: DataSpec, words: str) -> Given | None:
    help = "A column copied from a spreadsheet, or numbers with commas or blanks between them."
    text = st.text_area("Numbers in the order of time", key="predict_series", max_chars=pasted.MAX_LETTERS, height=160, help=help)
    st.caption(plain(words))
    if not text.strip():
        return None
    found = pasted.read(text.encode(), data)
    for note in found.notes:
        st.warning(plain(note))
    return Given(tuple(found.series), tuple(found.names))
