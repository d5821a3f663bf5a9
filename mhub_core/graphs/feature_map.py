"""A detector has an output for each cell of a grid: the last feature map of a design, from which its classifier is cut off."""

from __future__ import annotations

from mhub_core.errors import Invalid
from mhub_core.graphs import edit, shapes, walk
from mhub_core.graphs.walk import Graph, Node

MIN_SIDE = 4  # cells; with fewer, several objects fall into one
_DETECTOR = "the stock grid detector"
# What stands between a feature map and the classes of a classifier. It forgets where in the image something is.
_CLASSIFIER = frozenset(
    (
        *("Flatten", "Dense", "Dropout", "Activation", "Softmax", "ReLU", "LeakyReLU", "ELU", "Reshape", "Concatenate", "Add"),
        *("BatchNormalization", "LayerNormalization", "Conv2D", "AveragePooling2D", "MaxPooling2D"),
        *(f"Global{kind}Pooling{dims}D" for kind in ("Average", "Max") for dims in (1, 2)),
    )
)


def cut(graph: Graph, said: list[str]) -> Graph:
    """Return the design up to its last feature map. Raises Invalid when there is none that a classifier alone follows."""
    end, place = walk.ends(graph)[0]
    last = edit.require_node(graph, end)
    inside = walk.inner(last)
    if inside is not None and len(walk.ends(inside)) == 1 and "shares" not in last and not walk.sharers(graph, end):
        last["config"] = {"graph": cut(inside, said)}
        return graph
    traced, ancestors = shapes.trace(graph), _behind(graph)
    maps = [node_id for node_id in walk.topological(graph) if node_id in ancestors[end] and _is_map(graph, node_id, traced)]
    if not maps:
        raise _no_map()
    found = maps[-1]
    removed = [node for node in graph["nodes"] if node["id"] not in ancestors[found]]
    beyond = next((node for node in removed if walk.resolved(graph, node)["class"] not in _CLASSIFIER), None)
    if beyond is not None:
        raise _not_a_classifier(edit.require_node(graph, found), beyond)
    return _without(graph, removed, edit.require_node(graph, found), said) if removed else graph


def _behind(graph: Graph) -> dict[str, set[str]]:
    """Return for each layer those that it depends on, and itself."""
    feeding, found = walk.incoming(graph), dict[str, set[str]]()
    for node_id in walk.topological(graph):
        found[node_id] = {node_id}.union(*(found[edge["source"]] for edge in feeding[node_id]))
    return found


def _is_map(graph: Graph, node_id: str, traced: dict[str, list[shapes.Shape]]) -> bool:
    """Tell whether a layer gives an image of several cells that is made by convolutions."""
    shape = traced[node_id][0]
    if len(traced[node_id]) != 1 or len(shape) != 3 or list(shape[:2]) == [1, 1]:
        return False
    nodes = walk.nodes_by_id(graph)
    return any(_convolves(walk.resolved(graph, nodes[before])) for before in _behind(graph)[node_id])


def _convolves(node: Node) -> bool:
    inside = walk.inner(node)
    return "Conv2D" in node["class"] or (inside is not None and any(map(_convolves, walk.all_resolved(inside).values())))


def _without(graph: Graph, removed: list[Node], last: Node, said: list[str]) -> Graph:
    names, gone = [node["name"] for node in removed], {node["id"] for node in removed}
    listed = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    said.append(
        f"{listed} {'was' if len(names) == 1 else 'were'} removed: the boxes come from the feature map of {last['name']}."
    )
    graph["nodes"] = [node for node in graph["nodes"] if node["id"] not in gone]
    graph["edges"] = [edge for edge in graph["edges"] if not {edge["source"], edge["target"]} & gone]
    graph.pop("outputs", None)
    return graph


def require_grid(graph: Graph) -> None:
    """Raise Invalid for an answer that is too coarse to tell objects apart, or that is no coarser than the image."""
    first, (last, place) = walk.inputs(graph)[0], walk.ends(graph)[0]
    traced = shapes.trace(graph)
    taken, given = traced[first][0][:-1], traced[last][place][:-1]
    if any(side is not None and side < MIN_SIDE for side in given):
        raise Invalid(
            f"This model reduces the image to a grid of {_sides(given)} cells.",
            f"A grid of at least {MIN_SIDE} x {MIN_SIDE} cells: each cell tells of one object.",
            f"Use larger images or a model that halves them less often, such as {_DETECTOR}.",
        )
    if any(cells is not None and pixels is not None and 2 * cells > pixels for cells, pixels in zip(given, taken, strict=True)):
        raise Invalid(
            f"The output of this model is as fine as the image: {_sides(given)} pixels.",
            "A model for detection has an output for each cell of a grid, at most half as fine as the image.",
            f"Choose a model that makes the image smaller, such as {_DETECTOR} or a convolutional classifier.",
        )


def _sides(shape: shapes.Shape) -> str:
    return " x ".join(map(str, reversed(shape)))


def _no_map() -> Invalid:
    return Invalid(
        "This model has no convolutional layer whose output is an image, so it cannot tell where something is.",
        "Detection needs a convolutional model: its last feature map becomes a grid, and each cell tells of one object.",
        f"Choose a convolutional model, such as {_DETECTOR}.",
    )


def _not_a_classifier(last: Node, beyond: Node) -> Invalid:
    return Invalid(
        f"Behind the last feature map of this model, {last['name']}, comes {beyond['name']} ({beyond['class']}).",
        "For detection, only the layers of a classifier (such as pooling, Flatten and Dense) can be cut off behind it.",
        f"Choose another convolutional model, such as {_DETECTOR}, or remove that layer in the builder.",
    )
