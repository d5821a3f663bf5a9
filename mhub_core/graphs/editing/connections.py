"""Changes of how layers are connected: lines, their order, layers that are called twice, the answers of the model."""

from __future__ import annotations

import copy
from typing import Any

from mhub_core.errors import Invalid, NotFound
from mhub_core.graphs import ports, walk
from mhub_core.graphs.editing.common import (
    STEP,
    answers,
    copied,
    free_name,
    new_edge,
    new_id,
    require_node,
    with_answers,
)
from mhub_core.graphs.walk import Edge, Graph


def connect(graph: Graph, source: str, target: str, port: str | None = None, output: int = 0) -> Graph:
    """Draw a connection, by default to the first input that is free. An input that takes one forgets its old one.

    Raises Invalid for a circle, for an input layer as target, for an unknown port and for an output that is not given.
    """
    node = walk.resolved(graph, require_node(graph, target))
    port = port or _free_port(graph, target)
    taken = ports.get(node, port)
    if taken is None:
        raise Invalid(f"{node['name']} has no such input.", mend="Connect it to another layer.")
    _require_output(graph, source, output)
    if source == target or source in behind(graph, target):
        told = "This connection would create a cycle."
        raise Invalid(told, "Data flows from input to output.", "Connect them the other way round.")
    listed = answers(graph) if "outputs" in graph else []
    was_end = source in walk.loose_ends(graph)
    graph = copied(graph)
    there = [edge for edge in graph["edges"] if edge["target"] == target and edge["port"] == port]
    if not taken.many:
        graph["edges"] = [edge for edge in graph["edges"] if edge not in there]
        there = []
    order = max((edge["order"] for edge in there), default=-1) + 1
    graph["edges"].append(new_edge(source, target, port, order, output))
    # An end that goes on hands its answer on to where it leads.
    return with_answers(graph, _handed_on(graph, listed, source, output) if was_end else listed)


def _handed_on(graph: Graph, listed: list[dict[str, Any]], source: str, output: int) -> list[dict[str, Any]]:
    mine = {"node": source, "output": output}
    further = behind(graph, source)
    heirs = [{"node": end, "output": 0} for end in walk.loose_ends(graph) if end in further]
    place = listed.index(mine) if mine in listed else len(listed)
    fresh = [heir for heir in heirs if heir not in listed[:place]]
    return listed[:place] + fresh + [item for item in listed[place:] if item != mine and item not in fresh]


def _require_output(graph: Graph, node_id: str, output: int) -> None:
    node = walk.resolved(graph, require_node(graph, node_id))
    count = len(ports.outputs(node))
    if type(output) is not int or not 0 <= output < count:
        told = f"{node['name']} gives {count} output{'s' if count > 1 else ''}."
        raise Invalid(told, mend="Turn on its states or scores first, in its form.")


def _free_port(graph: Graph, node_id: str) -> str:
    """Return the first input of a layer that nothing feeds yet; when all are taken, the first."""
    node = walk.resolved(graph, require_node(graph, node_id))
    fed = ports.feeding(node, walk.incoming(graph)[node_id])
    needed = [port.name for port in ports.of(node) if port.required or len(ports.of(node)) == 1]
    free = [name for name in needed if name not in fed]
    if free or node["class"] in ports.RECURRENT:
        return (free or needed)[0]
    return next((port.name for port in ports.of(node) if port.name not in fed), ports.first(node))


def behind(graph: Graph, *node_ids: str) -> set[str]:
    """Return everything that these nodes feed, directly or not."""
    follows = walk.outgoing(graph)
    found: set[str] = set()
    waiting = list(node_ids)
    while waiting:
        targets = {edge["target"] for edge in follows[waiting.pop()]} - found
        found |= targets
        waiting += targets
    return found


def disconnect(graph: Graph, source: str, target: str, port: str | None = None, output: int | None = None) -> Graph:
    """Remove the connections between two layers, or only those at a port, or of one output."""
    listed = answers(graph) if "outputs" in graph else []
    graph = copied(graph)
    graph["edges"] = [edge for edge in graph["edges"] if not _is_line(edge, source, target, port, output)]
    return with_answers(graph, listed)


def _is_line(edge: Edge, source: str, target: str, port: str | None, output: int | None) -> bool:
    ends = (edge["source"], edge["target"]) == (source, target)
    return ends and port in (None, edge["port"]) and output in (None, walk.output_of(edge))


def move_input(graph: Graph, source: str, target: str, port: str, *, output: int = 0, up: bool = True) -> Graph:
    """Move one of the ordered inputs of a layer one place up or down. Raises NotFound when it is not there."""
    require_node(graph, target)
    graph = copied(graph)
    there = [edge for edge in walk.incoming(graph)[target] if edge["port"] == port]
    place = next((number for number, edge in enumerate(there) if _is_line(edge, source, target, port, output)), None)
    if place is None:
        raise NotFound("This connection is no longer in the diagram.", mend="Reload the diagram.")
    other = place + (-1 if up else 1)
    if 0 <= other < len(there):
        there[place], there[other] = there[other], there[place]
    for order, edge in enumerate(there):
        edge["order"] = order
    return graph


def share(graph: Graph, node_id: str) -> tuple[Graph, str]:
    """Call a layer once more, with the same weights; the new call is loose. Raises Invalid for an input."""
    node = require_node(graph, node_id)
    if node["class"] == "InputLayer":
        raise Invalid("An input has no weights to share.", mend="Choose another layer.")
    owner = walk.owner(graph, node)
    graph = copied(graph)
    fresh = new_id(graph)
    name = free_name({item["name"] for item in graph["nodes"]}, f"{owner['name']}_again"[:80])
    place = [node["position"][0] + 2 * STEP, node["position"][1]]
    made = {"id": fresh, "class": node["class"], "name": name, "config": {}, "position": place, "shares": owner["id"]}
    graph["nodes"].append(made | ({"call": {**owner["call"]}} if "call" in owner else {}))
    return graph, fresh


def unshare(graph: Graph, node_id: str) -> Graph:
    """Give a call of another's layer weights of its own, with the same settings."""
    node = walk.resolved(graph, require_node(graph, node_id))
    own = {key: value for key, value in node.items() if key != "shares"} | {"config": copy.deepcopy(node["config"])}
    return {**graph, "nodes": [own if item["id"] == node_id else item for item in graph["nodes"]]}


def mark_output(graph: Graph, node_id: str, is_output: bool, output: int = 0) -> Graph:
    """Make a layer an answer of the model, behind the other answers, or no longer one.

    Raises Invalid where a layer that feeds no other would not be an answer either.
    """
    _require_output(graph, node_id, output)
    mine, listed = {"node": node_id, "output": output}, answers(graph)
    if is_output:
        return with_answers(graph, listed if mine in listed else [*listed, mine])
    kept = [item for item in listed if item != mine]
    if node_id in walk.loose_ends(graph) and not any(item["node"] == node_id for item in kept):
        told = "A layer that is not connected to another one is an output of the model."
        raise Invalid(told, mend="Connect it to another layer, or remove it.")
    return with_answers(graph, kept)


def move_output(graph: Graph, node_id: str, *, output: int = 0, up: bool = True) -> Graph:
    """Move an answer of the model one place up or down in their order."""
    listed, mine = answers(graph), {"node": node_id, "output": output}
    if mine not in listed:
        raise NotFound("This is no longer an output of the model.", mend="Reload the diagram.")
    place = listed.index(mine)
    other = place + (-1 if up else 1)
    if 0 <= other < len(listed):
        listed[place], listed[other] = listed[other], listed[place]
    return with_answers(graph, listed)
