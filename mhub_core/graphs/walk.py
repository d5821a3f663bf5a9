"""Reads a design: who feeds whom, in which order, what is an input and what an answer. Takes a well-formed graph."""

from __future__ import annotations

from typing import Any

Graph = dict[str, Any]
Node = dict[str, Any]
Edge = dict[str, Any]
SUB_MODEL = "Model"  # The class of a node that holds a whole design.


def nodes_by_id(graph: Graph) -> dict[str, Node]:
    """Return the nodes under their ids, in the order they were made."""
    return {node["id"]: node for node in graph["nodes"]}


def owner(graph: Graph, node: Node) -> Node:
    """Return the node whose layer and weights this one uses: itself, or the one it shares with."""
    return nodes_by_id(graph)[node["shares"]] if "shares" in node else node


def owner_id(node: Node) -> str:
    """Return the id of the node whose layer and weights this one uses: its own, or that of the one it shares with."""
    owner: str = node["shares"] if "shares" in node else node["id"]
    return owner


def resolved(graph: Graph, node: Node) -> Node:
    """Return the node with the settings that it has: its own, or those of the layer that it shares."""
    return {**node, "config": owner(graph, node)["config"]} if "shares" in node else node


def all_resolved(graph: Graph) -> dict[str, Node]:
    """Return the nodes under their ids, each with the settings that it has."""
    nodes = nodes_by_id(graph)
    shared = {node["id"]: {**node, "config": nodes[node["shares"]]["config"]} for node in nodes.values() if "shares" in node}
    return nodes | shared


def sharers(graph: Graph, node_id: str) -> list[str]:
    """Return the ids of the nodes that call the layer of this one again."""
    return [node["id"] for node in graph["nodes"] if node.get("shares") == node_id]


def inner(node: Node) -> Graph | None:
    """Return the design inside a sub-model; None for any other layer. Give a sharing node `resolved`."""
    return node["config"].get("graph") if node["class"] == SUB_MODEL else None


def nested(value: Any) -> Node:
    """Return a layer that stands in the settings of another, `{"class", "config"}`. It may be written shorter, or be missing."""
    return {"class": "", "config": {}, **({"class": value} if isinstance(value, str) else value or {})}


def incoming(graph: Graph) -> dict[str, list[Edge]]:
    """Return the edges that end at each node, in the order in which the layer takes them."""
    found: dict[str, list[Edge]] = {node["id"]: [] for node in graph["nodes"]}
    for edge in sorted(graph["edges"], key=lambda edge: edge["order"]):
        found[edge["target"]].append(edge)
    return found


def outgoing(graph: Graph) -> dict[str, list[Edge]]:
    """Return the edges that leave each node."""
    found: dict[str, list[Edge]] = {node["id"]: [] for node in graph["nodes"]}
    for edge in graph["edges"]:
        found[edge["source"]].append(edge)
    return found


def output_of(edge: Edge) -> int:
    """Return which output of its source a connection carries."""
    return int(edge.get("output", 0))


def topological(graph: Graph) -> list[str]:
    """Return the ids so that every node follows what feeds it, branch by branch; without those in or behind a cycle."""
    missing = {node_id: len(edges) for node_id, edges in incoming(graph).items()}
    follows = outgoing(graph)
    place = {node_id: number for number, node_id in enumerate(missing)}
    ready = [node_id for node_id, count in reversed(missing.items()) if count == 0]
    order: list[str] = []
    while ready:
        node_id = ready.pop()
        order.append(node_id)
        freed = []
        for edge in follows[node_id]:
            missing[edge["target"]] -= 1
            if missing[edge["target"]] == 0:
                freed.append(edge["target"])
        # Of the branches that begin here, the one drawn first is followed to its end first.
        ready += sorted(freed, key=place.__getitem__, reverse=True)
    return order


def inputs(graph: Graph) -> list[str]:
    """Return the ids of the nodes where data enters."""
    return [node["id"] for node in graph["nodes"] if node["class"] == "InputLayer"]


def loose_ends(graph: Graph) -> list[str]:
    """Return the ids of the nodes that feed no other."""
    return [node_id for node_id, edges in outgoing(graph).items() if not edges]


def ends(graph: Graph) -> list[tuple[str, int]]:
    """Return the answers of the model in order, each as a node and which of its outputs.

    Those that the design lists come first; whatever else feeds no other layer is an answer too.
    """
    listed = [(item["node"], item.get("output", 0)) for item in graph.get("outputs", ())]
    named = {node_id for node_id, _ in listed}
    return listed + [(node_id, 0) for node_id in loose_ends(graph) if node_id not in named]


def outputs(graph: Graph) -> list[str]:
    """Return the ids of the nodes that give the answers, each once."""
    return list(dict.fromkeys(node_id for node_id, _ in ends(graph)))


def as_chain(graph: Graph) -> list[str] | None:
    """Return the ids from input to output when the design is one straight line, each layer called once, else None."""
    order = topological(graph)
    if len(order) != len(graph["nodes"]) or len(graph["edges"]) != len(order) - 1:
        return None
    if not order or ends(graph) != [(order[-1], 0)] or any("shares" in node for node in graph["nodes"]):
        return None
    links = {(edge["source"], edge["target"]) for edge in graph["edges"] if not output_of(edge)}
    return order if all(pair in links for pair in zip(order, order[1:])) else None
