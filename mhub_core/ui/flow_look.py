"""What the diagram shows of a design: each layer a box with its facts, each pair of connected layers one line with its labels.

The component renders the content of a box as HTML, so it is composed here from escaped text alone.
"""

from __future__ import annotations

from typing import Any

from mhub_core.graphs import ports, walk
from mhub_core.graphs.walk import Edge, Graph, Node
from mhub_core.graphs.words import shape_text

WIDTH, HEIGHT = 226, 78  # of a box, in the diagram's units
LARGEST = 1400  # the extent of a diagram that can be read when all of it is shown
LOWEST, HIGHEST = 600, 760  # pixels of the frame on a wide screen
ANY_ORDER = {"Add", "Average", "Maximum", "Minimum", "Multiply"}
LONGEST_TOLD = 150

# The component renders it with the first of the nodes, and it holds for its whole frame. While a connection is drawn, the whole
# of a box takes it, not only its small handle.
STYLE = (
    "@font-face{font-family:VT323;src:url(/app/static/fonts/vt323-latin-400-normal.woff2)}"
    ".react-flow__node{border-radius:0!important;padding:0!important;border:2px solid!important;background:#dfdfdf!important;"
    f"border-color:#fff #606060 #606060 #fff!important;color:#000!important;width:{WIDTH}px!important;text-align:left!important;"
    "font:18px/1.15 VT323,monospace!important;box-shadow:0 0 0 1px #000!important;cursor:pointer}"
    ".react-flow__node.selected{outline:4px solid #e08a00!important;outline-offset:1px}"
    ".react-flow__node.mhub-target{outline:4px dashed #1b6e3c!important;outline-offset:2px}"
    ".react-flow__node.selected .t{background:#000}.react-flow__node p,.markdown-node div{margin:0!important}"
    ".t{background:#0b5cad;color:#fff;padding:2px 6px;display:flex;justify-content:space-between;gap:8px;white-space:nowrap}"
    ".t span{overflow:hidden;text-overflow:ellipsis;margin:0!important}.t .c{flex:0 0 auto;max-width:85%}.t .n{flex:0 1 auto}"
    ".shared .t{background:#7a3e9d}.model .t{background:#1b6e3c}.bad .t{background:#a00000}"
    ".f{padding:1px 6px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}"
    ".f:last-child{padding-bottom:5px}.f+.f{font-size:16px}"
    ".bad .w{padding-bottom:0;margin-bottom:5px!important;color:#a00000;"
    "white-space:normal;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2}"
    ".react-flow__handle{width:16px!important;height:16px!important;border-radius:0!important;background:#c3c7cb!important;"
    "border:2px solid #404040!important}"
    ".react-flow__handle-top{top:-10px!important}.react-flow__handle-bottom{bottom:-11px!important}"
    ".react-flow:has(.react-flow__connection) .react-flow__handle-top{width:100%!important;height:100%!important;top:0!important;"
    "left:0!important;transform:none!important;opacity:0}"
    ".react-flow:has(.react-flow__connection) .react-flow__node:hover{outline:4px dashed #1b6e3c!important}"
    ".react-flow__edge.selected path,.react-flow__edge:hover path,.react-flow__edge.mhub-target path"
    "{stroke:#e08a00!important;stroke-width:4px!important}"
    ".react-flow__controls-interactive{display:none!important}"  # It would not hold back our own ways to change a diagram.
    ".react-flow__edge-path{stroke:#404040!important;stroke-width:2px!important}"
    ".react-flow__edge-text{font:17px VT323,monospace}.react-flow__edge-textbg{fill:#fff5c2}"
)


def is_readable(graph: Graph) -> bool:
    """Tell whether a diagram is so small that its text can be read when all of it is shown."""
    return max(_extent(graph)) <= LARGEST


def frame_height(graph: Graph) -> int:
    """Return how many pixels high the frame of a wide screen is: it grows with the diagram, as far as a screen goes."""
    return round(min(HIGHEST, max(LOWEST, 0.8 * _extent(graph)[1])))


def _extent(graph: Graph) -> tuple[float, float]:
    """Return how wide and how high a diagram is, in its units."""
    places = [item["position"] for item in graph["nodes"]] or [[0, 0]]
    across, down = (max(axis) - min(axis) for axis in zip(*places))
    return across + WIDTH, down + HEIGHT


def nodes(graph: Graph, facts: dict[str, Any] | None, chosen: list[str], editable: bool) -> list[dict[str, Any]]:
    """Return the layers as the component takes them."""
    answers = list(enumerate(walk.ends(graph), 1)) if graph.get("outputs") else []
    places = {node_id: place for place, (node_id, _) in reversed(answers)}
    return [
        _node(item, content(graph, item, fact_of(facts, item["id"]), places.get(item["id"])), item["id"] in chosen, editable)
        for item in graph["nodes"]
    ]


def _node(item: Node, content: str, selected: bool, editable: bool) -> dict[str, Any]:
    return {
        "id": item["id"],
        "position": {"x": item["position"][0], "y": item["position"][1]},
        "data": {"content": content},
        "type": "input" if item["class"] == "InputLayer" else "default",
        "sourcePosition": "bottom",
        "targetPosition": "top",
        "selected": selected,
        "selectable": True,
        "draggable": editable,
        "connectable": editable,
        "deletable": False,  # Backspace would remove it in the browser without telling.
        "style": {},
    }


