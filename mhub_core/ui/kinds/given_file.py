"""A file that is given to a model: taken, opened in the sandbox as uploads are, with the guesses by which it was read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import streamlit as st

from mhub_core.data.records import DataSpec
from mhub_core.evaluation import child
from mhub_core.kinds.kind import Opened
from mhub_core.kinds.registry import require_kind
from mhub_core.ui import reading
from mhub_core.ui.kinds.view import Given
from mhub_core.ui.page import plain

_MAX_MB = 10
_NAMED = 12
_KEPT = "given_file"  # in the session state: what was opened last, and by which choices


def endings(data: DataSpec) -> list[str]:
    """Return the endings of files that hold examples, as the field for uploads takes them."""
    return [ending.removeprefix(".") for ending in require_kind(data.kind).asked_endings]


def few(names: Iterable[str]) -> str:
    """Return some names, the first of them."""
    first = list(islice(names, _NAMED + 1))
    return ", ".join(first[:_NAMED]) + (" ..." if len(first) > _NAMED else "")


def take(data: DataSpec, words: str) -> Given | None:
    """Take a file of examples. `words` say what must stand in it."""
    file = st.file_uploader("Your file", endings(data), max_upload_size=_MAX_MB, key="predict_file")
    st.caption(plain(words))
    return read(data, file) if file is not None else None


def read(data: DataSpec, file: Any) -> Given:
    """Open a file, draw how it was read and what has to be said, and return its examples. Raises Invalid or TooLarge."""
    receipt = f"given {file.file_id}"
    found, problem = reading.read(receipt, lambda chosen: _opened(data, file, chosen))
    if found.notes:
        st.warning("\n".join(f"- {plain(note)}" for note in found.notes) if len(found.notes) > 1 else plain(found.notes[0]))
    reading.draw(receipt, found.options, False, problem)
    return Given(tuple(found.examples), tuple(found.names), shown=tuple(found.shown))


def together(given: Sequence[Given]) -> Given:
    """Return all examples of several files."""
    examples = tuple(example for one in given for example in one.examples)
    return Given(examples, tuple(name for one in given for name in one.names))


def _opened(data: DataSpec, file: Any, chosen: dict[str, Any]) -> Opened:
    """Open a file once for each choice, not whenever the page is drawn."""
    which = (file.file_id, json.dumps(chosen, sort_keys=True), hash(json.dumps(data.to_json(), default=str)))
    kept = st.session_state.get(_KEPT)
    if kept is None or kept[0] != which:
        with st.spinner("Reading the file ..."):
            kept = st.session_state[_KEPT] = (which, child.open_file(data, file.name, file.getvalue(), chosen))
    found: Opened = kept[1]
    return found
