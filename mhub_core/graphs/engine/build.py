"""Turns a design into a Keras model, after `facts` has said that it builds and is not too large. Imports Keras."""

from __future__ import annotations

from typing import Any

import keras

from mhub_core.errors import Invalid
from mhub_core.graphs import design, ports, walk
from mhub_core.graphs.engine import layers
from mhub_core.graphs.engine.facts import facts
from mhub_core.graphs.walk import Graph, Node


def build(graph: Graph, max_parameters: int) -> keras.Model:
    """Return the Keras model of a design. Raises Invalid, with one problem per node, when it does not build."""
    design.require_valid(graph)
    found = facts(graph, max_parameters)
    problems = {node_id: fact["error"]["message"] for node_id, fact in found["nodes"].items() if "error" in fact}
    if problems:
        node_id = next(iter(problems))
        raise Invalid(problems[node_id], mend=found["nodes"][node_id]["error"]["mend"], problems=problems)
    return _assemble(graph)


def _assemble(graph: Graph, name: str | None = None) -> keras.Model:
    made: dict[str, Any] = {}
    tensors: layers.Tensors = {}
    for node, edges in layers.steps(graph):
        owner = walk.owner_id(node)
        if owner not in made:
            made[owner] = _layer(node if owner == node["id"] else walk.nodes_by_id(graph)[owner])
        tensors[node["id"]] = layers.call(node, made[owner], layers.gather(node, edges, tensors))
    inputs = [tensors[node_id][0] for node_id in walk.inputs(graph)]
    outputs = [tensors[node_id][output] for node_id, output in walk.ends(graph)]
    named = {"name": name} if name else {}
    return keras.Model(ports.one_or_list(inputs), ports.one_or_list(outputs), **named)


def _layer(node: Node) -> Any:
    """Return the layer of a node; a sub-model is a whole model, used as a layer."""
    inside = walk.inner(node)
    return layers.make(node) if inside is None else _assemble(inside, node["name"])