def content(graph: Graph, item: Node, fact: dict[str, Any], answer: int | None = None) -> str:
    """Return the inside of a box: class and name, then what comes out and what it costs, or what is wrong.

    `answer`: which of the answers of the model the layer gives, where they are counted.
    """
    name = f'<span class="n">{_text(item["name"])}</span>'
    title = f'<div class="t"><span class="c">{_text(item["class"])}</span>{name}</div>'
    lines = "".join(f'<div class="f w">{_text(line)}</div>' for line in _lines(graph, item, fact, answer))
    return f'<div class="{_kind(item, fact)}">{title}{lines}</div>'


def _kind(item: Node, fact: dict[str, Any]) -> str:
    look = "model" if item["class"] == walk.SUB_MODEL else "shared" if "shares" in item else "good"
    return f"{look} bad" if "error" in fact else look


def _lines(graph: Graph, item: Node, fact: dict[str, Any], answer: int | None) -> list[str]:
    if "output_shape" not in fact:
        told = fact_words(fact)
        return [f"{told[:LONGEST_TOLD]}…" if len(told) > LONGEST_TOLD else told]
    first = shape_text(fact["output_shape"]) + (f" · output {answer}" if answer else "")
    first += " · double-click opens" if item["class"] == walk.SUB_MODEL else ""
    costs = f"same weights as {walk.owner(graph, item)['name']}" if "shares" in item else _costs(fact)
    return [first, costs] if costs else [first]


def fact_of(facts: dict[str, Any] | None, node_id: str) -> dict[str, Any]:
    """Return what is known of one node; an empty fact while it is awaited."""
    return facts["nodes"].get(node_id, {}) if facts else {}


def fact_words(fact: dict[str, Any]) -> str:
    """Say in one line what comes out of a layer and what it costs, or what keeps it from that."""
    if "error" in fact:
        return f"⚠ {fact['error']['message']}"
    if "waiting_for" in fact:
        return f"waiting for {fact['waiting_for']}"
    if "output_shape" not in fact:
        return "waiting …"
    return " · ".join(part for part in (shape_text(fact["output_shape"]), _costs(fact)) if part)


def _costs(fact: dict[str, Any]) -> str:
    weights = f"{short(fact['parameters'])} parameters" if fact["parameters"] else ""
    work = f"{short(fact['multiply_adds'])} mult-adds" if fact.get("multiply_adds") else ""
    return " · ".join(part for part in (weights, work) if part)


def short(number: float) -> str:
    """Return a large number in three digits: 950, 12.3 k, 1.2 M, 4.09 G."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size * 0.9995 and number >= 10_000:
            return f"{number / size:.3g} {unit}"
    return f"{number:,}"


def edges(graph: Graph) -> list[dict[str, Any]]:
    """Return the lines of the diagram: one for each pair of layers, labelled with all that runs along it."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for edge, words in _labelled(graph):
        pairs.setdefault((edge["source"], edge["target"]), []).append(words)
    return [_line(source, target, words) for (source, target), words in pairs.items()]


def edge_id(source: str, target: str) -> str:
    """Return the id of the line between two layers."""
    return f"{source}-{target}"


def _line(source: str, target: str, words: list[str]) -> dict[str, Any]:
    label = ", ".join(word for word in words if word)
    ends = {"id": edge_id(source, target), "source": source, "target": target}
    shown = {"label": label, "labelShowBg": True} if label else {}
    return ends | shown | {"type": "default", "deletable": False, "markerEnd": {"type": "arrowclosed"}, "style": {}}


def _labelled(graph: Graph) -> list[tuple[Edge, str]]:
    nodes = {item["id"]: walk.resolved(graph, item) for item in graph["nodes"]}
    found = []
    for node_id, coming in walk.incoming(graph).items():
        for name, items in ports.feeding(nodes[node_id], coming).items():
            for place, edge in enumerate(items, 1):
                told = (
                    _output_words(nodes[edge["source"]], edge),
                    _port_words(nodes[node_id], name, place, len(items), len(coming)),
                )
                found.append((edge, " → ".join(part for part in told if part)))
    return found


def _output_words(source: Node, edge: Edge) -> str:
    """Name which output of the source runs along a line, unless it is the first of a layer."""
    number = walk.output_of(edge)
    titles = ports.outputs(source)
    if number == 0 and (len(titles) < 2 or walk.inner(source) is None):
        return ""
    return titles[number] if number < len(titles) else f"output {number + 1}"


def _port_words(target: Node, name: str, place: int, count: int, coming: int) -> str:
    """Name the input of the target where that could be in doubt, and the place in it where the order matters."""
    known = ports.of(target)
    number = str(place) if count > 1 and target["class"] not in ANY_ORDER else ""
    titled = len(known) > 1 and (coming > 1 or name != known[0].name)
    title = next((port.title for port in known if port.name == name), name) if titled else ""
    return " ".join(part for part in (title, number) if part)


def _text(text: str) -> str:
    """Return text that neither HTML nor Markdown can take for anything else."""
    return "".join(letter if letter.isalnum() or letter == " " else f"&#{ord(letter)};" for letter in text)
