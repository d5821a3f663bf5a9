"""What the doctor looks at: one layer at fault, what feeds it and with which shapes. And the cuts and stitches it knows."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mhub_core.graphs import edit, shapes, walk
from mhub_core.graphs.walk import Edge, Graph, Node

Attempt = tuple[str, Graph]
Shape = shapes.Shape

# Layers through which samples pass with as many dimensions as before.
PASSING = (
    "Activation", "ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax", "BatchNormalization", "LayerNormalization", "Dropout",
    "GroupNormalization", "UnitNormalization", "RMSNormalization", "GaussianNoise", "GaussianDropout", "AlphaDropout",
    "SpatialDropout1D", "SpatialDropout2D", "Dense", "Rescaling", "Normalization", "Identity", "Masking",
)  # fmt: skip
GATHERING = ("Flatten",) + tuple(f"Global{kind}Pooling{dims}D" for kind in ("Average", "Max") for dims in (1, 2, 3))


@dataclass(frozen=True)
class Case:
    """One layer that cannot be built. `facts` are those of the engine's nodes."""

    graph: Graph
    node: Node
    facts: dict[str, Any]

    @cached_property
    def feeding(self) -> dict[str, list[Edge]]:
        """Return the edges that end at each layer, in order."""
        return walk.incoming(self.graph)

    @cached_property
    def following(self) -> dict[str, list[Edge]]:
        """Return the edges that leave each layer."""
        return walk.outgoing(self.graph)

    @property
    def edges(self) -> list[Edge]:
        """Return what feeds the layer, in order."""
        return self.feeding[self.node["id"]]

    @property
    def sources(self) -> list[Node]:
        """Return the layers that feed it."""
        return [self.at(edge["source"]) for edge in self.edges]

    @property
    def given(self) -> list[Shape]:
        """Return the shapes that come in, of one sample; an unknown one is empty."""
        return [self.shape_of(edge) for edge in self.edges]

    def at(self, node_id: str) -> Node:
        """Return a layer of the design."""
        return edit.require_node(self.graph, node_id)

    def shape_of(self, edge: Edge) -> Shape:
        """Return the shape that a connection carries."""
        fact = self.facts.get(edge["source"], {})
        outputs: list[Shape] = fact.get("outputs") or [fact.get("output_shape", [None])]
        return outputs[min(edge.get("output", 0), len(outputs) - 1)][1:]

    def shape(self, node: Node) -> Shape:
        """Return what a layer gives."""
        shape: Shape = self.facts.get(node["id"], {}).get("output_shape", [None])
        return shape[1:]

    def input_shape(self, node: Node) -> Shape:
        """Return what a layer gets at its first input."""
        edges = self.feeding[node["id"]]
        return self.shape_of(edges[0]) if edges else []

    def back(self, start: Node, through: tuple[str, ...] | None = PASSING) -> Iterator[Node]:
        """Yield a layer and those before it along a single line, up to one that is not `through` (None: all are).

        In a circle no layer comes twice.
        """
        seen: set[str] = set()
        while start["id"] not in seen:
            yield start
            seen.add(start["id"])
            edges = self.feeding[start["id"]]
            if len(edges) == 1 and (through is None or start["class"] in through):
                start = self.at(edges[0]["source"])

    def forward(self, start: Node) -> Iterator[Node]:
        """Yield the layers behind one, along a single line. In a circle no layer comes twice."""
        seen = {start["id"]}
        while len(edges := self.following[start["id"]]) == 1 and edges[0]["target"] not in seen:
            start = self.at(edges[0]["target"])
            seen.add(start["id"])
            yield start


def configured(graph: Graph, node_id: str, **changes: Any) -> Graph:
    """Return the design with some settings of a layer changed."""
    return edit.set_config(graph, node_id, {**edit.require_node(graph, node_id)["config"], **changes})


def replaced(graph: Graph, node_id: str, class_name: str, config: dict[str, Any]) -> Graph:
    """Return the design with a layer of another class at the same place."""
    graph = copy.deepcopy(graph)
    node = edit.require_node(graph, node_id)
    node["name"] = edit.new_name(graph, class_name)
    node.update({"class": class_name, "config": config})
    return graph


def removed(graph: Graph, node_id: str) -> Graph:
    """Return the design without a layer; what fed it now feeds what it fed."""
    return edit.remove(graph, node_id)


def inserted(graph: Graph, edge: Edge, class_name: str, **config: Any) -> tuple[Graph, str]:
    """Return the design with a new layer on one connection, and that layer's id. Those below make room."""
    graph = copy.deepcopy(graph)
    x, y = edit.require_node(graph, edge["target"])["position"]
    for node in graph["nodes"]:
        node["position"][1] += edit.STEP if node["position"][1] >= y else 0.0
    graph, node_id = edit.add_node(graph, class_name, config=config, position=[x, y])
    kept = [item for item in graph["edges"] if item != edge]
    into = {**edge, "target": node_id, "port": "inputs", "order": 0}
    out = {key: value for key, value in {**edge, "source": node_id}.items() if key != "output"}
    graph["edges"] = [*kept, into, out]
    return graph, node_id
