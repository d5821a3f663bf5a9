"""Makes the Keras layer of a node and calls it as its connections say. Imports Keras."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras.src.backend.common import global_state

from mhub_core.catalog import catalog
from mhub_core.catalog import engine as blocks
from mhub_core.graphs import ports, walk
from mhub_core.graphs.walk import Edge, Graph, Node

_UNBORN = "uninitialized_variables"  # Where Keras remembers variables made in a stateless scope.
Tensors = dict[str, list[Any]]  # The outputs of each node that has been called.


@contextmanager
def weightless() -> Iterator[None]:
    """In this scope layers are built with the shapes of their weights but without the numbers.

    What was seeded before goes on afterwards as if nothing had been built: measuring a design does not change its weights.
    """
    before, seeded = list(global_state.get_global_attribute(_UNBORN, [])), random.getstate()
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        # Otherwise the next stateless scope of this process would make all these weights after all.
        global_state.set_global_attribute(_UNBORN, before)
        random.setstate(seeded)


def steps(graph: Graph) -> list[tuple[Node, list[Edge]]]:
    """Return the nodes as they can be built one after the other, with their settings, and the edges that feed each."""
    nodes, feeding = walk.nodes_by_id(graph), walk.incoming(graph)
    order = (nodes[node_id] for node_id in walk.topological(graph))
    return [(walk.resolved(graph, node) if "shares" in node else node, feeding[node["id"]]) for node in order]


def make(node: Node) -> keras.Layer:
    """Return the Keras layer of a node that is no sub-model."""
    config = catalog.check_config(node["class"], node["config"])
    return blocks.construct("layer", node["class"], config, name=node["name"])


def gather(node: Node, edges: list[Edge], tensors: Tensors) -> dict[str, list[Any]]:
    """Return what feeds a node under the names of its inputs, in their order."""
    fed = ports.feeding(node, edges)
    return {name: [tensors[edge["source"]][walk.output_of(edge)] for edge in items] for name, items in fed.items()}


def call(node: Node, layer: Any, given: dict[str, list[Any]]) -> list[Any]:
    """Call a layer on what feeds its node and return its outputs."""
    if node["class"] == "InputLayer":
        return [layer.output]
    arguments, named = ports.arguments(node, given)
    result = layer(*arguments, **named, **node.get("call", {}))
    return keras.tree.flatten(result) if isinstance(result, (list, tuple)) else [result]
