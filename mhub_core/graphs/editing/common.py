"""What every change of a design needs: copies that share what stays, free ids and names, answers kept in order."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from mhub_core.errors import NotFound
from mhub_core.graphs import design, walk
from mhub_core.graphs.walk import Edge, Graph, Node

# Keras names these after a class that it does not export under its own name.
_CLASSES = {"GroupQueryAttention": "GroupedQueryAttention"}
STEP = 110  # The vertical distance between two layers, in the diagram's units.


def require_node(graph: Graph, node_id: str) -> Node:
    """Return one node. Raises NotFound."""
    node: Node | None = next((node for node in graph["nodes"] if node["id"] == node_id), None)
    if node is None:
        raise NotFound("This layer is no longer in the diagram.", mend="Reload the diagram.")
    return node


def copied(graph: Graph) -> Graph:
    """Return a design whose nodes, edges and answers can be changed; settings and positions must be replaced."""
    copy = {**graph, "nodes": [{**node} for node in graph["nodes"]], "edges": [{**edge} for edge in graph["edges"]]}
    return copy | ({"outputs": [{**item} for item in graph["outputs"]]} if "outputs" in graph else {})


def new_id(graph: Graph) -> str:
    """Return an id that no node has."""
    return new_ids(graph, 1)[0]


def new_ids(graph: Graph, count: int) -> list[str]:
    """Return ids that no node has: those behind the highest, or the lowest that are free when that one is near the end."""
    taken = {int(node["id"][1:]) for node in graph["nodes"]}
    first = max(taken, default=0) + 1
    if not design.ID.match(f"n{first + count - 1}"):
        return [f"n{number}" for number in range(1, len(taken) + count + 1) if number not in taken][:count]
    return [f"n{number}" for number in range(first, first + count)]


def new_name(graph: Graph, class_name: str) -> str:
    """Return a free layer name in Keras' own style: Conv2D gives conv2d, then conv2d_1."""
    stem = "input" if class_name == "InputLayer" else automatic_name(class_name)
    return free_name({node["name"] for node in graph["nodes"]}, stem)


def automatic_name(class_name: str) -> str:
    """Return the name that Keras gives to the first layer of a class: MaxPooling2D becomes max_pooling2d."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", _CLASSES.get(class_name, class_name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def free_name(taken: Collection[str], name: str) -> str:
    """Return the name, with a number behind it when it is taken."""
    if name not in taken:
        return name
    stem = re.sub(r"_\d+\Z", "", name)[:70]
    return next(free for number in range(1, len(taken) + 2) if (free := f"{stem}_{number}") not in taken)


def new_edge(source: str, target: str, port: str, order: int, output: int = 0) -> Edge:
    """Return a connection; the first output is not written down."""
    edge: dict[str, Any] = {"source": source, "target": target, "port": port, "order": order}
    return edge | ({"output": output} if output else {})


def answers(graph: Graph) -> list[dict[str, Any]]:
    """Return all answers of the model as a design lists them."""
    return [{"node": node_id, "output": output} for node_id, output in walk.ends(graph)]


def with_answers(graph: Graph, listed: list[dict[str, Any]]) -> Graph:
    """Return the design with these answers, written down only where the connections do not say the same."""
    bare = {key: value for key, value in graph.items() if key != "outputs"}
    ids = {node["id"] for node in graph["nodes"]}
    kept = [item for place, item in enumerate(listed) if item["node"] in ids and item not in listed[:place]]
    whole = {**bare, "outputs": kept}
    return bare if walk.ends(whole) == walk.ends(bare) else whole
