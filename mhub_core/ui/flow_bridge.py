"""What the diagram's component cannot do by itself: dragging from the palette, choosing several layers, and the keyboard.

A small script in the page watches the component's frame and sends one message for each thing that a person did. A message is
hostile until `read` has checked it: ids must exist, actions are of a fixed list, positions are numbers, a class is in the
catalogue. A message carries a number; the page is told the number that was heard last, and only then sends the next one, so that
fast typing loses nothing and nothing counts twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from mhub_core import settings
from mhub_core.catalog import catalog
from mhub_core.graphs import design
from mhub_core.graphs.walk import Graph
from mhub_core.ui import flow_look

ACTIONS = frozenset({"undo", "redo", "copy", "cut", "paste", "duplicate", "delete", "select_all"})
Position = list[float]
Fit = bool | str  # True: all of the diagram if that can be read, else a part; WHOLE: all in any case; the id of a layer: that one
WHOLE = "whole"
MARK = "mhub-look-"  # the class of a mark in the diagram, with the number of the look that its content is for
MOST_NUMBER = 10**15
_EDGE = re.compile(r"(n[0-9]{1,6})-(n[0-9]{1,6})\Z")
_SCRIPT = settings.ROOT / "static" / "flow_bridge.js"


@dataclass(frozen=True)
class Drop:
    """A block that was dragged from the palette into the diagram. `on_node` or `on_edge` is what lay under it, if anything."""

    class_name: str
    position: Position
    on_node: str | None = None
    on_edge: tuple[str, str] | None = None


@dataclass(frozen=True)
class Gesture:
    """One thing that a person did. Ids are of nodes that exist. `chosen` is None when the choice did not change."""

    chosen: tuple[str, ...] | None = None
    dropped: Drop | None = None
    action: str | None = None
    added: str | None = None
    opened: str | None = None
    moved: dict[str, Position] = field(default_factory=dict)


def listen(key: str, graph: Graph, *, chosen: list[str], connection: bool, editable: bool, fit: Fit) -> None:
    """Put the script into the page. `chosen`: the layers that the desk holds for chosen; `connection`: one is selected.

    `fit`: what is to be seen, once the diagram holds what is drawn next.
    """
    component = st.components.v2.component("mhub_flow_bridge", js=_SCRIPT.read_text())
    if fit:
        st.session_state[_looks_key(key)] = looks(key) + 1
    look = {"number": looks(key), "id": _wanted(graph, chosen, fit), "whole": fit == WHOLE}
    data = {"heard": _heard(key), "chosen": sorted(chosen), "connection": connection, "editable": editable, "look": look}
    component(key=_key(key), data=data, on_gesture_change=lambda: None)


def looks(key: str) -> int:
    """Count how often the view was to be set, so that the page does it once each time."""
    return int(st.session_state.get(_looks_key(key), 0))


def _looks_key(key: str) -> str:
    return f"{_key(key)}_looks"


def _wanted(graph: Graph, chosen: list[str], fit: Fit) -> str | None:
    """Return the layer that is to be seen, or None for all of the diagram."""
    if isinstance(fit, str) and fit != WHOLE:
        return fit
    if fit == WHOLE or flow_look.is_readable(graph):  # what a phone cannot show so, the script sees
        return None
    top = min(graph["nodes"], key=lambda node: node["position"][1], default={"id": None})
    return chosen[0] if len(chosen) == 1 else top["id"]


def next_gesture(graph: Graph, key: str) -> Gesture | None:
    """Return what was done since the last call, or None."""
    told = st.session_state.get(_key(key))
    value = told.get("gesture") if isinstance(told, dict) else None
    if not isinstance(value, dict):
        return None
    number = value.get("number")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < MOST_NUMBER or number == _heard(key):
        return None
    st.session_state[f"{_key(key)}_heard"] = number
    return read(value, graph)


def _key(key: str) -> str:
    return f"{key}_bridge"


def _heard(key: str) -> int:
    return int(st.session_state.get(f"{_key(key)}_heard", 0))


def read(value: dict[str, Any], graph: Graph) -> Gesture | None:
    """Return what a message of the page tells, or None when nothing in it holds."""
    ids = {node["id"] for node in graph["nodes"]}
    action, opened = value.get("action"), value.get("opened")
    gesture = Gesture(
        chosen=_chosen(value.get("chosen"), ids),
        dropped=_drop(value.get("dropped"), graph, ids),
        action=action if isinstance(action, str) and action in ACTIONS else None,
        added=_first_hit(value.get("words")),
        opened=opened if isinstance(opened, str) and opened in ids else None,
        moved=_moved(value.get("moved"), ids),
    )
    return gesture if gesture != Gesture() else None


def _chosen(value: Any, ids: set[str]) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    known = [node_id for node_id in value[: design.MOST_NODES] if isinstance(node_id, str) and node_id in ids]
    return tuple(dict.fromkeys(known))


def _drop(value: Any, graph: Graph, ids: set[str]) -> Drop | None:
    if not isinstance(value, dict) or not design.is_position(value.get("position")):
        return None
    name = value.get("class_name")
    if not isinstance(name, str) or len(name) > catalog.LONGEST_SEARCH:
        return None
    node, edge = value.get("on_node"), value.get("on_edge")
    return Drop(
        name,
        [float(number) for number in value["position"]],
        node if isinstance(node, str) and node in ids else None,
        _pair(edge, graph),
    )


def _pair(value: Any, graph: Graph) -> tuple[str, str] | None:
    match = _EDGE.match(value) if isinstance(value, str) else None
    pairs = {(edge["source"], edge["target"]) for edge in graph["edges"]}
    return (match[1], match[2]) if match and match.groups() in pairs else None


def _first_hit(words: Any) -> str | None:
    """Return the class that a search finds first and that can stand in a diagram."""
    if not isinstance(words, str) or not words.strip():
        return None
    found = catalog.search(words)
    return next((block.name for block in found if not block.no_form and block.role != "part"), None)


def _moved(value: Any, ids: set[str]) -> dict[str, Position]:
    places = value.items() if isinstance(value, dict) else ()
    return {
        node_id: [float(number) for number in place] for node_id, place in places if node_id in ids and design.is_position(place)
    }
