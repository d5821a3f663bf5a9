"""Draws designs for tests."""

from __future__ import annotations

from typing import Any

from mhub_core.graphs import design, edit
from mhub_core.graphs.walk import Graph


def chain(*layers: str | tuple[str, dict[str, Any]]) -> Graph:
    """Return a straight line of layers, each a class name or (class name, config). Their ids are n1, n2 ..."""
    graph, last = design.empty(), None
    for layer in layers:
        class_name, config = (layer, None) if isinstance(layer, str) else layer
        graph, last = edit.add_node(graph, class_name, config=config, after=last)
    return graph


def row(size: int) -> tuple[str, dict[str, Any]]:
    """Return an input of rows of numbers."""
    return "InputLayer", {"shape": [size]}


def picture(*shape: int) -> tuple[str, dict[str, Any]]:
    """Return an input of pictures."""
    return "InputLayer", {"shape": list(shape)}


def dense(units: int, **config: Any) -> tuple[str, dict[str, Any]]:
    """Return a Dense layer."""
    return "Dense", {"units": units, **config}


def classes(graph: Graph, order: list[str]) -> list[str]:
    """Return the classes of nodes."""
    names = {node["id"]: node["class"] for node in graph["nodes"]}
    return [names[node_id] for node_id in order]
