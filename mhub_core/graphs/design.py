"""Checks a design. What comes from a browser or a file is hostile until `check` found nothing.

A design is `{"format": 1, "nodes": [...], "edges": [...]}`, perhaps with `"outputs": [{"node", "output"}, ...]`, the
answers of the model in order. A node of class "Model" holds a whole design in its settings, `{"graph": ...}`.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, TypeGuard

from mhub_core.catalog import catalog
from mhub_core.errors import Invalid, MHubError
from mhub_core.graphs import ports, walk
from mhub_core.graphs.records import Problem
from mhub_core.graphs.walk import Graph, Node
from mhub_core.graphs.wiring import connection_problems

FORMAT = 1
MOST_NODES = 1_000
MOST_EDGES = 4_000
MOST_CHARACTERS = 4_000_000
MOST_VALUES = 500_000
MOST_CALLS = 10_000  # Of layers, when every sub-model is run wherever it is called.
DEEPEST = 5  # Sub-models within sub-models.
_DEEPEST_JSON = 80
ID = re.compile(r"n[0-9]{1,6}\Z")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,79}\Z")
GRAPH_KEYS = {"format", "nodes", "edges"}
NODE_KEYS = {"id", "class", "name", "config", "position"}
EDGE_KEYS = {"source", "target", "port", "order"}


def empty() -> Graph:
    """Return a design without nodes."""
    return {"format": FORMAT, "nodes": [], "edges": []}


def graph_hash(graph: Graph) -> str:
    """Return a hash of all that decides what is built; where the layers stand in the picture does not."""
    return hashlib.sha256(json.dumps(_without_places(graph), sort_keys=True).encode()).hexdigest()


def _without_places(graph: Graph) -> Graph:
    nodes = []
    for node in graph["nodes"]:
        bare = {key: value for key, value in node.items() if key != "position"}
        inside = walk.inner(node)
        nodes.append(bare if inside is None else {**bare, "config": {"graph": _without_places(inside)}})
    return {**graph, "nodes": nodes}


def check(graph: Any) -> list[Problem]:
    """Return everything that is wrong with a design: first its form; only if that is right, how it is connected."""
    return form_problems(graph) or connection_problems(graph)


def require_valid(graph: Any) -> Graph:
    """Return the design. Raises Invalid with all that is wrong, one problem per node."""
    return _require(graph, check(graph))


def require_well_formed(graph: Any) -> Graph:
    """Return a design that may be half-drawn but holds only known classes and values. Raises Invalid."""
    return _require(graph, form_problems(graph))


def _require(graph: Graph, problems: list[Problem]) -> Graph:
    if not problems:
        return graph
    first = problems[0]
    told = {problem.node_id or "graph": problem.message for problem in reversed(problems)}
    more = f" There are {len(problems) - 1} more problems." if len(problems) > 1 else ""
    raise Invalid(first.message + more, mend=first.mend, problems=told)


def form_problems(graph: Any) -> list[Problem]:
    """Return what is wrong with the form: unknown keys, classes and values, sizes, ids and names."""
    whole = _whole_problem(graph) or _size_problem(graph)
    if whole:
        return [Problem(None, whole, "Start from a stock model or from an empty diagram.")]
    return _form_problems(graph, 0) or _call_problems(graph)


def _form_problems(graph: Any, depth: int) -> list[Problem]:
    whole = _whole_problem(graph)
    if whole:
        return [Problem(None, whole, "Start from a stock model or from an empty diagram.")]
    problems = [problem for node in graph["nodes"] for problem in _node_problems(node, depth)]
    if problems:
        return problems
    problems = _repeated(graph["nodes"], "id", "Two layers have the same id.")
    problems += _repeated(graph["nodes"], "name", "Two layers have this name.")
    nodes = walk.nodes_by_id(graph)
    told = ((node["id"], _sharing_problem(node, nodes)) for node in graph["nodes"] if "shares" in node)
    problems += [Problem(node_id, text, "Stop sharing its weights.") for node_id, text in told if text]
    bad = next((text for edge in graph["edges"] if (text := _edge_problem(edge, nodes))), None)
    problems += [Problem(None, bad, "Draw the connection again.")] if bad else []
    bad = _outputs_problem(graph.get("outputs", []), nodes)
    return problems + ([Problem(None, bad, "Mark the outputs of the model again.")] if bad else [])


def _call_problems(graph: Graph) -> list[Problem]:
    """Sub-models that are called again and lie in each other: few layers, but their calls multiply with every level."""
    if _calls(graph) <= MOST_CALLS:
        return []
    told = f"The sub-models of this diagram call their layers more than {MOST_CALLS:,} times in all."
    return [Problem(None, told, "Use nested sub-models less often.")]


def _calls(graph: Graph) -> int:
    insides = {node["id"]: _calls(inside) for node in graph["nodes"] if (inside := walk.inner(node)) is not None}
    return sum(1 + insides.get(walk.owner_id(node), 0) for node in graph["nodes"])


def _whole_problem(graph: Any) -> str:
    if not isinstance(graph, dict) or not GRAPH_KEYS <= set(graph) <= GRAPH_KEYS | {"outputs"}:
        return "This is not a diagram: it needs exactly format, nodes and edges, and optionally outputs."
    if graph["format"] != FORMAT or type(graph["format"]) is not int:
        return "This diagram has a format that this hub does not know."
    if not all(isinstance(graph.get(key, []), list) for key in ("nodes", "edges", "outputs")):
        return "The nodes, the edges and the outputs of a diagram must be lists."
    if len(graph["nodes"]) > MOST_NODES:
        return f"The diagram has more than {MOST_NODES} layers."
    too_many = len(graph["edges"]) > MOST_EDGES or len(graph.get("outputs", [])) > MOST_NODES
    return f"The diagram has more than {MOST_EDGES} connections, or too many outputs." if too_many else ""


def _size_problem(graph: Any) -> str:
    if not _is_small_json(graph):
        return f"This is not plain JSON of at most {MOST_CHARACTERS:,} characters."
    nodes, edges = _count(graph, 0)
    if nodes > MOST_NODES:
        return f"The diagram has more than {MOST_NODES} layers, those inside its sub-models among them."
    return f"The diagram has more than {MOST_EDGES} connections." if edges > MOST_EDGES else ""


def _is_small_json(graph: Any) -> bool:
    """Tell whether a value is plain JSON within the limits; stops as soon as it is not, so that nothing can tire it."""
    waiting, values, characters = [([graph], 0)], 0, 0
    while waiting:
        items, depth = waiting.pop()
        values += len(items)
        if depth > _DEEPEST_JSON or values > MOST_VALUES:
            return False
        for item in items:
            kind = type(item)
            if kind is str:
                characters += len(item)
            elif kind is dict:
                if not all(type(key) is str for key in item):
                    return False
                characters += sum(map(len, item))
                waiting.append((item.values(), depth + 1))
            elif kind is list:
                waiting.append((item, depth + 1))
            elif not (item is None or kind is bool or kind is float or (kind is int and item.bit_length() < 64)):
                return False
        if characters + values > MOST_CHARACTERS:
            return False
    return True


def num_layers(graph: Any) -> int:
    """Return how many layers a design has, those inside its sub-models among them."""
    return _count(graph, 0)[0]


def _count(graph: Any, depth: int) -> tuple[int, int]:
    """Return how many layers and connections there are, those inside sub-models among them. Takes whatever came."""
    if not isinstance(graph, dict) or depth > DEEPEST:
        return 0, 0
    nodes = graph["nodes"] if isinstance(graph.get("nodes"), list) else []
    edges = graph["edges"] if isinstance(graph.get("edges"), list) else []
    configs = [node["config"] for node in nodes if isinstance(node, dict) and isinstance(node.get("config"), dict)]
    inside = [_count(config["graph"], depth + 1) for config in configs if "graph" in config]
    return len(nodes) + sum(pair[0] for pair in inside), len(edges) + sum(pair[1] for pair in inside)


def _node_problems(node: Any, depth: int) -> list[Problem]:
    if not isinstance(node, dict) or not NODE_KEYS <= set(node) <= NODE_KEYS | {"shares", "call"}:
        told = "A layer of the diagram needs exactly id, class, name, config and position, and optionally shares and call."
        return [Problem(None, told)]
    if not isinstance(node["id"], str) or not ID.match(node["id"]):
        return [Problem(None, "A layer of the diagram has an id that is not the letter n followed by a number.")]
    if not isinstance(node["name"], str) or not NAME.match(node["name"]):
        mend = "Use a letter, then letters, digits, _, - or dots, up to 80 characters."
        return [Problem(node["id"], "This name is not allowed for a layer.", mend)]
    if not is_position(node["position"]):
        return [Problem(node["id"], "The position of this layer is not two numbers.")]
    problems = _model_problems(node, depth) if node["class"] == walk.SUB_MODEL else _layer_problems(node)
    bad = call_problem(node["class"], node["call"]) if "call" in node and not problems else ""
    return problems + ([Problem(node["id"], f"{node['name']}: {bad}", "Set it in the layer's form.")] if bad else [])


def _layer_problems(node: Node) -> list[Problem]:
    try:
        block = catalog.require_layer(node["class"])
        if "shares" not in node:
            catalog.check_config(node["class"], node["config"])
    except MHubError as error:
        return [Problem(node["id"], error.happened, error.mend)]
    if block.role == "part":
        mend = "Put it into an RNN layer, in that layer's form."
        return [Problem(node["id"], f"{node['class']} works only inside another layer.", mend)]
    return []


def _model_problems(node: Node, depth: int) -> list[Problem]:
    if "shares" in node:
        return []
    if not isinstance(node["config"], dict) or set(node["config"]) != {"graph"}:
        return [Problem(node["id"], f"{node['name']} is a sub-model: its settings must hold its diagram and nothing else.")]
    if depth >= DEEPEST:
        mend = "Use fewer levels."
        return [Problem(node["id"], f"{node['name']} is nested more than {DEEPEST} levels deep.", mend)]
    problems = _form_problems(node["config"]["graph"], depth + 1)
    return [Problem(node["id"], f"In {node['name']}: {problem.message}", problem.mend) for problem in problems]


def call_problem(class_name: str, call: Any) -> str:
    """Return what is wrong with the values that a layer gets when it is called, or nothing."""
    if not isinstance(call, dict) or class_name == "InputLayer":
        return "call must be a set of named values, and an input has none."
    for key, value in call.items():
        takers = ports.CALL.get(key, ())
        if takers is not None and class_name not in takers:
            return f"call has no {key[:40]} for this layer."
        if not isinstance(value, bool):
            return f"{key} must be true or false."
    return ""


def _sharing_problem(node: Node, nodes: dict[str, Node]) -> str:
    other = nodes.get(node["shares"]) if isinstance(node["shares"], str) else None
    if other is None:
        return f"{node['name']} shares the weights of a layer that does not exist."
    if "shares" in other or other is node:
        return f"{node['name']} must share with a layer that has its own weights."
    if other["class"] != node["class"] or node["class"] == "InputLayer":
        return f"{node['name']} can share only with a layer of its own class, and not as an input."
    return f"{node['name']} shares its settings too and may have none of its own." if node["config"] != {} else ""


def is_position(value: Any) -> TypeGuard[list[float]]:
    """Tell whether a value is two sane numbers."""
    return isinstance(value, list) and len(value) == 2 and all(_is_coordinate(number) for number in value)


def _is_coordinate(value: Any) -> bool:
    # NaN is never smaller; a whole number may be too large to be made a float.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e7


def _repeated(nodes: list[Node], key: str, message: str) -> list[Problem]:
    seen: set[str] = set()
    problems = []
    for node in nodes:
        if node[key] in seen:
            problems.append(Problem(node["id"], message, "Give each layer its own."))
        seen.add(node[key])
    return problems


def _edge_problem(edge: Any, nodes: dict[str, Node]) -> str:
    if not isinstance(edge, dict) or not EDGE_KEYS <= set(edge) <= EDGE_KEYS | {"output"}:
        return "A connection needs exactly source, target, port and order, and optionally output."
    if not all(isinstance(edge[key], str) for key in ("source", "target", "port")):
        return "A connection does not name its two layers and its port."
    if edge["source"] not in nodes or edge["target"] not in nodes:
        return "A connection leads to a layer that does not exist."
    if not _is_index(edge["order"]):
        return "A connection has no order."
    return "" if _is_index(edge.get("output", 0)) else "The output of a connection is not a whole number."


def _is_index(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MOST_EDGES


def _outputs_problem(outputs: list[Any], nodes: dict[str, Node]) -> str:
    seen: set[tuple[str, int]] = set()
    for item in outputs:
        if not isinstance(item, dict) or not {"node"} <= set(item) <= {"node", "output"}:
            return "An entry in outputs needs exactly node and output."
        if not isinstance(item["node"], str) or item["node"] not in nodes or not _is_index(item.get("output", 0)):
            return "An entry in outputs names a layer or an output that does not exist."
        seen.add((item["node"], item.get("output", 0)))
    return "Two entries in outputs are the same." if len(seen) < len(outputs) else ""
