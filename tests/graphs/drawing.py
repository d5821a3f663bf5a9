"""Draws designs for tests."""

from __future__ import annotations

from typing import Any

from mhub_core.data.records import DataSpec
from mhub_core.graphs import adapt, design, edit
from mhub_core.graphs.walk import Graph
from mhub_core.kinds.registry import require_kind
from mhub_core.tasks.registry import require_task


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


def adapted(
    graph: Graph, shape: tuple[int, ...], kind: str, task: str, num_outputs: int, **known: int
) -> tuple[Graph, list[str]]:
    """Adapt a design to data of which only shape, kind, task, number of answers and what is `known` of the input are there."""
    target = {"name": "target", "classes": [str(number) for number in range(num_outputs)]}
    data = DataSpec(kind, task, {}, {"shape": list(shape), **known}, target, 0, 0, 0)
    return adapt.adapt(graph, require_kind(kind).input(data), require_task(task).output(data))
