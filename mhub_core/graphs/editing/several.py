"""Changes of several layers at once: remove, copy, cut out, paste. A piece of a design is a small design of its own."""

from __future__ import annotations

import copy
from collections.abc import Collection
from typing import Any

from mhub_core.graphs import design, walk
from mhub_core.graphs.editing.common import STEP, free_name, new_ids, require_node
from mhub_core.graphs.editing.layers import remove
from mhub_core.graphs.walk import Graph, Node

Fragment = dict[str, Any]


def remove_many(graph: Graph, ids: Collection[str]) -> Graph:
    """Remove layers; those that are gone already are passed over. What stood before and behind them is joined."""
    for node_id in dict.fromkeys(ids):
        graph = remove(graph, node_id) if node_id in walk.nodes_by_id(graph) else graph
    return graph


def cut_out(graph: Graph, ids: Collection[str]) -> Fragment:
    """Return a copy of these layers and the connections between them, ready for the clipboard. Raises NotFound.

    A layer that shares the weights of one that stays behind comes with weights of its own.
    """
    chosen = {node_id: require_node(graph, node_id) for node_id in ids}
    nodes = [_on_its_own(graph, node, chosen) for node in graph["nodes"] if node["id"] in chosen]
    edges = [edge for edge in graph["edges"] if edge["source"] in chosen and edge["target"] in chosen]
    return copy.deepcopy({"format": design.FORMAT, "nodes": nodes, "edges": edges})


def _on_its_own(graph: Graph, node: Node, chosen: Collection[str]) -> Node:
    if node.get("shares") in chosen or "shares" not in node:
        return node
    # The first of several calls that are cut out without their owner is the owner from now on.
    heir = next(item for item in walk.sharers(graph, node["shares"]) if item in chosen)
    if heir != node["id"]:
        return {**node, "shares": heir}
    return {key: value for key, value in walk.resolved(graph, node).items() if key != "shares"}


def paste(graph: Graph, fragment: Any, position: list[float] | None = None) -> tuple[Graph, list[str]]:
    """Put a piece into a design, with new ids and free names; return the design and the new ids.

    The piece may come from anywhere: it is checked. `position`: where its upper left corner goes, by default beside
    what it was copied from. Raises Invalid.
    """
    design.require_well_formed(fragment)
    places = [node["position"] for node in fragment["nodes"]]
    corner = [min((place[axis] for place in places), default=0.0) for axis in (0, 1)]
    target = position if design.is_position(position) and position else [corner[0] + 2 * STEP, corner[1]]
    shift = [target[axis] - corner[axis] for axis in (0, 1)]
    nodes = list(graph["nodes"])
    ids = dict(zip((node["id"] for node in fragment["nodes"]), new_ids(graph, len(fragment["nodes"]))))
    names = {node["name"] for node in nodes}
    for node in copy.deepcopy(fragment["nodes"]):
        node |= {"id": ids[node["id"]], "name": free_name(names, node["name"])}
        node |= {"position": [float(node["position"][axis] + shift[axis]) for axis in (0, 1)]}
        node |= {"shares": ids[node["shares"]]} if "shares" in node else {}
        names.add(node["name"])
        nodes.append(node)
    lines = [edge | {"source": ids[edge["source"]], "target": ids[edge["target"]]} for edge in fragment["edges"]]
    return design.require_well_formed({**graph, "nodes": nodes, "edges": [*graph["edges"], *lines]}), list(ids.values())


def duplicate_many(graph: Graph, ids: Collection[str]) -> tuple[Graph, list[str]]:
    """Copy layers with the connections between them; the copy stands beside them and is not connected to the rest."""
    return paste(graph, cut_out(graph, ids))
