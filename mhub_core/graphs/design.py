"""Checks a design. What comes from a browser or a file is hostile until `check` found nothing."""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.errors import Invalid, MHubError
from mhub_core.graphs import walk
from mhub_core.graphs.records import Problem
from mhub_core.graphs.walk import Graph, Node

FORMAT = 1
MOST_NODES = 1_000
MOST_EDGES = 4_000
MOST_CHARACTERS = 4_000_000
ID = re.compile(r"n[0-9]{1,6}\Z")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,79}\Z")
NODE_KEYS = {"id", "class", "name", "config", "position"}
EDGE_KEYS = {"source", "target", "port", "order"}


def empty() -> Graph:
    """Return a design without nodes."""
    return {"format": FORMAT, "nodes": [], "edges": []}


def graph_hash(graph: Graph) -> str:
    """Return a hash of all that decides what is built; where the layers stand in the picture does not."""
    nodes = [{key: node[key] for key in sorted(NODE_KEYS - {"position"})} for node in graph["nodes"]]
    text = json.dumps([graph["format"], nodes, graph["edges"]], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def check(graph: Any) -> list[Problem]:
    """Return everything that is wrong with a design: first its form; only if that is right, how it is connected."""
    return form_problems(graph) or connection_problems(graph)


def require_valid(graph: Any) -> Graph:
    """Return the design. Raises Invalid with all that is wrong, one problem per node."""
    return _require(graph, check(graph))


def require_well_formed(graph: Any) -> Graph:
    """Return a design that may be half-drawn but holds only known classes and values. Raises Invalid."""
    return _require(graph, form_problems(graph))


def _require(graph: Any, problems: list[Problem]) -> Graph:
    if not problems:
        return graph
    first = problems[0]
    told = {problem.node_id or "graph": problem.message for problem in reversed(problems)}
    more = f" There are {len(problems) - 1} more problems." if len(problems) > 1 else ""
    raise Invalid(first.message + more, mend=first.mend, problems=told)


def form_problems(graph: Any) -> list[Problem]:
    """Return what is wrong with the form: unknown keys, classes and values, sizes, ids and names."""
    whole = _whole_problem(graph)
    if whole:
        return [Problem(None, whole, "Start from a stock model or from an empty diagram.")]
    problems = [problem for node in graph["nodes"] for problem in _node_problems(node)]
    if problems:
        return problems
    problems = _repeated(graph["nodes"], "id", "Two layers have the same id.")
    problems += _repeated(graph["nodes"], "name", "Two layers have this name.")
    ids = {node["id"] for node in graph["nodes"]}
    bad = next((text for edge in graph["edges"] if (text := _edge_problem(edge, ids))), None)
    return problems + ([Problem(None, bad, "Draw the connection again.")] if bad else [])


def _whole_problem(graph: Any) -> str:
    if not isinstance(graph, dict) or set(graph) != {"format", "nodes", "edges"}:
        return "This is not a diagram: it needs exactly format, nodes and edges."
    if not _is_small_json(graph):
        return f"This is not plain JSON of at most {MOST_CHARACTERS:,} characters."
    if graph["format"] != FORMAT or isinstance(graph["format"], bool):
        return "This diagram is of a format that this hub does not know."
    if not isinstance(graph["nodes"], list) or not isinstance(graph["edges"], list):
        return "The nodes and the edges of a diagram must be lists."
    if len(graph["nodes"]) > MOST_NODES:
        return f"The diagram has more than {MOST_NODES} layers."
    return f"The diagram has more than {MOST_EDGES} connections." if len(graph["edges"]) > MOST_EDGES else ""


def _is_small_json(graph: Any) -> bool:
    try:
        return len(json.dumps(graph)) <= MOST_CHARACTERS
    except (TypeError, ValueError, RecursionError):
        return False


def _node_problems(node: Any) -> list[Problem]:
    if not isinstance(node, dict) or set(node) != NODE_KEYS:
        return [Problem(None, "A layer of the diagram needs exactly id, class, name, config and position.")]
    if not isinstance(node["id"], str) or not ID.match(node["id"]):
        return [Problem(None, "A layer of the diagram has an id that is not n and a number.")]
    if not isinstance(node["name"], str) or not NAME.match(node["name"]):
        mend = "Use a letter, then letters, digits, _, - or dots, 80 at most."
        return [Problem(node["id"], "This name cannot be a layer's name.", mend)]
    if not is_position(node["position"]):
        return [Problem(node["id"], "The position of this layer is not two numbers.")]
    try:
        catalog.check_config(node["class"], node["config"])
    except MHubError as error:
        return [Problem(node["id"], error.happened, error.mend)]
    if catalog.require_layer(node["class"]).role == "part":
        mend = "Put it into an RNN layer, in that layer's form."
        return [Problem(node["id"], f"{node['class']} works only inside another layer.", mend)]
    return []


def is_position(value: Any) -> bool:
    """Tell whether a value is two sane numbers."""
    return isinstance(value, list) and len(value) == 2 and all(_is_coordinate(number) for number in value)


def _is_coordinate(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and abs(value) < 1e7


def _repeated(nodes: list[Node], key: str, message: str) -> list[Problem]:
    seen: set[str] = set()
    problems = []
    for node in nodes:
        if node[key] in seen:
            problems.append(Problem(node["id"], message, "Give each layer its own."))
        seen.add(node[key])
    return problems


def _edge_problem(edge: Any, ids: set[str]) -> str:
    if not isinstance(edge, dict) or set(edge) != EDGE_KEYS:
        return "A connection needs exactly source, target, port and order."
    if not all(isinstance(edge[key], str) for key in ("source", "target", "port")):
        return "A connection does not name its two layers and its port."
    if edge["source"] not in ids or edge["target"] not in ids:
        return "A connection leads to a layer that does not exist."
    if isinstance(edge["order"], bool) or not isinstance(edge["order"], int) or not 0 <= edge["order"] <= MOST_EDGES:
        return "A connection has no order."
    return ""


def connection_problems(graph: Graph) -> list[Problem]:
    """Return what is wrong with how the layers are connected."""
    if not graph["nodes"]:
        return [Problem(None, "The diagram is empty.", "Add an InputLayer, or start from a stock model.")]
    problems = []
    if not walk.inputs(graph):
        mend = "Add an InputLayer and connect it to the first layer."
        problems.append(Problem(None, "The diagram has no input.", mend))
    problems += _cycle_problems(graph)
    feeding, following = walk.incoming(graph), walk.outgoing(graph)
    for node in graph["nodes"]:
        problems += _input_problems(node, feeding[node["id"]])
    lonely = [node for node in graph["nodes"] if node["class"] == "InputLayer" and not following[node["id"]]]
    mend = "Connect it to the first layer, or remove it."
    return problems + [Problem(node["id"], f"{node['name']} leads nowhere.", mend) for node in lonely]


def _cycle_problems(graph: Graph) -> list[Problem]:
    stuck = set(walk.nodes_by_id(graph)) - set(walk.topological(graph))
    # Layers behind a cycle are stuck too; only those that also lead back into it are at fault.
    follows = walk.outgoing(graph)
    while loose := {node_id for node_id in stuck if not any(edge["target"] in stuck for edge in follows[node_id])}:
        stuck -= loose
    mend = "Remove one of the connections of the circle: data must flow from input to output."
    names = {node["id"]: node["name"] for node in graph["nodes"]}
    return [Problem(node_id, f"{names[node_id]} feeds itself in a circle.", mend) for node_id in sorted(stuck)]


def _input_problems(node: Node, edges: list[walk.Edge]) -> list[Problem]:
    block = catalog.require_layer(node["class"])
    ports = [edge["port"] for edge in edges]
    name = node["name"]
    unknown = [port for port in ports if port not in (block.ports or ("inputs",))]
    if unknown:
        told = f"{name} has no input called {unknown[0][:40]}."
        return [Problem(node["id"], told, f"It has: {', '.join(block.ports or ('inputs',))}.")]
    if block.role == "input":
        return [Problem(node["id"], f"{name} is an input and takes no connection.", "Remove it.")] if edges else []
    if not edges:
        return [Problem(node["id"], f"{name} is not connected.", "Connect a layer to it, or remove it.")]
    if block.role == "single" and len(edges) > 1:
        mend = "Merge them first, for example with Add or Concatenate."
        return [Problem(node["id"], f"{name} takes one input and got {len(edges)}.", mend)]
    if block.role == "merge" and len(edges) < block.min_inputs:
        told = f"{name} merges several inputs and got {len(edges)}."
        return [Problem(node["id"], told, "Connect another layer to it.")]
    return _port_problems(node, ports, block.ports[: block.min_inputs]) if block.role == "ports" else []


def _port_problems(node: Node, ports: list[str], needed: tuple[str, ...]) -> list[Problem]:
    node_id, name = node["id"], node["name"]
    missing = [port for port in needed if port not in ports]
    twice = sorted({port for port in ports if ports.count(port) > 1})
    return [
        *(Problem(node_id, f"{name} has nothing at its {port}.", f"Connect a layer to {port}.") for port in missing),
        *(Problem(node_id, f"{name} has two inputs at its {port}.", "Remove one.") for port in twice),
    ]
