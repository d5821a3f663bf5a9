"""How texts are uploaded, browsed and given to a model."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec, UploadPreview
from mhub_core.datasets import example_service
from mhub_core.datasets.records import DatasetVersion
from mhub_core.exploring import service as exploring
from mhub_core.kinds.texts import vocabulary
from mhub_core.kinds.texts.prepare import TEXT
from mhub_core.kinds.texts.words import MAX_LETTERS
from mhub_core.runs.records import Run
from mhub_core.ui import address, dataset_words, table
from mhub_core.ui.explore import rows
from mhub_core.ui.explore import texts as explored
from mhub_core.ui.explore.cells import cell
from mhub_core.ui.kinds import given_file, shared
from mhub_core.ui.kinds.example import WAY, example_number
from mhub_core.ui.kinds.table import task_of
from mhub_core.ui.kinds.view import Given
from mhub_core.ui.page import opened, plain
from mhub_core.ui.tasks.registry import require_view

_TEXTS, _WORDS, _LENGTHS = "Texts", "Words", "Lengths"
TABS: tuple[str, ...] = (_TEXTS, _WORDS, _LENGTHS)
TARGET_TAB = "Labels"
_SHOWN, _LETTERS = 4, 160  # of a preview
_LETTERS_OF_ROWS = 400
_FITTING = "As long as nearly all texts are"
_LENGTHS_ON_OFFER = (16, 32, 64, 128, 256, 512, vocabulary.MAX_LENGTH)
_NUMBERS_OF_WORDS = (1_000, 2_000, 5_000, vocabulary.DEFAULT_WORDS, vocabulary.MAX_WORDS)


def show_preview(preview: UploadPreview) -> None:
    """Say what the file is; which of its columns matter is chosen below."""
    columns = dataset_words.counted(len(preview.columns), "column")
    st.write(f"**{plain(preview.file_name)}**: texts with labels, in {columns}.")


def choices(preview: UploadPreview) -> dict[str, Any]:
    """Draw which column holds the texts and which the labels, what that looks like, the task, and what is read of a text."""
    names = [column.name for column in preview.columns]
    text = _column("Text: the column that a model reads", preview.roles[TEXT], preview.roles[TEXT][0], "dataset_text")
    labels = [name for name in names if name != text]
    target = _column("Label: the column that a model learns to predict", labels, preview.guessed_target, "dataset_label")
    head = [table.Column(text, name=True), table.Column(target)]
    table.show(head, [[cell(row[text], _LETTERS), cell(row[target], 60)] for row in preview.first_rows[:_SHOWN]])
    chosen = {"text": text, "target": target, "task": task_of(preview, target, names)}
    opened("How much of a text a model reads", "text_reading", lambda: chosen.update(_sizes()), keeps=True)
    return chosen


def _column(label: str, names: Any, guess: str, key: str) -> str:
    if st.session_state.get(key) not in names:  # nothing yet, or a column of another sheet
        st.session_state[key] = guess if guess in names else names[0]
    chosen: str = st.selectbox(label, names, format_func=plain, key=key)
    return chosen


def _sizes() -> dict[str, Any]:
    length = st.selectbox(
        "Length",
        [None, *_LENGTHS_ON_OFFER],
        format_func=lambda one: f"The first {one:,} words" if one else _FITTING,
        key="dataset_length",
        help="Longer texts are cut after so many words, and shorter ones are filled up. Longer ones take more time to train.",
    )
    most = st.selectbox(
        "Known words",
        _NUMBERS_OF_WORDS,
        _NUMBERS_OF_WORDS.index(vocabulary.DEFAULT_WORDS),
        format_func=lambda one: f"At most {one:,}",
        key="dataset_max_words",
        help="The most frequent words of the training texts, each of them there twice at least. All others are one to a model.",
    )
    return {"length": length, "max_words": most}


def tab(title: str, viewer: User | None, version: DatasetVersion, data: DataSpec) -> None:
    """Draw the texts, their words, or how long they are."""
    first = {_TEXTS: lambda: rows.show(version, data, _LETTERS_OF_ROWS, (data.input["text"], data.target["name"]))}
    shown = {
        _WORDS: lambda profile: explored.frequent(profile, data),
        _LENGTHS: lambda profile: explored.lengths(version, profile, data),
    }
    shared.tab(title, viewer, version, first, shown)


def mistakes(viewer: User | None, run: Run) -> None:
    """Draw the texts about which the model is most wrong, the worst first."""
    shared.mistakes(run, "texts", lambda rows: exploring.some_rows(viewer, run.dataset_version_id, rows), _draw_mistakes)


def _draw_mistakes(data: DataSpec, shown: list[tuple[tuple[dict[str, Any], Any], dict[str, Any]]]) -> None:
    task, name = require_view(data.task), data.input["text"]
    head = [table.Column("Text", name=True), table.Column("True label"), *(table.Column(title) for title in task.COLUMNS)]
    lines = [
        [cell(row[name], _LETTERS_OF_ROWS), task.caption(truth, data), *task.cells(answer, data)]
        for (row, truth), answer in shown
    ]
    table.show(head, lines)


def take_input(viewer: User | None, data: DataSpec, dataset_version_id: int | None) -> Given | None:
    """Take one text that is typed, or that the model learned from, or a file of texts."""
    ways = ["One text", "File"]
    kept = address.kept(WAY, ways[0], address.one_of(ways), "predict")
    way = st.segmented_control("How", ways, required=True, label_visibility="collapsed", **kept)
    said = f"A table with the texts in the column {data.input['text']}, or one text as .txt."
    return given_file.take(data, said) if way == ways[1] else _one_text(viewer, data, dataset_version_id)


def _one_text(viewer: User | None, data: DataSpec, dataset_version_id: int | None) -> Given | None:
    """Take a text from a field, which may begin with a training text."""
    number = example_number(data.num_train, str(dataset_version_id)) if dataset_version_id else None
    page = None
    if dataset_version_id and number:
        page = example_service.first_rows(viewer, dataset_version_id, number - 1, 1, raw=True)
    start = str(page.rows[0][data.input["text"]])[:MAX_LETTERS] if page and page.rows else ""
    with st.form(f"text_form_{dataset_version_id}_{number}", border=False):  # so that a phone has a button to send it with
        text = st.text_area("Your text", start, height=180, max_chars=MAX_LETTERS, placeholder="Type or paste a text")
        st.form_submit_button("Predict", type="primary")
    if not text.strip():
        return None
    truth = page.truths[0] if page and page.truths and text == start else None
    return Given((text,), ("Your text",), truth)
