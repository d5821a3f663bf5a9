"""Follows shapes through common layers without Keras: enough to adapt a design; the engine knows them all exactly.

A shape is that of one sample, (height, width, channels); None is a size that is not known.
"""

from __future__ import annotations

import math
from typing import Any

from mhub_core.graphs import walk
from mhub_core.graphs.walk import Graph, Node

Shape = list[int | None]
_CONVOLUTIONS = tuple(
    f"{kind}Conv{dims}D" for kind in ("", "Separable", "Depthwise") for dims in (1, 2, 3) if not (kind and dims == 3)
)
_UNCHANGED = (
    "BatchNormalization", "LayerNormalization", "Dropout", "Activation", "ReLU", "LeakyReLU", "Add", "Rescaling",
)  # fmt: skip
_POOLINGS = tuple(f"{kind}Pooling{dims}D" for kind in ("Max", "Average") for dims in (1, 2, 3))
_RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN")


def follow(graph: Graph) -> dict[str, Shape]:
    """Return what every layer of a valid design gives."""
    known: dict[str, Shape] = {}
    feeding, nodes = walk.incoming(graph), walk.nodes_by_id(graph)
    for node_id in walk.topological(graph):
        known[node_id] = output_shape(nodes[node_id], [known[edge["source"]] for edge in feeding[node_id]])
    return known


def output_shape(node: Node, given: list[Shape]) -> Shape:
    """Return what a layer gives for what it gets. What is not known here keeps its number of dimensions."""
    class_name, config = node["class"], node["config"]
    if class_name == "InputLayer":
        return list(config.get("shape", []))
    first = given[0]
    if class_name == "Flatten":
        return [_product(first)]
    if class_name == "Reshape":
        return _reshaped(first, config.get("target_shape", [-1]))
    if class_name == "Concatenate" and config.get("axis", -1) == -1:
        channels = [shape[-1] for shape in given]
        return first[:-1] + [None if None in channels else sum(size or 0 for size in channels)]
    if class_name.startswith("Global"):
        return first if config.get("keepdims") else first[-1:]
    if class_name in _CONVOLUTIONS or class_name in _POOLINGS:
        return _slid(node, first)
    return _other(class_name, config, first)


def _other(class_name: str, config: dict[str, Any], first: Shape) -> Shape:
    if class_name == "Dense":
        return first[:-1] + [config.get("units")]
    if class_name == "Embedding":
        return [*first, config.get("output_dim")]
    if class_name == "RepeatVector":
        return [config.get("n"), *first]
    if class_name in _RECURRENT:
        return [*(first[:1] if config.get("return_sequences") else []), config.get("units")]
    if class_name == "Bidirectional":
        inner = config["layer"]["config"]
        return [*(first[:1] if inner.get("return_sequences") else []), None]
    return first if class_name in _UNCHANGED else [None] * len(first)


def is_too_large(node: Node, given: Shape) -> bool:
    """Tell whether a window without padding is larger than what comes in."""
    if node["class"] not in _CONVOLUTIONS + _POOLINGS or node["config"].get("padding", "valid") != "valid":
        return False
    window = _window(node, len(given) - 1)
    return any(size is not None and size < wide for size, wide in zip(_spatial(node, given), window))


def _spatial(node: Node, shape: Shape) -> Shape:
    return shape[1:] if node["config"].get("data_format") == "channels_first" else shape[:-1]


def _slid(node: Node, given: Shape) -> Shape:
    """Return the shape behind a convolution or pooling, channels last; with channels first only the rank is told."""
    config, dims = node["config"], len(given) - 1
    if config.get("data_format") == "channels_first":
        return [None] * len(given)
    window, is_pooling = _window(node, dims), node["class"] in _POOLINGS
    strides = _many(config.get("strides") or (config.get("pool_size", 2) if is_pooling else 1), dims)
    same = config.get("padding", "valid") != "valid"
    sizes = [
        None if size is None else math.ceil(size / step) if same else (size - wide) // step + 1
        for size, wide, step in zip(given[:-1], window, strides)
    ]
    channels = given[-1] if is_pooling or node["class"].startswith("Depthwise") else config.get("filters")
    return [*sizes, None if node["class"].startswith("Depthwise") else channels]


def _window(node: Node, dims: int) -> list[int]:
    config = node["config"]
    size = config.get("pool_size", 2) if node["class"] in _POOLINGS else config["kernel_size"]
    dilation = _many(config.get("dilation_rate", 1), dims)
    return [(wide - 1) * step + 1 for wide, step in zip(_many(size, dims), dilation)]


def _many(value: Any, count: int) -> list[int]:
    values = value if isinstance(value, list) else [value]
    return list(values) if len(values) == count else [values[0]] * count


def _product(shape: Shape) -> int | None:
    return None if None in shape else math.prod(size for size in shape if size is not None)


def _reshaped(given: Shape, target: list[Any]) -> Shape:
    total = _product(given)
    rest = math.prod(size for size in target if size not in (None, -1))
    missing = None if total is None else total // rest
    return [missing if size in (None, -1) else size for size in target]
