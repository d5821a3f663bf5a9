"""Which layers of a design could keep the weights of an earlier one, by name and size: without Keras, as far as sizes are told.

The engine knows exactly and says so in the log of the run (`training.engine.network.start_from`); this is for the form before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.graphs import ports, shapes, walk
from mhub_core.graphs.walk import Graph, Node

MOST_NAMES = 6
_NOTHING: Graph = {"nodes": [], "edges": []}
_WITHOUT_WEIGHTS = ("pooling", "regularization", "reshaping", "merging", "augmentation", "preprocessing", "activations")
_EXCEPT = ("PReLU", "Normalization")
_NONE_EITHER = ("InputLayer", "Identity", "Masking", "Attention", "UnitNormalization")
_OF_NO_SIZE = ("activation", "padding")  # settings that change no weight's shape
_BY_WHOLE_SHAPE = ("PReLU", "EinsumDense")  # elsewhere weights follow the channels of what comes in


def listed(names: Sequence[str]) -> str:
    """Return names of layers as a sentence lists them, the first ones of many."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def layers(before: Graph, after: Graph) -> tuple[list[str], list[str]]:
    """Return the names of the layers with weights of `after`: those that fit the weights of `before`, and those that do not."""
    known = {node["name"]: (node, given) for node, given in _own_layers(before)}
    fitting: list[str] = []
    other: list[str] = []
    for node, given in _own_layers(after):
        twin, inside = known.get(node["name"]), walk.inner(node)
        inside_before = walk.inner(twin[0]) if twin else None
        if inside is not None:
            found = layers(inside_before or _NOTHING, inside)
            for names, of_part in zip((fitting, other), found, strict=True):
                names += [f"{node['name']} / {name}" for name in of_part]
        elif _has_weights(node):
            same = twin is not None and _sizes(*twin) == _sizes(node, given)
            (fitting if same else other).append(node["name"])
    return fitting, other


def last_layer(graph: Graph) -> list[str]:
    """Return the name of the layer with weights that gives the answer, in a list; none without one."""
    return layers(_NOTHING, graph)[1][-1:]


def has_no_hidden_layer(graph: Graph) -> bool:
    """Tell whether one Dense layer is all that learns, as in a linear regression."""
    own = [node for node in graph["nodes"] if "shares" not in node]
    return [node["class"] for node in own if walk.inner(node) is not None or _has_weights(node)] == ["Dense"]


def _own_layers(graph: Graph) -> list[tuple[Node, shapes.Given]]:
    """Return each layer once, with what its first call gets, in the order of the data."""
    gives, nodes, feeding = shapes.trace(graph), walk.nodes_by_id(graph), walk.incoming(graph)
    found = []
    for node_id in walk.topological(graph):
        fed = ports.feeding(walk.resolved(graph, nodes[node_id]), feeding[node_id])
        given = {port: [gives[edge["source"]][walk.output_of(edge)] for edge in edges] for port, edges in fed.items()}
        if "shares" not in nodes[node_id]:
            found.append((nodes[node_id], given))
    return found


def _has_weights(node: Node) -> bool:
    block = catalog.get_block("layer", node["class"])
    has_none = block is not None and block.family in _WITHOUT_WEIGHTS and node["class"] not in _EXCEPT
    return not has_none and node["class"] not in _NONE_EITHER


def _sizes(node: Node, given: shapes.Given) -> Any:
    config = {name: value for name, value in node["config"].items() if name not in _OF_NO_SIZE}
    arriving = [shape for of_port in given.values() for shape in of_port]
    if node["class"] in _BY_WHOLE_SHAPE:
        return node["class"], config, arriving
    place = 0 if config.get("data_format") == "channels_first" else -1
    return node["class"], config, [shape[place] if shape else None for shape in arriving]
