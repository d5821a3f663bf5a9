"""Bringing a model along: send a file or paste text, see what was read of it and what was not, make a model of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from mhub_core.accounts.records import User
from mhub_core.graphs import walk
from mhub_core.reading import apart, read
from mhub_core.reading.records import Note, Reading, Unreadable
from mhub_core.storage import uploads
from mhub_core.ui import table
from mhub_core.ui.builder import create
from mhub_core.ui.dataset_words import counted
from mhub_core.ui.errors import errors_shown, show_error
from mhub_core.ui.login import require_login
from mhub_core.ui.page import plain
from mhub_core.ui.upload import uploader

FILE, TEXT = "Upload a file", "Paste text"
_HINT = "Drop a .keras, .json, .py or .ipynb file here, or"
_EXAMPLE = "import keras\nfrom keras import layers\n\nmodel = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), ..."
_MOST_CHARACTERS = 1_000_000
_FIRST_LAYERS, _FIRST_NOTES = 8, 6
_LAST = "bring_last"  # in the session state: what was read last, and what came of it


def draw(viewer: User | None) -> None:
    """Draw the whole way from a file or a text to a model."""
    st.caption(
        "Import a Keras model made elsewhere: a saved model, its JSON, or the script that builds it. The "
        "file is only read; no code in it is run."
    )
    way = st.radio("How", (FILE, TEXT), horizontal=True, key="bring_way", label_visibility="collapsed")
    (_from_file if way == FILE else _from_text)(viewer)


def _from_file(viewer: User | None) -> None:
    if viewer is None:
        if st.button("Sign in to upload a file", key="bring_sign_in"):
            require_login("Sign in to import a model.")
        return
    receipt = uploader("bring_upload", hint=_HINT, accept=",".join(read.KINDS))
    if not receipt:
        return
    with errors_shown():
        upload = uploads.unseal(viewer.id, receipt)
        path = uploads.require_file(upload)
        found = _once(receipt, lambda: apart.read_file(upload.file_name, path))
        if isinstance(found, Reading):
            _form(viewer, found, receipt[-12:])
        else:
            _refused(found, _beginning(path) if upload.file_name.lower().endswith((".py", ".json")) else "")


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MOST_CHARACTERS).decode("utf-8", "replace")


def _from_text(viewer: User | None) -> None:
    text = st.text_area(
        "A Python script, or the output of model.to_json()",
        key="bring_text",
        height=220,
        max_chars=_MOST_CHARACTERS,
        placeholder=_EXAMPLE,
    )
    st.button("Read", key="bring_read")  # Leaving the field reads it too; the button is what people look for.
    if not text.strip():
        return
    with errors_shown():
        found = _once(text, lambda: apart.read_text(text))
        if isinstance(found, Reading):
            _form(viewer, found, "text")
        else:
            _refused(found, text)


def _once(source: str, read_it: Callable[[], Reading]) -> Reading | Unreadable:
    """Return what reading gives, also why it gave nothing, without reading the same again at the next click."""
    key = hashlib.sha256(source.encode("utf-8", "replace")).digest()
    last = st.session_state.get(_LAST)
    if last is None or last[0] != key:
        with st.spinner("Looking for the model in it: layers, connections and settings …"):
            try:
                found: Reading | Unreadable = read_it()
            except Unreadable as error:
                found = error
        last = st.session_state[_LAST] = (key, found)
    return last[1]


def _refused(error: Unreadable, text: str) -> None:
    """Show why, and the line itself."""
    show_error(error)
    lines = text.splitlines()
    if error.line and 0 < error.line <= len(lines):
        st.code(f"{error.line}: {lines[error.line - 1][:300]}", language=None, wrap_lines=True)


def _form(viewer: User | None, reading: Reading, key: str) -> None:
    """Draw what was read, and the way to make a model of it."""
    _preview(reading)
    _notes(reading.notes)
    create.make(viewer, reading.name, lambda: reading.graph, "bring", key)


def _preview(reading: Reading) -> None:
    nodes = reading.graph["nodes"]
    inside = sum(node["class"] == walk.SUB_MODEL for node in nodes)
    facts = [
        counted(len(nodes), "layer"),
        counted(len(reading.graph["edges"]), "connection"),
        counted(len(walk.inputs(reading.graph)), "input"),
        counted(len(walk.ends(reading.graph)), "output"),
        *([counted(inside, "sub-model", "sub-models")] if inside else []),
    ]
    st.write(f"**{plain(reading.name)}** contains {', '.join(facts)}.")
    rows = [[node["name"], node["class"]] for node in nodes[:_FIRST_LAYERS]]
    more = len(nodes) - len(rows)
    table.show([table.Column("Layer"), table.Column("Class")], rows)
    if more:
        st.caption(f"… and {counted(more, 'more layer')}.")


def _notes(notes: tuple[Note, ...]) -> None:
    if not notes:
        return
    label = f"{counted(len(notes), 'note')}: what was changed or left out"
    with st.expander(label, expanded=len(notes) <= _FIRST_NOTES, key="bring_notes"):
        rows = [["" if note.line is None else str(note.line), note.words] for note in notes]
        table.show([table.Column("Line", number=True), table.Column("Note")], rows)
