"""Rows of a table that are ticked, and the bar of what can be done with them.

The boxes stand in the table (`table.Tick`). The browser counts them; the page is run only when something is to be done.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import asdict, dataclass
from functools import cache

import streamlit as st

from mhub_core import settings
from mhub_core.accounts.records import User
from mhub_core.runs import line_service
from mhub_core.runs.compare_service import MAX_RUNS
from mhub_core.ui.page import go

_HTML = """
<div role="toolbar" aria-label="Ticked rows"><span data-part="words" role="status"></span><span data-part="buttons"></span></div>
"""


@dataclass(frozen=True)
class Action:
    """A button of the bar, for `least` to `most` ticked rows."""

    name: str
    label: str
    least: int = 1
    most: int = 200


COMPARE = Action("compare", "Compare", 2, MAX_RUNS)


def compare(viewer: User | None, run_ids: Sequence[int]) -> None:
    """Leave for the page that puts these runs beside each other, and with them those that stand in their lines."""
    members = line_service.list_members(viewer, run_ids)
    wanted = members if len(members) <= MAX_RUNS else run_ids
    go("Compare", runs=",".join(map(str, wanted)))


def bar(key: str, actions: Sequence[Action], hint: str, known: Container[int]) -> tuple[str, list[int]] | None:
    """Draw the bar; return which action was asked for, and with which of the `known` rows. None: nothing just now."""
    draw = st.components.v2.component("mhub_ticks", html=_HTML, css=_read("ticks.css"), js=_read("ticks.js"))
    told = draw(data={"actions": [asdict(action) for action in actions], "hint": hint}, key=key, on_asked_change=lambda: None)
    return _asked(getattr(told, "asked", None), actions, known)


def _asked(told: object, actions: Sequence[Action], known: Container[int]) -> tuple[str, list[int]] | None:
    """Read what a browser sent, which may be anything."""
    name, ids = (told.get("action"), told.get("ids")) if isinstance(told, dict) else (None, None)
    action = next((one for one in actions if one.name == name), None)
    if action is None or not isinstance(ids, list):
        return None
    ticked = list(dict.fromkeys(one for one in ids if type(one) is int and one in known))
    return (action.name, ticked) if action.least <= len(ticked) <= action.most else None


@cache
def _read(name: str) -> str:
    return (settings.ROOT / "static" / name).read_text(encoding="utf-8")
