"""What a person chose on a page stands in its address, so that Back, a reload and a link sent to somebody show the same.

An address may hold anything: each value is read by a function that returns None for what cannot be chosen, and then counts for
nothing. A value that equals the default is left out.

The browser learns what was written into the address a moment later, and names the old one when something else is done within
that moment, such as a click on a button right after a number was typed. `said` tells that apart from an address that changed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

Value = TypeVar("Value")
MAX_LETTERS = 200
_MAX_LIST = 2000  # letters
_WRITTEN = "written_into_address"  # in the session state: page, name -> what was written, what stood there before, and when
_SHOWN = "address_shown"  # in the session state: the page and its query, as they were when the page was drawn last
_MOMENT = 5.0  # seconds in which a browser may still name what stood there before


def kept(
    name: str, default: Value, read: Callable[[str], Value | None], scope: str = "", then: Callable[[], None] | None = None
) -> dict[str, Any]:
    """Return `key` and `on_change` of a widget whose value is kept in the address as `?name=`. The widget takes no default.

    `scope` begins its key. `then` is called after a change by hand.
    """
    key = f"{scope}_{name}"
    now = value(name, default, read)
    if key not in st.session_state or st.session_state[key] != now:
        st.session_state[key] = now

    def changed() -> None:
        put(name, st.session_state[key], default)
        if then:
            then()

    return {"key": key, "on_change": changed}


def value(name: str, default: Value, read: Callable[[str], Value | None]) -> Value:
    """Return what the address says under a name, or the default."""
    text = said(name)
    found = read(text) if text else None
    return default if found is None else found


def put(name: str, chosen: object, default: object = None) -> None:
    """Write what was chosen into the address, or take it out when it is the default or nothing."""
    _write(name, "" if chosen is None or chosen == default else _text(chosen))


def forget(*names: str) -> None:
    """Take choices out of the address: their widgets go back to the defaults."""
    for name in names:
        _write(name, "")


def said(name: str) -> str:
    """Return what the address holds under a name, or an empty text."""
    now: str = st.query_params.get(name, "")
    last = _written().get(name)
    if last is None or now == last["text"] or now not in last["before"] or time.time() - last["at"] > _MOMENT or _went_back():
        return now
    _set(name, last["text"])
    return str(last["text"])


def names() -> list[str]:
    """Return under which names the address holds something."""
    return list(st.query_params)


def follow_link() -> None:
    """Have the browser show the query of a link that led from a page to itself, which it does not do alone. Once a run, first."""
    for name in _written():
        said(name)
    context, now = get_script_run_ctx(), st.query_params.to_dict()
    page = context.page_script_hash if context else ""
    last = st.session_state.get(_SHOWN)
    if last is not None and last[0] == page and last[1] != now:
        st.query_params.from_dict(now)
    st.session_state[_SHOWN] = [page, now]


def _write(name: str, text: str) -> None:
    now, written = said(name), _written()
    if text == now:
        return
    last = written.get(name)
    before = last["before"] if last and time.time() - last["at"] < _MOMENT else []
    written[name] = {"text": text, "before": [*before[-10:], now], "at": time.time()}
    _set(name, text)


def _set(name: str, text: str) -> None:
    if text:
        st.query_params[name] = text
    else:
        st.query_params.pop(name, None)


def _written() -> dict[str, Any]:
    """Return what was written into the address of this page."""
    context = get_script_run_ctx()
    page = context.page_script_hash if context else ""
    kept_of: dict[str, Any] = st.session_state.setdefault(_WRITTEN, {})
    if kept_of.get("page") != page:
        kept_of.clear()
        kept_of.update(page=page, names={})
    names: dict[str, Any] = kept_of["names"]
    return names


def _went_back() -> bool:
    """Tell whether the browser went back or forward, so that the address is what counts."""
    context = get_script_run_ctx()
    return bool(context and context.is_history_navigation)


def _text(chosen: object) -> str:
    if isinstance(chosen, list):  # of things that a reader knows, so that it does not grow without bounds
        return ",".join(map(str, chosen))
    return str(int(chosen) if isinstance(chosen, bool) else chosen)[:MAX_LETTERS]


def one_of(options: Iterable[Value]) -> Callable[[str], Value | None]:
    """Return a reader that knows these options alone."""
    by_text = {_text(option): option for option in options}
    return by_text.get


def several(read: Callable[[str], Value | None]) -> Callable[[str], list[Value] | None]:
    """Return a reader of what commas separate, each once; what `read` does not know counts for nothing."""

    def read_all(text: str) -> list[Value] | None:
        parts = text[:_MAX_LIST].split(",")
        return list(dict.fromkeys(found for part in parts if (found := read(part)) is not None)) or None

    return read_all


def day(text: str) -> date | None:
    """Read a day, written as 2026-11-30."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def whole_number(least: int, most: int) -> Callable[[str], int | None]:
    """Return a reader of whole numbers within bounds."""

    def read(text: str) -> int | None:
        number = int(text) if text.isascii() and text.removeprefix("-").isdigit() and len(text) < 20 else None
        return number if number is not None and least <= number <= most else None

    return read


def ids(text: str) -> list[int]:
    """Read ids separated by commas, each once; what is none counts for nothing."""
    read = whole_number(1, 2**31 - 1)
    return list(dict.fromkeys(found for part in text.split(",") if (found := read(part)) is not None))


def number(text: str) -> float | None:
    """Read a finite number."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def flag(text: str) -> bool | None:
    """Read a yes or no, written as 1 and 0."""
    return {"1": True, "0": False}.get(text)


def words(text: str) -> str:
    """Read a short text, such as the words of a search."""
    return "".join(letter for letter in text if letter.isprintable())[:MAX_LETTERS]
