"""Turns a design into Keras, node by node, so that an error carries its node. Imports Keras.

`facts` computes shapes and counts without making a single weight; `build` does that first, so that a design of
10^9 units is refused before anything is allocated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras.src.backend.common import global_state

from mhub_core.catalog import catalog
from mhub_core.catalog import engine as blocks
from mhub_core.errors import Invalid
from mhub_core.graphs import design, walk, words
from mhub_core.graphs.walk import Graph, Node

# Values that one sample may have at the output of one layer: 800 MB in float32.
MOST_VALUES = 200_000_000
_UNBORN = "uninitialized_variables"  # Where Keras remembers variables made in a stateless scope.


@contextmanager
def weightless() -> Iterator[None]:
    """In this scope layers are built with the shapes of their weights but without the numbers."""
    before = list(global_state.get_global_attribute(_UNBORN, []))
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        # Otherwise the next stateless scope of this process would make all these weights after all.
        global_state.set_global_attribute(_UNBORN, before)


def build(graph: Graph, max_parameters: int) -> keras.Model:
    """Return the Keras model of a design. Raises Invalid, with one problem per node, when it does not build."""
    design.require_valid(graph)
    found = facts(graph, max_parameters)
    problems = {node_id: fact["error"]["message"] for node_id, fact in found["nodes"].items() if "error" in fact}
    if problems:
        node_id = next(iter(problems))
        raise Invalid(problems[node_id], mend=found["nodes"][node_id]["error"]["mend"], problems=problems)
    tensors: dict[str, Any] = {}
    for node, edges in _steps(graph):
        tensors[node["id"]] = _call(node, _layer(node), edges, tensors)
    return keras.Model(_one_or_list(tensors, walk.inputs(graph)), _one_or_list(tensors, walk.outputs(graph)))


def _one_or_list(tensors: dict[str, Any], node_ids: list[str]) -> Any:
    found = [tensors[node_id] for node_id in node_ids]
    return found[0] if len(found) == 1 else found


def facts(graph: Graph, max_parameters: int) -> dict[str, Any]:
    """Return plain JSON about a design, also a half-drawn one: `{"nodes": {id: fact}, "totals", "problems": [...]}`.

    A fact is `{"output_shape": [None, 26, 26, 32], "parameters": 320}`; for a node that cannot be built
    `{"error": {"message", "mend"}}`; for one behind it `{"waiting_for": name}`. `problems` concern the whole.
    Raises Invalid for what is not a design at all.
    """
    design.require_well_formed(graph)
    problems = design.connection_problems(graph)
    found: dict[str, dict[str, Any]] = {}
    for problem in problems:
        if problem.node_id:
            found.setdefault(problem.node_id, {"error": {"message": problem.message, "mend": problem.mend}})
    totals = {"parameters": 0, "trainable_parameters": 0}
    with weightless():
        _measure(graph, found, totals, max_parameters)
    for node in graph["nodes"]:
        found.setdefault(node["id"], {"waiting_for": "the layers before it"})
    return {"nodes": found, "totals": totals, "problems": [item.as_json() for item in problems if item.node_id is None]}


def _measure(graph: Graph, found: dict[str, dict[str, Any]], totals: dict[str, int], max_parameters: int) -> None:
    names = {node["id"]: node["name"] for node in graph["nodes"]}
    tensors: dict[str, Any] = {}
    for node, edges in _steps(graph):
        missing = next((edge["source"] for edge in edges if edge["source"] not in tensors), None)
        if node["id"] in found:
            continue
        if missing:
            found[node["id"]] = {"waiting_for": found[missing].get("waiting_for", names[missing])}
            continue
        try:
            layer = _layer(node)
            tensor = _call(node, layer, edges, tensors)
            found[node["id"]] = _fact(node, layer, tensor, totals, max_parameters)
            tensors[node["id"]] = tensor
        except Exception as error:  # Keras raises every kind: whatever it is belongs to this node.
            shapes = [list(tensors[edge["source"]].shape) for edge in edges]
            message, mend = words.explain(node, shapes, error)
            found[node["id"]] = {"error": {"message": message, "mend": mend}}


def _fact(node: Node, layer: keras.Layer, tensor: Any, totals: dict[str, int], max_parameters: int) -> dict[str, Any]:
    parameters = _count(layer.weights)
    if totals["parameters"] + parameters > max_parameters:
        limit = f"with it the model passes the limit of {max_parameters:,}"
        told = f"{node['name']} would have {parameters:,} parameters; {limit}."
        raise Invalid(told, mend="Make it smaller, or shrink what comes in, for example by pooling.")
    if math.prod(size or 1 for size in tensor.shape) > MOST_VALUES:
        told = f"{node['name']} gives more than {MOST_VALUES:,} values for one sample."
        raise Invalid(told, mend="Make its output smaller.")
    totals["parameters"] += parameters
    totals["trainable_parameters"] += _count(layer.trainable_weights)
    return {"output_shape": list(tensor.shape), "parameters": parameters}


def _count(variables: list[Any]) -> int:
    return sum(math.prod(variable.shape) for variable in variables)


def _steps(graph: Graph) -> list[tuple[Node, list[walk.Edge]]]:
    """Return the nodes in the order in which they can be built, each with the edges that feed it."""
    nodes, feeding = walk.nodes_by_id(graph), walk.incoming(graph)
    return [(nodes[node_id], feeding[node_id]) for node_id in walk.topological(graph)]


def _layer(node: Node) -> keras.Layer:
    config = catalog.check_config(node["class"], node["config"])
    return blocks.construct("layer", node["class"], config, name=node["name"])


def _call(node: Node, layer: keras.Layer, edges: list[walk.Edge], tensors: dict[str, Any]) -> Any:
    """Return the layer's first output: a recurrent layer may also return its states, which a diagram does not draw."""
    block = catalog.require_layer(node["class"])
    if block.role == "input":
        return layer.output
    given = [tensors[edge["source"]] for edge in edges]
    if block.role == "ports":
        result = layer(**{edge["port"]: tensor for edge, tensor in zip(edges, given)})
    else:
        result = layer(given if block.role == "merge" else given[0])
    return result[0] if isinstance(result, (list, tuple)) else result
