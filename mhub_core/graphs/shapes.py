"""Follows shapes through common layers without Keras: enough to adapt a design; the engine knows them all exactly.

A shape is that of one sample, (height, width, channels); None is a size that is not known. What a layer does that is
not known here leaves the number of dimensions, which may then be wrong, and every size open.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.graphs import ports, walk
from mhub_core.graphs.walk import Graph, Node

Shape = list[int | None]
Given = dict[str, list[Shape]]  # What a layer gets, under the names of its inputs.
# What each sub-model gives for the shapes it gets: those that share and lie in each other call their layers a million times.
_Known = dict[tuple[str, str], list[Shape]]
_CONVOLUTIONS = tuple(
    f"{kind}Conv{dims}D" for kind in ("", "Separable", "Depthwise") for dims in (1, 2, 3) if not (kind and dims == 3)
)
_POOLINGS = tuple(f"{kind}Pooling{dims}D" for kind in ("Max", "Average") for dims in (1, 2, 3))
# Whole families and single layers that give what they get; a merge of equal shapes and attention (its query) do so too.
_UNCHANGED_FAMILIES = ("activations", "normalization", "regularization", "attention", "merging")
_UNCHANGED = ("Identity", "Masking", "Rescaling", "Normalization")
_RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN")


def follow(graph: Graph) -> dict[str, Shape]:
    """Return what every layer of a valid design gives, of several outputs the first."""
    return {node_id: shapes[0] for node_id, shapes in trace(graph).items()}


def trace(
    graph: Graph, entering: dict[str, Shape] | None = None, visit: Callable[[Node, Given], None] | None = None
) -> dict[str, list[Shape]]:
    """Return what every layer of a valid design gives, all its outputs.

    `entering` has the shapes of inputs, by id, where they are not those of the design. `visit` is shown each layer with
    what it gets, and may change its settings before what it gives is found.
    """
    gives: dict[str, list[Shape]] = {}
    known: _Known = {}
    nodes, feeding = walk.nodes_by_id(graph), walk.incoming(graph)
    for node_id in walk.topological(graph):
        node = walk.resolved(graph, nodes[node_id])
        fed = ports.feeding(node, feeding[node_id])
        given = {port: [gives[edge["source"]][walk.output_of(edge)] for edge in edges] for port, edges in fed.items()}
        if visit:
            visit(nodes[node_id], given)
            known.clear()  # What a sub-model gives may have changed with what is inside.
            node = walk.resolved(graph, nodes[node_id])
        gives[node_id] = [entering[node_id]] if entering and node_id in entering else _outputs(node, given, known)
    return gives


def _outputs(node: Node, given: Given, known: _Known) -> list[Shape]:
    inside = walk.inner(node)
    if inside is not None:
        key = node.get("shares", node["id"]), str(given)
        if key not in known:
            gives = trace(inside, {port: shapes[0] for port, shapes in given.items()})
            known[key] = [gives[node_id][output] for node_id, output in walk.ends(inside)]
        return known[key]
    first = output_shape(node, [shape for shapes in given.values() for shape in shapes])
    # Of further outputs, states and scores, nothing is known but that a state is a row of numbers.
    return [first] + [[None]] * (len(ports.outputs(node)) - 1)


def output_shape(node: Node, given: list[Shape]) -> Shape:
    """Return what a layer gives, the first output, for what it gets. `node` has the settings of its layer (`walk.resolved`)."""
    class_name, config = node["class"], node["config"]
    if class_name == "InputLayer":
        return list(config.get("shape", []))
    try:
        return _known(class_name, config, given)
    except (LookupError, TypeError, ZeroDivisionError):  # It does not fit what it gets: the engine says so, and why.
        return [None] * len(given[0]) if given else []


def _known(class_name: str, config: dict[str, Any], given: list[Shape]) -> Shape:
    first = given[0]
    if class_name == "Flatten":
        return [_product(first)]
    if class_name == "Reshape":
        return _reshaped(first, config["target_shape"])
    if class_name == "Concatenate":
        return _concatenated(given, config.get("axis", -1))
    if class_name == "Dot":
        return [None] * max(1, sum(len(shape) for shape in given) - 2)
    if class_name.startswith("Global"):
        return _gathered(config, first)
    if class_name in _CONVOLUTIONS or class_name in _POOLINGS:
        return _slid(class_name, config, first)
    if class_name.startswith(("UpSampling", "ZeroPadding", "Cropping")) or class_name.endswith("Transpose"):
        return _grown(class_name, config, first)
    return _other(class_name, config, first)


def _other(class_name: str, config: dict[str, Any], first: Shape) -> Shape:
    if class_name == "Dense":
        return first[:-1] + [config["units"]]
    if class_name == "EinsumDense":
        return einsum_sizes(config, first)
    if class_name == "Embedding":
        return [*first, config["output_dim"]]
    if class_name == "RepeatVector":
        return [config["n"], *first]
    if class_name == "Permute":
        return [first[place - 1] for place in config["dims"]]
    if class_name in _RECURRENT:
        return [*(first[:1] if config.get("return_sequences") else []), config.get("units")]
    if class_name == "Bidirectional":
        return [*(first[:1] if config["layer"]["config"].get("return_sequences") else []), None]
    if class_name.startswith("ConvLSTM"):
        return [*(first[:1] if config.get("return_sequences") else []), *[None] * (len(first) - 2), config["filters"]]
    block = catalog.get_block("layer", class_name)
    is_same = class_name in _UNCHANGED or (block is not None and block.family in _UNCHANGED_FAMILIES)
    return first if is_same else [None] * len(first)


def is_too_large(node: Node, given: Shape) -> bool:
    """Tell whether a window without padding is larger than what comes in."""
    class_name, config = node["class"], node["config"]
    if class_name not in _CONVOLUTIONS + _POOLINGS or config.get("padding", "valid") != "valid" or len(given) < 2:
        return False
    window, sizes = _window(class_name, config, len(given) - 1), _spatial(config, given)
    return any(size is not None and size < wide for size, wide in zip(sizes, window))


def einsum_sizes(config: dict[str, Any], given: Shape) -> Shape:
    """Return what an EinsumDense gives: its own sizes, but where a letter is also in its input, that input's size."""
    told = config["output_shape"]
    target: Shape = list(told) if isinstance(told, list) else [told]
    read, _, written = str(config["equation"]).replace(" ", "").partition("->")
    read = read.partition(",")[0]
    if "." in read + written or len(read) != len(given) + 1 or len(written) != len(target) + 1:
        return [None] * len(target)
    arriving = dict(zip(read[1:], given))
    return [arriving.get(letter) or size for letter, size in zip(written[1:], target)]


