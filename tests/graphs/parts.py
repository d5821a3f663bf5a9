"""Parts of designs drawn with a random generator: inputs, stages of convolutions, recurrent layers, heads, forks."""

from __future__ import annotations

from random import Random
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.graphs import design, edit
from mhub_core.graphs.walk import Graph

Layer = tuple[str, dict[str, Any]]


def add(graph: Graph, class_name: str, config: dict[str, Any], *sources: str) -> tuple[Graph, str]:
    """Add a layer that the sources feed, in their order, whatever the rules say."""
    fresh = catalog.first_config(catalog.require_layer(class_name))
    graph, node_id = edit.add_node(graph, class_name, config={**fresh, **config})
    for order, source in enumerate(sources):
        graph["edges"].append({"source": source, "target": node_id, "port": "inputs", "order": order})
    return graph, node_id


def chain(layers: list[Layer], graph: Graph | None = None, source: str | None = None) -> tuple[Graph, str]:
    """Return a straight line of layers, and the id of the last."""
    graph = graph or design.empty()
    for class_name, config in layers:
        graph, source = add(graph, class_name, config, *([source] if source else []))
    return graph, source or ""


def line(*parts: list[Layer]) -> Graph:
    return chain([layer for part in parts for layer in part])[0]


def dense(units: int, **config: Any) -> Layer:
    return "Dense", {"units": units, **config}


def conv(rng: Random, filters: int = 0, **config: Any) -> Layer:
    settings = {"filters": filters or rng.choice((8, 16, 32)), "kernel_size": 3, "padding": "same", **config}
    return rng.choice(("Conv2D", "Conv2D", "SeparableConv2D")), settings


def recurrent(rng: Random, **config: Any) -> Layer:
    return rng.choice(("LSTM", "GRU", "SimpleRNN")), {"units": rng.choice((16, 32, 64)), **config}


def photo(rng: Random) -> list[Layer]:
    """Return an input of images and their scaling."""
    shape = rng.choice(([28, 28, 1], [32, 32, 3], [64, 64, 3]))
    return [("InputLayer", {"shape": shape}), ("Rescaling", {"scale": 1 / 255})]


def stages(rng: Random, count: int = 2) -> list[Layer]:
    found = []
    for _ in range(count):
        found += [conv(rng), ("BatchNormalization", {})] if rng.random() < 0.4 else [conv(rng)]
        found.append((rng.choice(("MaxPooling2D", "AveragePooling2D")), {}))
    return found


def table(rng: Random) -> list[Layer]:
    return [("InputLayer", {"shape": [rng.choice((8, 13, 16, 30, 64))]})]


def signal(rng: Random) -> list[Layer]:
    return [("InputLayer", {"shape": rng.choice(([20, 6], [50, 3], [32, 16]))})]


def text(rng: Random) -> list[Layer]:
    sizes = {"input_dim": rng.choice((1000, 5000)), "output_dim": rng.choice((16, 32))}
    return [("InputLayer", {"shape": [rng.choice((40, 80))]}), ("Embedding", sizes)]


def hidden(rng: Random) -> list[Layer]:
    found = [dense(rng.choice((32, 64)), activation="relu")]
    return [*found, ("Dropout", {"rate": 0.3})] if rng.random() < 0.5 else found


def head(rng: Random) -> list[Layer]:
    return [dense(rng.choice((3, 10)), activation="softmax") if rng.random() < 0.7 else dense(1)]


def gather(rng: Random) -> list[Layer]:
    return [(rng.choice(("Flatten", "GlobalAveragePooling2D", "GlobalMaxPooling2D")), {})]


def fork(rng: Random, left: list[Layer], right: list[Layer], merge: Layer, start: list[Layer]) -> Graph:
    """Return images, two branches, a merging layer of both, and an end."""
    graph, trunk = chain(start)
    graph, first = chain(left, graph, trunk)
    graph, second = chain(right, graph, trunk)
    graph, merged = add(graph, *merge, first, second)
    return chain([("GlobalAveragePooling2D", {}), *head(rng)], graph, merged)[0]
