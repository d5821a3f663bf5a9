"""Changes of single layers: add, remove, copy, move, rename, set, place."""

from __future__ import annotations

import copy
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.errors import Invalid
from mhub_core.graphs import design, ports, walk
from mhub_core.graphs.editing.common import (
    STEP,
    answers,
    copied,
    free_name,
    new_edge,
    new_id,
    new_name,
    require_node,
    with_answers,
)
from mhub_core.graphs.walk import Edge, Graph, Node


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

    `after`: everything that node fed is now fed by the new one. `before`: what fed that node now feeds the new one.
    Both: it goes onto that one connection. None: it stays loose. Raises NotFound or Invalid for the class.
    """
    block = catalog.require_layer(class_name)
    clean = catalog.check_config(class_name, catalog.first_config(block) if config is None else config)
    node = {"class": block.name, "name": new_name(graph, block.name), "config": clean}
    return put_in(graph, node, after, before, position)


def put_in(
    graph: Graph, node: Node, after: str | None = None, before: str | None = None, position: list[float] | None = None
) -> tuple[Graph, str]:
    """Put a node without id and position into a design, see `add_node`. Its name must be free."""
    for neighbour in (after, before):
        if neighbour is not None:
            require_node(graph, neighbour)
    listed = answers(graph) if "outputs" in graph else []
    graph = copied(graph)
    node_id = new_id(graph)
    place = position or _make_room(graph, after, before)
    graph["nodes"].append({"id": node_id, **node, "position": place})
    _splice(graph, graph["nodes"][-1], after, before)
    if after and not before:
        # What was an answer of the model is now given by the new layer.
        listed = [{"node": node_id, "output": 0} if item == {"node": after, "output": 0} else item for item in listed]
    return with_answers(graph, listed), node_id


def _splice(graph: Graph, node: Node, after: str | None, before: str | None) -> None:
    """Lead the connections that a new node interrupts through it."""
    port = next(iter(ports.of(node)), None)
    moved = _interrupted(graph, port is not None and port.many, after, before)
    graph["edges"] = [edge for edge in graph["edges"] if not any(edge is other for other in moved)]
    if after:
        output = walk.output_of(moved[0]) if moved else 0
        graph["edges"].append(new_edge(after, node["id"], ports.first(node), 0, output))
        graph["edges"] += [new_edge(node["id"], edge["target"], edge["port"], edge["order"]) for edge in moved]
    elif before:
        sources = list(dict.fromkeys((edge["source"], walk.output_of(edge)) for edge in moved))
        for order, (source, output) in enumerate(sources):
            graph["edges"].append(new_edge(source, node["id"], ports.first(node), order, output))
        target = [(edge["port"], edge["order"]) for edge in moved[:1]] or [(first_port(graph, before), 0)]
        graph["edges"] += [new_edge(node["id"], before, *place) for place in target]


def _interrupted(graph: Graph, takes_many: bool, after: str | None, before: str | None) -> list[Edge]:
    """Return the connections that go through a new layer from now on."""
    if after and before:
        pair = [edge for edge in graph["edges"] if (edge["source"], edge["target"]) == (after, before)]
        lowest = min((walk.output_of(edge) for edge in pair), default=0)
        return [edge for edge in pair if walk.output_of(edge) == lowest]
    if after:
        # States and scores of a layer still go where they went.
        return [edge for edge in graph["edges"] if edge["source"] == after and not walk.output_of(edge)]
    edges = walk.incoming(graph)[before] if before else []
    # One that takes a single input stands in the first connection only; one that merges takes what it finds there.
    return [edge for edge in edges if edge["port"] == edges[0]["port"]] if takes_many else edges[:1]


def first_port(graph: Graph, node_id: str) -> str:
    """Return the name of the first input of a node."""
    return ports.first(walk.resolved(graph, require_node(graph, node_id)))


def _make_room(graph: Graph, after: str | None, before: str | None) -> list[float]:
    """Return a position below the node it follows (those below make room), above the one it precedes, or under all."""
    anchor = after or before
    if anchor is None:
        return [0.0, max((node["position"][1] for node in graph["nodes"]), default=-STEP) + STEP]
    x, y = require_node(graph, anchor)["position"]
    place = [x, y + STEP] if after else [x, y]
    for node in graph["nodes"]:
        if node["position"][1] >= place[1]:
            node["position"] = [node["position"][0], node["position"][1] + STEP]
    return place


def remove(graph: Graph, node_id: str) -> Graph:
    """Remove a layer. When it had exactly one input, what its output fed is now fed by that, unless it was already.

    Its states and scores go. Where others share its weights, the first of them keeps them.
    """
    require_node(graph, node_id)
    listed = answers(graph) if "outputs" in graph else []
    graph = copied(leave_to_heir(graph, node_id))
    feeding = [edge for edge in graph["edges"] if edge["target"] == node_id and edge["source"] != node_id]
    following = [edge for edge in graph["edges"] if edge["source"] == node_id and edge["target"] != node_id]
    graph["nodes"] = [node for node in graph["nodes"] if node["id"] != node_id]
    graph["edges"] = [edge for edge in graph["edges"] if node_id not in (edge["source"], edge["target"])]
    if len(feeding) == 1:
        source, output = feeding[0]["source"], walk.output_of(feeding[0])
        graph["edges"] += _handed_back(graph, source, output, following)
        mine = {"node": node_id, "output": 0}
        listed = [{"node": source, "output": output} if item == mine else item for item in listed]
    return with_answers(graph, listed)


def _handed_back(graph: Graph, source: str, output: int, following: list[Edge]) -> list[Edge]:
    """Return the connections of a layer that goes, as they leave what fed it. A shortcut around it stays a single line."""
    there = {
        (edge["target"], edge["port"]) for edge in graph["edges"] if (edge["source"], walk.output_of(edge)) == (source, output)
    }
    handed = [edge for edge in following if not walk.output_of(edge) and (edge["target"], edge["port"]) not in there]
    return [new_edge(source, edge["target"], edge["port"], edge["order"], output) for edge in handed]


def leave_to_heir(graph: Graph, node_id: str) -> Graph:
    """Return the design with the weights of a node handed to the first that shares them."""
    heirs = walk.sharers(graph, node_id)
    if not heirs:
        return graph
    config = require_node(graph, node_id)["config"]
    nodes = []
    for node in graph["nodes"]:
        if node["id"] == heirs[0]:
            node = {key: value for key, value in node.items() if key != "shares"} | {"config": config}
        nodes.append({**node, "shares": heirs[0]} if node["id"] in heirs[1:] else node)
    return {**graph, "nodes": nodes}


def duplicate(graph: Graph, node_id: str) -> tuple[Graph, str]:
    """Copy a layer, with weights of its own. In a chain the copy follows the original, else it is loose."""
    node = walk.resolved(graph, require_node(graph, node_id))
    taken = ports.of(node)
    follows = len(taken) == 1 and not taken[0].many
    place = None if follows else [node["position"][0] + 2 * STEP, node["position"][1]]
    fresh = {key: copy.deepcopy(value) for key, value in node.items() if key in ("class", "config", "call")}
    # A sub-model keeps its own name, with a number behind it; a layer gets the next name of its class.
    names = {item["name"] for item in graph["nodes"]}
    fresh["name"] = free_name(names, node["name"]) if walk.inner(node) else new_name(graph, node["class"])
    return put_in(graph, fresh, node_id if follows else None, None, place)


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
        raise Invalid("A layer can be moved only within a straight chain of layers.", mend="Change the connections instead.")
    first, second = sorted((chain.index(node_id), chain.index(node_id) + step))
    # The first layer is the input: it stays where it is.
    if first < 1 or second >= len(chain):
        return graph
    places = [list(require_node(graph, item)["position"]) for item in chain]
    chain[first], chain[second] = chain[second], chain[first]
    graph = copied(graph)
    graph["edges"] = [new_edge(source, target, first_port(graph, target), 0) for source, target in zip(chain, chain[1:])]
    graph = with_answers(graph, [{"node": chain[-1], "output": 0}])
    return set_positions(graph, dict(zip(chain, places)))


def set_config(graph: Graph, node_id: str, config: Any) -> Graph:
    """Replace the settings of a layer, or of that whose weights it shares. Raises Invalid, one problem per field."""
    node = walk.owner(graph, require_node(graph, node_id))
    clean = catalog.check_config(node["class"], config)
    graph = copied(graph)
    require_node(graph, node["id"])["config"] = clean
    return graph


def set_call(graph: Graph, node_id: str, call: Any) -> Graph:
    """Set what a layer is told when it is called, see `ports.CALL`. None or nothing: Keras decides. Raises Invalid."""
    node = require_node(graph, node_id)
    given = {key: value for key, value in call.items() if value is not None} if isinstance(call, dict) else call
    problem = design.call_problem(node["class"], given)
    if problem:
        raise Invalid(f"{node['name']}: {problem}", mend="Set it in the layer's form.", problems={"call": problem})
    # Only for `training` does false differ from leaving it to Keras.
    told = {key: value for key, value in given.items() if value or key == "training"}
    graph = copied(graph)
    node = require_node(graph, node_id)
    node.pop("call", None)
    if told:
        node["call"] = told
    return graph


def rename(graph: Graph, node_id: str, name: str) -> Graph:
    """Give a layer another name. Raises Invalid when it cannot be one or another layer has it."""
    require_node(graph, node_id)
    if not isinstance(name, str) or not design.NAME.match(name):
        told = "a letter, then letters, digits, _, - or dots, up to 80 characters"
        raise Invalid("This name is not allowed for a layer.", f"Expected: {told}.", problems={"name": f"must be {told}"})
    if any(node["name"] == name and node["id"] != node_id for node in graph["nodes"]):
        raise Invalid("Another layer has this name.", mend="Choose a different one.", problems={"name": "is taken"})
    graph = copied(graph)
    require_node(graph, node_id)["name"] = name
    return graph


def set_positions(graph: Graph, positions: dict[str, list[float]]) -> Graph:
    """Place layers. The browser sends the positions: unknown ids and what is not two numbers are passed over."""
    graph = copied(graph)
    for node in graph["nodes"]:
        place = positions.get(node["id"])
        if design.is_position(place):
            node["position"] = [float(number) for number in place or []]
    return graph


def replace(graph: Graph, other: Graph) -> Graph:
    """Put another design in the place of this one. Raises Invalid when it is not well formed."""
    return design.require_well_formed(other)
