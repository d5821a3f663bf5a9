"""Follows shapes through common layers without Keras: enough to adapt a design; the engine knows them all exactly.

A shape is that of one sample, (height, width, channels); None is a size that is not known. Of a layer that is not known here
it is only supposed that it gives as many dimensions as it gets, each of any size.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.graphs import needs, ports, walk
from mhub_core.graphs.walk import Graph, Node

Shape = list[int | None]
Given = dict[str, list[Shape]]  # What a layer gets, under the names of its inputs.
# What each sub-model gives for the shapes it gets: those that share and lie in each other call their layers a million times.
_Known = dict[tuple[str, str], list[Shape]]
_CONVOLUTIONS = tuple(
    f"{kind}Conv{dims}D" for kind in ("", "Separable", "Depthwise") for dims in (1, 2, 3) if not (kind and dims == 3)
)
_POOLINGS = tuple(f"{kind}Pooling{dims}D" for kind in ("Max", "Average") for dims in (1, 2, 3))
# Whole families and single layers that give what they get.
_UNCHANGED_FAMILIES = ("activations", "normalization", "regularization")
_UNCHANGED = ("Identity", "Masking", "Rescaling", "Normalization")
_BROADCASTING = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")


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
        key = walk.owner_id(node), str(given)
        if key not in known:
            gives = trace(inside, {port: shapes[0] for port, shapes in given.items()})
            known[key] = [gives[node_id][output] for node_id, output in walk.ends(inside)]
        return known[key]
    arriving = [shape for shapes in given.values() for shape in shapes]
    first = output_shape(node, arriving)
    # The two directions of a Bidirectional that are not merged are alike.
    return [first] + [first if title == "backward" else _further(node, arriving[0]) for title in ports.outputs(node)[1:]]


def _further(node: Node, given: Shape) -> Shape:
    """Return as many open sizes as scores have (heads, queries, keys), or a state: that of images is an image."""
    class_name = node["class"]
    if class_name in ports.ATTENTION:
        return [None] * (2 if class_name in ports.LISTED else 3)
    inner = walk.nested(node["config"].get("layer"))
    return [None] * (len(given) - 1 if (inner["class"] or class_name).startswith("ConvLSTM") else 1)


def output_shape(node: Node, given: list[Shape]) -> Shape:
    """Return what a layer gives, the first output, for what it gets. `node` has the settings of its layer (`walk.resolved`)."""
    class_name, config = node["class"], node["config"]
    if class_name == "InputLayer":
        return list(config.get("shape", []))
    try:
        return _known(class_name, config, given)
    except (LookupError, TypeError, ValueError, ZeroDivisionError):  # It does not fit what it gets: the engine says so, and why.
        return [None] * len(given[0]) if given else []


def _known(class_name: str, config: dict[str, Any], given: list[Shape]) -> Shape:
    first = given[0]
    if class_name == "Flatten":
        return [_product(first)]
    if class_name == "Reshape":
        return _reshaped(first, config["target_shape"])
    if class_name == "Concatenate":
        return _concatenated(given, config.get("axis", -1))
    if class_name in _BROADCASTING:
        return _broadcast(given)
    if class_name in ports.ATTENTION:
        return _attended(class_name, config, given)
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
    if class_name in needs.READS_STEPS or class_name.startswith("ConvLSTM"):
        return _recurrent(class_name, config, first)
    if class_name in ("Bidirectional", "SpectralNormalization", "TimeDistributed"):
        return _wrapped(class_name, config, first)
    if class_name == "ReversibleEmbedding":
        return [*first, config["output_dim"]]
    if config.get("output_mode") == "one_hot" and class_name != "Hashing":
        return [*(first[:-1] if first[-1:] == [1] else first), None]
    block = catalog.get_block("layer", class_name)
    is_same = class_name in _UNCHANGED or (block is not None and block.family in _UNCHANGED_FAMILIES)
    return first if is_same else [None] * len(first)


def _recurrent(class_name: str, config: dict[str, Any], given: Shape) -> Shape:
    steps = given[:1] if config.get("return_sequences") else []
    if not class_name.startswith("ConvLSTM"):
        return [*steps, config.get("units")]
    is_first = config.get("data_format") == "channels_first"
    return [*steps, *[None] * (len(given) - 2), None if is_first else config["filters"]]


def _wrapped(class_name: str, config: dict[str, Any], given: Shape) -> Shape:
    """Return what the layer inside gives; merging the two directions changes its last size, or its first in images."""
    inner = walk.nested(config["layer"])
    if class_name == "TimeDistributed":
        return [*given[:1], *output_shape(inner, [given[1:]])]
    found = output_shape(inner, [given])
    if class_name != "Bidirectional":
        return found
    return [*found[:1], *[None] * (len(found) - 1)] if inner["config"].get("return_sequences") else [None] * len(found)


def _broadcast(given: list[Shape]) -> Shape:
    """Return the shape of what is computed number by number: a size of 1 stands for every size, as in NumPy."""
    rank = max(map(len, given))
    ones: Shape = [1]
    columns = zip(*(ones * (rank - len(shape)) + shape for shape in given))
    return [_common([size for size in sizes if size != 1]) if set(sizes) != {1} else 1 for sizes in columns]


def _common(sizes: list[int | None]) -> int | None:
    return sizes[0] if len(set(sizes)) == 1 else None


def _attended(class_name: str, config: dict[str, Any], given: list[Shape]) -> Shape:
    """Attention gives its query's places: with as many numbers as a value has, or in several heads as the query has."""
    query, value = given[0], given[1]
    if class_name in ports.LISTED:
        return query[:-1] + value[-1:]
    return [None] * len(query) if config.get("output_shape") is not None else query


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
    if axis == 0:  # The batch, with which all axes are counted.
        return [None] * len(given[0])
    place = axis if axis < 0 else axis - 1
    parts = [shape[place] for shape in given]
    joined = [_common(list(sizes)) for sizes in zip(*given)]
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
