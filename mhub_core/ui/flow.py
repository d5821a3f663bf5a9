"""Draws a design as a diagram and tells what a person did in it: the one place that knows streamlit-flow.

The design is the only truth. `flow_look` composes what the component shows; of what it sends back only ids, positions and
connections are read, and all of it is taken for hostile. `flow_bridge` adds what the component does not tell.

Two clocks: the component takes over new content only when its time stamp is not older than the last one that the browser made,
and it answers every new content with two events. So content is stamped with the browser's own last time stamp plus one, and only
when it differs from what the browser has; and each content carries a revision, so that an answer to an older one is told apart.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v1 import declare_component

from mhub_core.graphs import design
from mhub_core.graphs.walk import Graph
from mhub_core.ui import flow_bridge, flow_look
from mhub_core.ui.flow_bridge import Drop
from mhub_core.ui.flow_look import fact_of, fact_words

__all__ = [
    "Drop",
    "GraphEvent",
    "draw",
    "fact_of",
    "fact_words",
    "next_event",
]  # the words come along: whoever draws needs them

Memory = dict[str, Any]
Position = list[float]
MOST_STAMP = 10**15
_DRAWN = re.compile(r"st-flow-edge_(n[0-9]{1,6})-(n[0-9]{1,6})\Z")

# The front end of the package, used directly: its Python half fails on values that a browser made up.
_PACKAGE = importlib.util.find_spec("streamlit_flow")


@cache
def _component() -> Any:
    """Declare the component when a page first draws it: declared while nobody looks at a page, Streamlit does not serve it."""
    return declare_component("diagram", path=Path(str(_PACKAGE and _PACKAGE.origin)).parent / "frontend" / "build")


@dataclass(frozen=True)
class GraphEvent:
    """What a person did in the diagram. Ids are of nodes that exist; everything else is still to be checked by `edit`."""

    selected: str | None = None
    edge: tuple[str, str] | None = None
    connected: tuple[tuple[str, str], ...] = ()
    moved: dict[str, Position] = field(default_factory=dict)
    chosen: tuple[str, ...] | None = None
    dropped: Drop | None = None
    added: str | None = None
    opened: str | None = None
    action: str | None = None


def next_event(graph: Graph, key: str) -> GraphEvent | None:
    """Return what was done in the diagram since the last call, or None. Call it before anything of the run is drawn."""
    memory = st.session_state.setdefault(_memory_key(key), fresh_memory())
    if key in st.session_state:
        event = read_event(st.session_state[key], memory, graph)
    else:  # The diagram was not on screen: the browser will make a new one, whose clock is not known yet.
        memory.update(fresh_memory())
        event = None
    gesture = flow_bridge.next_gesture(graph, key)
    return with_gesture(event or GraphEvent(), gesture, memory) if gesture else event


def with_gesture(event: GraphEvent, gesture: flow_bridge.Gesture, memory: Memory) -> GraphEvent:
    """Add what the bridge told to what the component told, and note what the browser shows already."""
    memory["places"].update(gesture.moved)
    if gesture.chosen is not None:
        memory["chosen"] = sorted(gesture.chosen)
    told = {name: value for name, value in vars(gesture).items() if name != "moved"}
    return replace(event, moved=event.moved | gesture.moved, **told)


def draw(graph: Graph, facts: dict[str, Any] | None, *, key: str, chosen: list[str], editable: bool, height: int = 620) -> None:
    """Draw the diagram. `facts` as from `graphs.service.facts`, None while they are awaited."""
    memory = st.session_state.setdefault(_memory_key(key), fresh_memory())
    nodes, edges = flow_look.nodes(graph, facts, chosen, editable), flow_look.edges(graph)
    look = flow_bridge.looks(key)
    memory.update(look=look, again=memory["again"] or look != memory["look"])
    remember_shown(memory, nodes, edges, flow_look.is_readable(graph))
    first = f"<style>{flow_look.STYLE}</style><i class='{flow_bridge.MARK}{look}'></i>"
    for number, node in enumerate(nodes):
        node["selected"] = node["id"] in memory["sent"]
        node["data"]["revision"] = memory["revision"]
        node["data"]["content"] = ("" if number else first) + node["data"]["content"]
    _component()(
        component="streamlit_flow",
        key=key,
        nodes=nodes,
        edges=edges,
        timestamp=memory["stamp"],
        height=height,
        fitView=memory["fit"],
        style={"background": "#ffffff"},
        showControls=True,
        showMiniMap=False,
        allowNewEdges=editable,
        animateNewEdges=False,
        layoutOptions={"elkOptions": {"elk.algorithm": "org.eclipse.elk.fixed"}},
        getNodeOnClick=True,
        getEdgeOnClick=editable,
        panOnDrag=True,
        allowZoom=True,
        minZoom=0.02,
        enablePaneMenu=False,
        enableNodeMenu=False,
        enableEdgeMenu=False,
        hideWatermark=False,
        default=None,
    )


def _memory_key(key: str) -> str:
    return f"{key}_memory"


def fresh_memory() -> Memory:
    """Return what is known of a browser that has shown nothing yet. Plain JSON, for the session."""
    return {
        "revision": 0,
        "stamp": 1,
        "heard": 0,
        "fit": True,
        "shown": "",
        "places": {},
        "chosen": [],
        "sent": [],
        "again": True,
    }


def remember_shown(memory: Memory, nodes: list[Any], edges: list[Any], readable: bool = True) -> None:
    """Decide whether the browser must take over new content, and stamp it then. A new diagram is shown whole if readable.

    What the browser shows as chosen need not be told again: `sent` stays as it was, so that the same message is not sent twice.
    """
    places = {node["id"]: [node["position"]["x"], node["position"]["y"]] for node in nodes}
    chosen = sorted(node["id"] for node in nodes if node["selected"])
    bare = [{**node, "position": None, "selected": None} for node in nodes]
    shown = hashlib.sha256(json.dumps([bare, edges]).encode()).hexdigest()
    has = (memory["shown"], memory["places"], memory["chosen"])
    if has == (shown, places, chosen) and not memory["again"]:
        return
    first = memory["revision"] == 0
    memory.update(shown=shown, places=places, chosen=chosen, sent=chosen, again=False, fit=first and readable)
    memory.update(
        revision=memory["revision"] + 1, stamp=memory["heard"] + 1, pairs=[[edge["source"], edge["target"]] for edge in edges]
    )


def read_event(value: Any, memory: Memory, graph: Graph) -> GraphEvent | None:
    """Return what a value of the component tells, or None when it is old, an echo or made up. Changes the memory."""
    stamp = value.get("timestamp") if isinstance(value, dict) else None
    if not isinstance(stamp, int) or isinstance(stamp, bool) or not 0 < stamp < MOST_STAMP or stamp == memory["heard"]:
        return None
    memory["heard"] = stamp
    ids = {node["id"] for node in graph["nodes"]}
    chosen = value.get("selectedId")
    selected = chosen if isinstance(chosen, str) and chosen in ids else None
    shown = _dicts(value.get("nodes"))
    reported = [node for node in shown if node["id"] in ids]
    if bool(reported) != bool(ids) or any(_revision(node) != memory["revision"] for node in shown):
        # An answer to older content: its positions and connections no longer hold, and the newer may have been passed over.
        memory["again"] = True
        return GraphEvent(selected=selected) if selected else None
    if selected and selected not in memory["chosen"]:
        memory["chosen"] = [selected]
    event = GraphEvent(selected, _chosen_edge(chosen, graph), _new_pairs(value, memory, ids), _moved(reported, memory))
    return event if event != GraphEvent() else None


def _dicts(value: Any) -> list[dict[str, Any]]:
    found = value[: design.MOST_EDGES] if isinstance(value, list) else []
    return [item for item in found if isinstance(item, dict) and isinstance(item.get("id"), str)]


def _revision(node: dict[str, Any]) -> Any:
    data = node.get("data")
    return data.get("revision") if isinstance(data, dict) else None


def _moved(reported: list[dict[str, Any]], memory: Memory) -> dict[str, Position]:
    moved = {}
    for node in reported:
        position = node.get("position")
        place = [position.get("x"), position.get("y")] if isinstance(position, dict) else None
        if design.is_position(place) and _is_elsewhere(place, memory["places"].get(node["id"])):
            moved[node["id"]] = [float(number) for number in place]
    memory["places"].update(moved)
    return moved


def _is_elsewhere(place: Any, known: Position | None) -> bool:
    """Tell whether two places differ by more than what a browser rounds."""
    return known is None or any(abs(number - other) > 0.5 for number, other in zip(place, known))


def _new_pairs(value: dict[str, Any], memory: Memory, ids: set[str]) -> tuple[tuple[str, str], ...]:
    found = {(str(edge["source"]), str(edge["target"])) for edge in _dicts(value.get("edges")) if _ends(edge, ids)}
    new = found - {(source, target) for source, target in memory["pairs"]}
    # A second line of a pair is not in the list, but the component names it as what was clicked.
    match = _DRAWN.match(value["selectedId"]) if isinstance(value.get("selectedId"), str) else None
    if match and ids.issuperset(match.groups()):
        new.add((match[1], match[2]))
    # The browser has drawn it already; the next content shows what became of it, also when it was refused.
    memory["again"] = memory["again"] or bool(new)
    return tuple(sorted(new))


def _ends(edge: dict[str, Any], ids: set[str]) -> bool:
    ends = (edge.get("source"), edge.get("target"))
    return all(isinstance(end, str) and end in ids for end in ends)


def _chosen_edge(chosen: Any, graph: Graph) -> tuple[str, str] | None:
    pairs = ((edge["source"], edge["target"]) for edge in graph["edges"])
    return next((pair for pair in pairs if flow_look.edge_id(*pair) == chosen), None)
