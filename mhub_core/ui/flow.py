"""Draws a design as a diagram and tells what a person did in it: the one place that knows streamlit-flow.

The design is the only truth. The component gets markup that is composed here from escaped text, because it renders what it is given
as HTML; of what it sends back only ids, positions and connections are read, and all of it is taken for hostile.

Two clocks: the component takes over new content only when its time stamp is not older than the last one that the browser made, and it
answers every new content with two events. So content is stamped with the browser's own last time stamp plus one, and only when
it differs from what the browser has; and each content carries a revision, so that an answer to an older one is told apart.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v1 import declare_component

from mhub_core.graphs import design
from mhub_core.graphs.walk import Edge, Graph
from mhub_core.graphs.words import shape_text

Memory = dict[str, Any]
Position = list[float]
MOST_STAMP = 10**15

# The front end of the package, used directly: its Python half fails on values that a browser made up.
_PACKAGE = importlib.util.find_spec("streamlit_flow")
_component = declare_component("diagram", path=Path(str(_PACKAGE and _PACKAGE.origin)).parent / "frontend" / "build")

# The look of the nodes: the component renders it with the first of them, and it holds for its whole frame.
_LOOK = (
    "@font-face{font-family:VT323;src:url(/app/static/fonts/vt323-latin-400-normal.woff2)}"
    ".react-flow__node{border-radius:0!important;padding:0!important;border:2px solid!important;background:#dfdfdf!important;"
    "border-color:#fff #606060 #606060 #fff!important;color:#000!important;width:226px!important;text-align:left!important;"
    "font:18px/1.15 VT323,monospace!important;box-shadow:0 0 0 1px #000!important;cursor:pointer}"
    ".react-flow__node.selected{outline:4px solid #e08a00!important;outline-offset:1px}"
    ".react-flow__node.selected .t{background:#000}.react-flow__node p,.markdown-node div{margin:0!important}"
    ".t{background:#0b5cad;color:#fff;padding:2px 6px;overflow:hidden;text-overflow:ellipsis}"
    ".bad .t{background:#a00000}.f{padding:1px 6px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}.f.w{padding-bottom:6px}.bad .w{color:#a00000;white-space:normal;max-height:2.3em}"
    ".react-flow__handle{width:16px!important;height:16px!important;border-radius:0!important;background:#c3c7cb!important;"
    "border:2px solid #404040!important}.react-flow__handle-top{top:-10px!important}.react-flow__handle-bottom{bottom:-11px!important}"
    ".react-flow__edge.selected path,.react-flow__edge:hover path{stroke:#e08a00!important;stroke-width:4px!important}"
    ".react-flow__edge-path{stroke:#404040!important;stroke-width:2px!important}"
)


@dataclass(frozen=True)
class GraphEvent:
    """What a person did in the diagram. Ids are of nodes that exist; everything else is still to be checked by `edit`."""

    selected: str | None = None
    edge: tuple[str, str] | None = None
    connected: tuple[tuple[str, str], ...] = ()
    moved: dict[str, Position] = field(default_factory=dict)


def next_event(graph: Graph, key: str) -> GraphEvent | None:
    """Return what was done in the diagram since the last call, or None. Call it before anything of the run is drawn."""
    if key not in st.session_state:
        # The diagram was not on screen: the browser will make a new one, whose clock is not known yet.
        st.session_state[_memory_key(key)] = fresh_memory()
        return None
    return read_event(st.session_state[key], st.session_state[_memory_key(key)], graph)


def draw(
    graph: Graph, facts: dict[str, Any] | None, *, key: str, selected: str | None, editable: bool, fit: bool, height: int = 620
) -> None:
    """Draw the diagram. `facts` as from `graphs.service.facts`, None while they are awaited. `fit`: show all of it."""
    memory = st.session_state.setdefault(_memory_key(key), fresh_memory())
    nodes = [_node(node, facts, selected, editable) for node in graph["nodes"]]
    edges = [_edge(edge) for edge in graph["edges"]]
    remember_shown(memory, nodes, edges, selected, fit)
    for number, node in enumerate(nodes):
        node["data"]["revision"] = memory["revision"]
        node["data"]["content"] = (f"<style>{_LOOK}</style>" if number == 0 else "") + node["data"]["content"]
    _component(
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
        minZoom=0.05,
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
    return {"revision": 0, "stamp": 1, "heard": 0, "fit": True, "shown": "", "places": {}, "selected": None, "again": True}


def remember_shown(memory: Memory, nodes: list[Any], edges: list[Any], selected: str | None, fit: bool) -> None:
    """Decide whether the browser must take over new content, and stamp it then."""
    places = {node["id"]: [node["position"]["x"], node["position"]["y"]] for node in nodes}
    bare = [{**node, "position": None, "selected": None} for node in nodes]
    shown = hashlib.sha256(json.dumps([bare, edges]).encode()).hexdigest()
    has = (memory["shown"], memory["places"], memory["selected"])
    if has == (shown, places, selected) and not memory["again"] and not fit:
        return
    first = memory["revision"] == 0
    memory.update(shown=shown, places=places, selected=selected, again=False, fit=fit or first)
    memory.update(revision=memory["revision"] + 1, stamp=memory["heard"] + 1, pairs=[[edge["source"], edge["target"]] for edge in edges])


def read_event(value: Any, memory: Memory, graph: Graph) -> GraphEvent | None:
    """Return what a value of the component tells, or None when it is old, an echo or made up. Changes the memory."""
    stamp = value.get("timestamp") if isinstance(value, dict) else None
    if not isinstance(stamp, int) or isinstance(stamp, bool) or not 0 < stamp < MOST_STAMP or stamp == memory["heard"]:
        return None
    memory["heard"] = stamp
    ids = {node["id"] for node in graph["nodes"]}
    chosen = value.get("selectedId")
    selected = chosen if isinstance(chosen, str) and chosen in ids else None
    reported = [node for node in _dicts(value.get("nodes")) if node.get("id") in ids] if ids else []
    if not reported or any(_revision(node) != memory["revision"] for node in reported):
        # An answer to older content: its positions and connections no longer hold, and the newer may have been passed over.
        memory["again"] = True
        return GraphEvent(selected=selected) if selected else None
    memory["selected"] = selected or memory["selected"]
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
        if design.is_position(place) and place != memory["places"].get(node["id"]):
            moved[node["id"]] = [float(number) for number in place or []]
    memory["places"].update(moved)
    return moved


def _new_pairs(value: dict[str, Any], memory: Memory, ids: set[str]) -> tuple[tuple[str, str], ...]:
    found = {(edge.get("source"), edge.get("target")) for edge in _dicts(value.get("edges")) if _ends(edge, ids)}
    new = found - {tuple(pair) for pair in memory["pairs"]}
    # The browser has drawn it already; the next content shows what became of it, also when it was refused.
    memory["again"] = memory["again"] or bool(new)
    return tuple(sorted(new))


def _ends(edge: dict[str, Any], ids: set[str]) -> bool:
    ends = (edge.get("source"), edge.get("target"))
    return all(isinstance(end, str) and end in ids for end in ends)


def _chosen_edge(chosen: Any, graph: Graph) -> tuple[str, str] | None:
    return next(((edge["source"], edge["target"]) for edge in graph["edges"] if _edge_id(edge) == chosen), None)


def _edge_id(edge: Edge) -> str:
    return f"{edge['source']}-{edge['target']}"


def _edge(edge: Edge) -> dict[str, Any]:
    label = {} if edge["port"] == "inputs" else {"label": edge["port"], "labelShowBg": True}
    ends = {"id": _edge_id(edge), "source": edge["source"], "target": edge["target"]}
    return ends | label | {"type": "default", "deletable": False, "markerEnd": {"type": "arrowclosed"}, "style": {}}


def _node(node: dict[str, Any], facts: dict[str, Any] | None, selected: str | None, editable: bool) -> dict[str, Any]:
    is_input = node["class"] == "InputLayer"
    return {
        "id": node["id"],
        "position": {"x": node["position"][0], "y": node["position"][1]},
        "data": {"content": _content(node, fact_of(facts, node["id"]))},
        "type": "input" if is_input else "default",
        "sourcePosition": "bottom",
        "targetPosition": "top",
        "selected": node["id"] == selected,
        "selectable": True,
        "draggable": editable,
        "connectable": editable,
        "deletable": False,  # Backspace would remove it in the browser without telling.
        "style": {},
    }


def fact_of(facts: dict[str, Any] | None, node_id: str) -> dict[str, Any]:
    """Return what is known of one node; an empty fact while it is awaited."""
    return facts["nodes"].get(node_id, {}) if facts else {}


def fact_words(fact: dict[str, Any]) -> str:
    """Say in one line what comes out of a layer and how many weights it has, or what keeps it from that."""
    if "error" in fact:
        return f"⚠ {fact['error']['message']}"
    if "waiting_for" in fact:
        return f"waits for {fact['waiting_for']}"
    if "output_shape" not in fact:
        return "waiting …"
    weights = f" · {fact['parameters']:,} weights" if fact["parameters"] else ""
    return f"{shape_text(fact['output_shape'])}{weights}"


def _content(node: dict[str, Any], fact: dict[str, Any]) -> str:
    told = fact_words(fact)
    told = f"{told[:87]}…" if len(told) > 90 else told
    tone = "bad" if "error" in fact else "good"
    return (
        f'<div class="{tone}"><div class="t">{_text(node["class"])}</div><div class="f">{_text(node["name"])}</div>'
        f'<div class="f w">{_text(told)}</div></div>'
    )


def _text(text: str) -> str:
    """Return text that neither HTML nor Markdown can take for anything else."""
    return "".join(letter if letter.isalnum() or letter == " " else f"&#{ord(letter)};" for letter in text)
