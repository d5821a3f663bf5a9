"""Draws a design layer by layer. What several architectures share is one stroke of the pen."""

from __future__ import annotations

from typing import Any

from mhub_core.graphs import design, edit
from mhub_core.graphs.walk import Graph

CLASSES = 10


class Pen:
    """Draws a design layer by layer, each behind the last, or behind those that are named."""

    def __init__(self, **shape: Any) -> None:
        self.graph: Graph = design.empty()
        self.last: str | None = None
        if shape:
            self.add("InputLayer", **shape)

    def add(self, class_name: str, *sources: str | None, name: str = "", **config: Any) -> str:
        """Add a layer behind `sources` (default: the last one drawn) and return its id."""
        feeding = [source for source in sources or (self.last,) if source is not None]
        self.graph, self.last = edit.add_node(self.graph, class_name, config=config)
        if name:
            self.graph = edit.rename(self.graph, self.last, name)
        for source in feeding:
            self.graph = edit.connect(self.graph, source, self.last)
        return self.last

    def input(self, **config: Any) -> str:
        """Add one more place where data enters."""
        self.last = None
        return self.add("InputLayer", **config)

    def scale(self) -> str:
        """Bring images from bytes, 0 to 255, to 0 to 1."""
        return self.add("Rescaling", scale=1 / 255)

    def normalise(self, activation: str | None = "relu", **config: Any) -> str:
        """Batch normalisation, and an activation behind it."""
        node_id = self.add("BatchNormalization", **config)
        return self.add("Activation", activation=activation) if activation else node_id

    def place(self, steps: int, width: int) -> str:
        """A dense layer whose bias is one learned row for each step: with it a network knows where each step stands."""
        shapes = {"equation": "bsf,fw->bsw", "output_shape": [steps, width], "bias_axes": "sw"}
        spread = {"class": "RandomNormal", "config": {"stddev": 0.02}}
        return self.add("EinsumDense", **shapes, bias_initializer=spread, name="positions")

    def classify(self) -> Graph:
        """End with one probability for each class."""
        self.add("Dense", units=CLASSES, activation="softmax")
        return self.graph

    def estimate(self) -> Graph:
        """End with one number."""
        self.add("Dense", units=1)
        return self.graph
