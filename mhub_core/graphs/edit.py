"""Changes a design. Every function takes a well-formed graph and returns a new one; the old one stays as it was.

Raises NotFound for a node that is not there (another tab may have removed it), Invalid for a change without sense.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.catalog.records import Block
from mhub_core.errors import Invalid, NotFound
from mhub_core.graphs import design, walk
from mhub_core.graphs.walk import Graph, Node

STEP = 110  # The vertical distance between two layers, in the diagram's units.


def require_node(graph: Graph, node_id: str) -> Node:
    """Return one node. Raises NotFound."""
    node = walk.nodes_by_id(graph).get(node_id)
    if node is None:
        raise NotFound("This layer is no longer in the diagram.", mend="Look at the diagram again.")
    return node


def new_id(graph: Graph) -> str:
    """Return an id that no node has."""
    return f"n{max((int(node['id'][1:]) for node in graph['nodes']), default=0) + 1}"


def new_name(graph: Graph, class_name: str) -> str:
    """Return a free layer name in Keras' own style: Conv2D gives conv2d, then conv2d_1."""
    stem = re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", class_name)).lower()
    stem = {"input_layer": "input"}.get(stem, stem)
    taken = {node["name"] for node in graph["nodes"]}
    numbered = (f"{stem}_{number}" for number in range(1, len(taken) + 2))
    return stem if stem not in taken else next(name for name in numbered if name not in taken)


def add_node(
    graph: Graph,
    class_name: str,
    *,
    config: dict[str, Any] | None = None,
    after: str | None = None,
    before: str | None = None,
    position: list[float] | None = None,
) -> tuple[Graph, str]:
    """Add a layer and return the new graph and the layer's id.

    `after`: everything that node fed is now fed by the new one. `before`: everything that fed that node now feeds the
    new one. Both: it goes onto that one connection. None: it stays loose. Raises NotFound or Invalid for the class.
    """
    block = catalog.require_layer(class_name)
    clean = catalog.check_config(class_name, catalog.first_config(block) if config is None else config)
    graph = copy.deepcopy(graph)
    node_id = new_id(graph)
    place = position or _place(graph, after, before)
    name = new_name(graph, block.name)
    graph["nodes"].append({"id": node_id, "class": block.name, "name": name, "config": clean, "position": place})
    moved = [edge for edge in graph["edges"] if _is_spliced(edge, after, before)]
    sources = [after] if after else [edge["source"] for edge in moved]
    targets = [(edge["target"], edge["port"], edge["order"]) for edge in moved] if after else []
    if before and not after:
        targets = [(before, _first_port(catalog.require_layer(require_node(graph, before)["class"])), 0)]
    graph["edges"] = [edge for edge in graph["edges"] if edge not in moved]
    graph["edges"] += [_edge(source, node_id, _first_port(block), order) for order, source in enumerate(sources)]
    graph["edges"] += [_edge(node_id, *target) for target in targets]
    return graph, node_id


def _is_spliced(edge: walk.Edge, after: str | None, before: str | None) -> bool:
    if after is None and before is None:
        return False
    return after in (None, edge["source"]) and before in (None, edge["target"])


def _place(graph: Graph, after: str | None, before: str | None) -> list[float]:
    """Return a position below the node it follows (those below make room), above the one it precedes, or under all."""
    anchor = after or before
    if anchor is None:
        return [0.0, max((node["position"][1] for node in graph["nodes"]), default=-STEP) + STEP]
    x, y = require_node(graph, anchor)["position"]
    place = [x, y + STEP] if after else [x, y]
    for node in graph["nodes"]:
        if node["position"][1] >= place[1]:
            node["position"][1] += STEP
    return place


def _edge(source: str, target: str, port: str, order: int) -> walk.Edge:
    return {"source": source, "target": target, "port": port, "order": order}


def _first_port(block: Block) -> str:
    return block.ports[0] if block.ports else "inputs"


def _free_port(graph: Graph, node_id: str) -> str:
    """Return the first named input of a layer that nothing feeds yet."""
    ports = catalog.require_layer(require_node(graph, node_id)["class"]).ports or ("inputs",)
    taken = {edge["port"] for edge in graph["edges"] if edge["target"] == node_id}
    return next((port for port in ports if port not in taken), ports[0])


def remove(graph: Graph, node_id: str) -> Graph:
    """Remove a layer. When it had exactly one input, what it fed is now fed by that."""
    require_node(graph, node_id)
    graph = copy.deepcopy(graph)
    sources = [edge["source"] for edge in graph["edges"] if edge["target"] == node_id and edge["source"] != node_id]
    if len(sources) == 1:
        for edge in graph["edges"]:
            edge["source"] = sources[0] if edge["source"] == node_id else edge["source"]
    graph["nodes"] = [node for node in graph["nodes"] if node["id"] != node_id]
    graph["edges"] = [edge for edge in graph["edges"] if node_id not in (edge["source"], edge["target"])]
    return graph


