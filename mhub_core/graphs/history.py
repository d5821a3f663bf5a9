"""Undo and redo: two stacks of designs in one plain JSON-able dict, so that it can lie in a session or a database."""

from __future__ import annotations

from typing import Any

from mhub_core.graphs.walk import Graph

History = dict[str, Any]
DEEPEST = 500  # Steps kept; far more than anybody goes back, and a bound on memory.


def new() -> History:
    """Return an empty history."""
    return {"undo": [], "redo": []}


def push(history: History, before: Graph) -> History:
    """Remember the design as it was before a change. What was undone can no longer be redone."""
    return {"undo": [*history["undo"], before][-DEEPEST:], "redo": []}


def undo(history: History, now: Graph) -> tuple[History, Graph]:
    """Return the history and the design one change ago; the same design when there is none."""
    if not history["undo"]:
        return history, now
    *rest, before = history["undo"]
    return {"undo": rest, "redo": [*history["redo"], now]}, before


def redo(history: History, now: Graph) -> tuple[History, Graph]:
    """Return the history and the design as it was before the last undo; the same design when there is none."""
    if not history["redo"]:
        return history, now
    *rest, after = history["redo"]
    return {"undo": [*history["undo"], now], "redo": rest}, after
