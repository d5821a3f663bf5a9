"""Reads a design: who feeds whom, in which order, what is an input and what an output. Takes a well-formed graph."""

from __future__ import annotations

from typing import Any

Graph = dict[str, Any]
Node = dict[str, Any]
Edge = dict[str, Any]


def nodes_by_id(graph: Graph) -> dict[str, Node]:
    """Return the nodes under their ids, in the order they were made."""
    return {node["id"]: node for node in graph["nodes"]}


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


def topological(graph: Graph) -> list[str]:
    """Return the ids so that every node follows what feeds it. Nodes in or behind a cycle are left out."""
    missing = {node_id: len(edges) for node_id, edges in incoming(graph).items()}
    follows = outgoing(graph)
    ready = [node_id for node_id, count in missing.items() if count == 0]
    order: list[str] = []
    while ready:
        node_id = ready.pop(0)
        order.append(node_id)
        for edge in follows[node_id]:
            missing[edge["target"]] -= 1
            if missing[edge["target"]] == 0:
                ready.append(edge["target"])
    return order


def inputs(graph: Graph) -> list[str]:
    """Return the ids of the nodes where data enters."""
    return [node["id"] for node in graph["nodes"] if node["class"] == "InputLayer"]


def outputs(graph: Graph) -> list[str]:
    """Return the ids of the nodes that feed no other."""
    follows = outgoing(graph)
    return [node_id for node_id, edges in follows.items() if not edges]


def as_chain(graph: Graph) -> list[str] | None:
    """Return the ids from input to output when the design is one straight line, else None."""
    order = topological(graph)
    if len(order) != len(graph["nodes"]) or len(graph["edges"]) != len(order) - 1:
        return None
    links = {(edge["source"], edge["target"]) for edge in graph["edges"]}
    return order if all(pair in links for pair in zip(order, order[1:])) else None
