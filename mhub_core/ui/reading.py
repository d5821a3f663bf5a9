"""How an upload was read: every guess about it with a field to change it, and the way back when a choice does not fit.

The session state holds what a person changed of an upload, step by step; the preview is read again with the last step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from zlib import crc32

import streamlit as st

from mhub_core.data.records import Option
from mhub_core.errors import Invalid, MHubError, TooLarge
from mhub_core.kinds.registry import KIND
from mhub_core.ui.errors import show_error
from mhub_core.ui.page import opened

_STEPS = "upload_reading"  # in the session state: receipt -> what was chosen, after each change
_WHICH_PART = (
    "file",
    "sheet",
    "rows",
    "kind",
)  # options that choose another table: what was chosen of the one before is forgotten
COLUMNS = "columns"
_IN_A_LINE = 3
Chosen = dict[str, Any]
Found = TypeVar("Found")


def chosen(receipt: str) -> Chosen:
    """Return what a person changed of the guesses about an upload, as `datasets.service.inspect_upload` takes it."""
    return _steps(receipt)[-1]


def choose(receipt: str, name: str, value: Any) -> None:
    """Note a choice. One of another table forgets those of the table before."""
    before = {} if name in _WHICH_PART else chosen(receipt)
    kept = {part: held for part, held in chosen(receipt).items() if part in _WHICH_PART}
    st.session_state[_STEPS] = {receipt: [*_steps(receipt), {**kept, **before, name: value}]}


def _undo(receipt: str) -> None:
    st.session_state[_STEPS] = {receipt: _steps(receipt)[:-1] or [{}]}


def _steps(receipt: str) -> list[Chosen]:
    steps: list[Chosen] = st.session_state.get(_STEPS, {}).get(receipt, [{}])
    return steps


def read(receipt: str, look: Callable[[Chosen], Found]) -> tuple[Found, MHubError | None]:
    """Return the preview of a file as was chosen. Where a choice does not fit, the last preview that did, and why.

    Raises what `look` raises of an upload of which nothing was chosen.
    """
    steps = _steps(receipt)
    problem: MHubError | None = None
    for step in reversed(steps[1:]):
        try:
            return look(step), problem
        except (Invalid, TooLarge) as error:
            problem = problem or error
    return look(steps[0]), problem


def draw(receipt: str, options: Sequence[Option], has_warnings: bool, problem: MHubError | None) -> None:
    """Draw what one example is, and a field for each other guess, in a part that is open when there is something to look at;
    below it why a choice does not fit, and the way back."""
    kind = [option for option in options if option.name == KIND]
    for option in kind:
        _field(receipt, option)
    if others := [option for option in options if option not in kind]:
        _draw_fields(receipt, others, has_warnings)
    if problem:
        show_error(problem)
        st.button("Undo the last change", key="reading_undo", on_click=_undo, args=(receipt,))


def _draw_fields(receipt: str, options: Sequence[Option], has_warnings: bool) -> None:
    def fields() -> None:
        for first in range(0, len(options), _IN_A_LINE):  # line by line, so that a phone shows them in order
            line = options[first : first + _IN_A_LINE]
            for option, place in zip(line, st.columns(_IN_A_LINE, vertical_alignment="bottom"), strict=False):
                with place:
                    _field(receipt, option)
        if len(_steps(receipt)) > 1:
            st.button("Back to what was guessed", key="reading_reset", on_click=st.session_state.pop, args=(_STEPS, None))

    in_doubt = has_warnings or any(option.name in _WHICH_PART for option in options)
    opened("How the file was read", f"reading_{crc32(receipt.encode())}", fields, expanded=in_doubt, keeps=True)


def _field(receipt: str, option: Option) -> None:
    """Draw one guess. Its field always shows what the preview was read with, or what does not fit."""
    key = f"reading_{option.name}"
    value = st.session_state[key] = chosen(receipt).get(option.name, option.value)

    def change() -> None:
        choose(receipt, option.name, st.session_state[key])

    kept: dict[str, Any] = {"key": key, "help": option.help or None, "on_change": change}
    if option.choices:
        words = dict(option.choices)
        st.selectbox(option.label, list(words), format_func=lambda one: words.get(one, str(one)), **kept)
    elif isinstance(value, bool):
        st.checkbox(option.label, **kept)
    elif isinstance(value, int):
        st.number_input(option.label, min_value=0, step=1, **kept)
    else:
        st.text_input(option.label, max_chars=1_000, **kept)