def duplicate(graph: Graph, node_id: str) -> tuple[Graph, str]:
    """Copy a layer. In a chain the copy follows the original; an input or a merging layer gives a loose copy."""
    node = require_node(graph, node_id)
    follows = catalog.require_layer(node["class"]).role == "single"
    place = None if follows else [node["position"][0] + 2 * STEP, node["position"][1]]
    after = node_id if follows else None
    return add_node(graph, node["class"], config=copy.deepcopy(node["config"]), after=after, position=place)


def move_up(graph: Graph, node_id: str) -> Graph:
    """Swap a layer of a chain with the one before it."""
    return _swap(graph, node_id, -1)


def move_down(graph: Graph, node_id: str) -> Graph:
    """Swap a layer of a chain with the one after it."""
    return _swap(graph, node_id, 1)


def _swap(graph: Graph, node_id: str, step: int) -> Graph:
    require_node(graph, node_id)
    chain = walk.as_chain(graph)
    if chain is None:
        raise Invalid("Moving works in a straight line of layers.", mend="Change the connections instead.")
    first, second = sorted((chain.index(node_id), chain.index(node_id) + step))
    # The first layer is the input: it stays where it is.
    if first < 1 or second >= len(chain):
        return graph
    places = [list(require_node(graph, item)["position"]) for item in chain]
    chain[first], chain[second] = chain[second], chain[first]
    graph = copy.deepcopy(graph)
    graph["edges"] = []
    for source, target in zip(chain, chain[1:]):
        graph["edges"].append(_edge(source, target, _free_port(graph, target), 0))
    return set_positions(graph, dict(zip(chain, places)))


def connect(graph: Graph, source: str, target: str, port: str | None = None) -> Graph:
    """Draw a connection. A layer that takes one input takes the new one instead of the old.

    Raises Invalid for a circle, for an input as target and for an unknown port.
    """
    node = require_node(graph, target)
    require_node(graph, source)
    block = catalog.require_layer(node["class"])
    port = port or _free_port(graph, target)
    if block.role == "input" or port not in (block.ports or ("inputs",)):
        raise Invalid(f"{node['name']} has no such input.", mend="Connect it to another layer.")
    if source == target or source in _behind(graph, target):
        told = "This connection would make a circle."
        raise Invalid(told, "Data flows from input to output.", "Connect the other way round.")
    graph = copy.deepcopy(graph)
    if block.role != "merge":
        graph["edges"] = [edge for edge in graph["edges"] if (edge["target"], edge["port"]) != (target, port)]
    orders = [edge["order"] for edge in graph["edges"] if (edge["target"], edge["port"]) == (target, port)]
    graph["edges"].append(_edge(source, target, port, max(orders, default=-1) + 1))
    return graph


def _behind(graph: Graph, node_id: str) -> set[str]:
    """Return everything that a node feeds, directly or not."""
    follows = walk.outgoing(graph)
    found: set[str] = set()
    waiting = [node_id]
    while waiting:
        targets = {edge["target"] for edge in follows[waiting.pop()]} - found
        found |= targets
        waiting += targets
    return found


def disconnect(graph: Graph, source: str, target: str, port: str | None = None) -> Graph:
    """Remove the connections between two layers, or only the one at a port."""
    graph = copy.deepcopy(graph)
    graph["edges"] = [
        edge
        for edge in graph["edges"]
        if (edge["source"], edge["target"]) != (source, target) or port not in (None, edge["port"])
    ]
    return graph


def set_config(graph: Graph, node_id: str, config: Any) -> Graph:
    """Replace the settings of a layer. Raises Invalid with one problem per field."""
    clean = catalog.check_config(require_node(graph, node_id)["class"], config)
    graph = copy.deepcopy(graph)
    require_node(graph, node_id)["config"] = clean
    return graph


def rename(graph: Graph, node_id: str, name: str) -> Graph:
    """Give a layer another name. Raises Invalid when it cannot be one or another layer has it."""
    require_node(graph, node_id)
    if not isinstance(name, str) or not design.NAME.match(name):
        told = "a letter, then letters, digits, _, - or dots, 80 at most"
        raise Invalid("This cannot be the name of a layer.", f"Expected: {told}.", problems={"name": f"must be {told}"})
    if any(node["name"] == name and node["id"] != node_id for node in graph["nodes"]):
        raise Invalid("Another layer has this name.", mend="Choose a different one.", problems={"name": "is taken"})
    graph = copy.deepcopy(graph)
    require_node(graph, node_id)["name"] = name
    return graph


def set_positions(graph: Graph, positions: dict[str, list[float]]) -> Graph:
    """Place layers. The browser sends the positions: unknown ids and what is not two numbers are passed over."""
    graph = copy.deepcopy(graph)
    for node in graph["nodes"]:
        place = positions.get(node["id"])
        if design.is_position(place):
            node["position"] = [float(number) for number in place or []]
    return graph
