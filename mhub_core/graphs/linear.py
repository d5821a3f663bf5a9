"""Finds designs that can learn no more than a weighted sum, because no layer before the last one has an activation."""

from __future__ import annotations

from mhub_core.graphs import edit, walk
from mhub_core.graphs.walk import Graph, Node

# Linear unless they are given an activation.
_WEIGHTED = (
    "Dense", "EinsumDense", "Conv1D", "Conv2D", "Conv3D", "SeparableConv1D", "SeparableConv2D", "DepthwiseConv1D",
    "DepthwiseConv2D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose",
)  # fmt: skip
# Linear always; dropout, noise and the layers whose names begin with Random act during training alone.
_LINEAR = (
    "InputLayer", "Identity", "Flatten", "Reshape", "Permute", "RepeatVector", "UpSampling", "ZeroPadding", "Cropping",
    "Resizing", "CenterCrop", "Rescaling", "Normalization", "BatchNormalization", "Dropout", "SpatialDropout",
    "GaussianDropout", "GaussianNoise", "ActivityRegularization", "AveragePooling", "GlobalAveragePooling",
    "AdaptiveAveragePooling", "Add", "Subtract", "Average", "Concatenate",
)  # fmt: skip


def hidden_layers(graph: Graph) -> list[Node]:
    """Return the layers with weights before the last one of a design in which only the last layer has an activation, if any.

    Together with the last one they do what it could do alone. No layer for any other design: for one with a sub-model neither.
    """
    nodes, order = walk.all_resolved(graph), walk.topological(graph)
    feeds = {node_id: [edge["target"] for edge in edges] for node_id, edges in walk.outgoing(graph).items()}
    if any(feeds[node_id] and not _is_linear(nodes[node_id]) for node_id in order):
        return []
    reaches: dict[str, bool] = {}  # whether a layer with weights follows
    for node_id in reversed(order):
        reaches[node_id] = any(reaches[after] or nodes[after]["class"] in _WEIGHTED for after in feeds[node_id])
    return [nodes[node_id] for node_id in order if reaches[node_id] and nodes[node_id]["class"] in _WEIGHTED]


def with_activation(graph: Graph, layers: list[Node], activation: str = "relu") -> Graph:
    """Return the design with an activation in some of its layers."""
    for node in layers:
        graph = edit.set_config(graph, node["id"], {**node["config"], "activation": activation})
    return graph


def _is_linear(node: Node) -> bool:
    name = node["class"]
    if name in _WEIGHTED:
        return node["config"].get("activation") in (None, "linear")
    return name.rstrip("123D") in _LINEAR or name.startswith("Random")