def _spatial(config: dict[str, Any], shape: Shape) -> Shape:
    return shape[1:] if config.get("data_format") == "channels_first" else shape[:-1]


def _slid(class_name: str, config: dict[str, Any], given: Shape) -> Shape:
    """Return the shape behind a convolution or pooling, channels last; with channels first only the rank is told."""
    dims = len(given) - 1
    if config.get("data_format") == "channels_first":
        return [None] * len(given)
    window, is_pooling = _window(class_name, config, dims), class_name in _POOLINGS
    strides = _many(config.get("strides") or (config.get("pool_size", 2) if is_pooling else 1), dims)
    same = config.get("padding", "valid") != "valid"
    sizes = [
        None if size is None else math.ceil(size / step) if same else (size - wide) // step + 1
        for size, wide, step in zip(given[:-1], window, strides)
    ]
    if class_name.startswith("Depthwise"):
        channels = None if given[-1] is None else given[-1] * config.get("depth_multiplier", 1)
    else:
        channels = given[-1] if is_pooling else config["filters"]
    return [*sizes, channels]


def _grown(class_name: str, config: dict[str, Any], given: Shape) -> Shape:
    """Return the shape behind what enlarges or crops, channels last, where its sizes follow from what comes in."""
    dims = len(given) - 1
    if config.get("data_format") == "channels_first":
        return [None] * len(given)
    if class_name.startswith("UpSampling"):
        steps = _many(config.get("size", 2), dims)
        return [None if size is None else size * step for size, step in zip(given[:-1], steps)] + given[-1:]
    if not class_name.endswith("Transpose"):
        return [None] * dims + given[-1:]
    steps = _many(config.get("strides", 1), dims)
    if config.get("padding", "valid") != "same" or config.get("output_padding") is not None:
        return [None] * dims + [config["filters"]]
    return [None if size is None else size * step for size, step in zip(given[:-1], steps)] + [config["filters"]]


def _gathered(config: dict[str, Any], given: Shape) -> Shape:
    if config.get("keepdims") or config.get("data_format") == "channels_first":
        return [None] * (len(given) if config.get("keepdims") else 1)
    return given[-1:]


def _concatenated(given: list[Shape], axis: int) -> Shape:
    place = axis if axis < 0 else axis - 1  # Counted with the batch.
    parts = [shape[place] for shape in given]
    joined = list(given[0])
    joined[place] = None if None in parts else sum(size or 0 for size in parts)
    return joined


def _window(class_name: str, config: dict[str, Any], dims: int) -> list[int]:
    size = config.get("pool_size", 2) if class_name in _POOLINGS else config["kernel_size"]
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
