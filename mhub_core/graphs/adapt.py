"""Makes a design fit the data: its input takes the data's shape, its output has one unit per class (or one number).

Pure Python: shapes are followed only as far as needed to keep windows from growing larger than the picture.
"""

from __future__ import annotations

import copy
import math

from mhub_core.errors import Invalid
from mhub_core.graphs import design, edit, shapes, walk
from mhub_core.graphs.walk import Graph, Node
from mhub_core.graphs.words import shape_text

CLASSIFICATION = "classification"


def adapt(
    graph: Graph, input_shape: tuple[int, ...], kind: str, task: str, num_outputs: int
) -> tuple[Graph, list[str]]:
    """Return the design that fits the data, and a sentence for everything that was changed.

    `input_shape` is one sample's, without the batch; `kind` is "table" or "images"; `task` is "classification" or
    "regression". Raises Invalid for a broken design and for one with several inputs or outputs.
    """
    design.require_valid(graph)
    graph = copy.deepcopy(graph)
    ends = walk.inputs(graph), walk.outputs(graph)
    if any(len(nodes) != 1 for nodes in ends):
        told = f"This model has {len(ends[0])} inputs and {len(ends[1])} outputs."
        raise Invalid(told, "A model that trains on a data set has one of each.", "Change it in the builder.")
    said: list[str] = []
    graph = _fit_input(graph, list(input_shape), kind, said)
    graph = _fit_scale(graph, kind, said)
    graph = _fit_windows(graph, said)
    graph = _fit_output(graph, task, num_outputs, said)
    return design.require_valid(graph), said


def _fit_input(graph: Graph, wanted: list[int], kind: str, said: list[str]) -> Graph:
    node = edit.require_node(graph, walk.inputs(graph)[0])
    drawn = node["config"].get("shape", [])
    if drawn != wanted:
        numbers = " numbers (one for each column; a column of words gives one for each word)" if kind == "table" else ""
        said.append(f"The input takes {shape_text([None, *wanted])}{numbers} instead of {shape_text([None, *drawn])}.")
    node["config"] = {"shape": wanted}
    fed = [edit.require_node(graph, edge["target"]) for edge in walk.outgoing(graph)[node["id"]]]
    _loosen_reshapes(fed, wanted, said)
    if len(wanted) == len(drawn) or any(layer["class"] in ("Flatten", "Reshape") for layer in fed):
        return graph
    return _bridge(graph, node, wanted, len(drawn), said)


def _loosen_reshapes(fed: list[Node], wanted: list[int], said: list[str]) -> None:
    """Let a Reshape that was drawn for another number of values take what now comes in."""
    for layer in fed:
        target = layer["config"].get("target_shape", []) if layer["class"] == "Reshape" else []
        if target and None not in target and -1 not in target and math.prod(target) != math.prod(wanted):
            layer["config"] = {"target_shape": [-1] + [1] * (len(target) - 1)}
            said.append(f"{layer['name']} reshapes to fit the {math.prod(wanted)} values of the new data.")


def _bridge(graph: Graph, node: Node, wanted: list[int], rank: int, said: list[str]) -> Graph:
    """Insert a layer behind the input that brings the data to as many dimensions as the design was drawn for."""
    if rank == 1:
        graph, node_id = edit.add_node(graph, "Flatten", after=node["id"])
        said.append("A Flatten layer makes one row of numbers of each picture.")
        return graph
    target = _target(wanted, rank)
    graph, node_id = edit.add_node(graph, "Reshape", config={"target_shape": target}, after=node["id"])
    said.append(f"A Reshape layer brings each sample to {shape_text([None, *target])}, as the model was drawn for.")
    return graph


def _target(wanted: list[int], rank: int) -> list[int]:
    """Return a shape of `rank` dimensions for a sample: (13,) becomes (13, 1, 1), (28, 28, 3) becomes (28, 84)."""
    if len(wanted) <= rank:
        return wanted + [1] * (rank - len(wanted))
    return wanted[: rank - 1] + [math.prod(wanted[rank - 1 :])]


def _fit_scale(graph: Graph, kind: str, said: list[str]) -> Graph:
    """Pictures come as bytes, 0 to 255, and tables standardised; a network learns well from numbers around 1."""
    scaling = [node for node in graph["nodes"] if node["class"] in ("Rescaling", "Normalization")]
    if kind == "images" and not scaling:
        source = walk.inputs(graph)[0]
        graph, _ = edit.add_node(graph, "Rescaling", config={"scale": 1 / 255}, after=source)
        said.append("A Rescaling layer brings the values of the pictures from 0-255 to 0-1.")
    for node in scaling if kind == "table" else []:
        if node["class"] == "Rescaling" and node["config"].get("scale") == 1 / 255:
            graph = edit.remove(graph, node["id"])
            said.append(f"{node['name']} was left out: it is for pictures; the values of a table are standardised.")
    return graph


def _fit_windows(graph: Graph, said: list[str]) -> Graph:
    """Where a convolution or pooling window is larger than what reaches it, let it reach over the border."""
    known: dict[str, shapes.Shape] = {}
    widened: list[str] = []
    feeding, nodes = walk.incoming(graph), walk.nodes_by_id(graph)
    for node_id in walk.topological(graph):
        node = nodes[node_id]
        given = [known[edge["source"]] for edge in feeding[node_id]]
        if given and shapes.is_too_large(node, given[0]):
            node["config"]["padding"] = "same"
            widened.append(node["name"])
        known[node_id] = shapes.output_shape(node, given)
    if widened:
        said.append(f'The padding is now "same" in {", ".join(widened)}: the window is larger than what reaches it.')
    return graph


def _fit_output(graph: Graph, task: str, num_outputs: int, said: list[str]) -> Graph:
    activation = "softmax" if task == CLASSIFICATION else "linear"
    units = num_outputs if task == CLASSIFICATION else 1
    last = edit.require_node(graph, walk.outputs(graph)[0])
    head = _head(graph, last)
    if head is None:
        return _append_head(graph, last, units, activation, said)
    graph = _flatten_before(graph, head["id"], said)
    head, last = edit.require_node(graph, head["id"]), edit.require_node(graph, last["id"])
    before = copy.deepcopy((head["config"], last["class"], last["config"]))
    head["config"]["units"] = units
    if head is last:
        _set_activation(head, activation)
    else:
        # The activation stands in a layer of its own: the Dense before it stays linear.
        head["config"].pop("activation", None)
        last.update({"class": "Activation", "config": {"activation": activation}})
    if before != (head["config"], last["class"], last["config"]):
        said.append(_output_sentence(head["name"], units, task))
    return graph


def _set_activation(node: Node, activation: str) -> None:
    if activation == "linear":
        if node["config"].get("activation") != "linear":
            node["config"].pop("activation", None)
    else:
        node["config"]["activation"] = activation


def _head(graph: Graph, last: Node) -> Node | None:
    """Return the Dense that makes the output, perhaps followed by its activation as a layer; None without one."""
    if last["class"] == "Dense":
        return last
    edges = walk.incoming(graph)[last["id"]]
    if last["class"] not in ("Activation", "Softmax") or len(edges) != 1:
        return None
    before = edit.require_node(graph, edges[0]["source"])
    fed = walk.outgoing(graph)[before["id"]]
    return before if before["class"] == "Dense" and len(fed) == 1 else None


def _append_head(graph: Graph, last: Node, units: int, activation: str, said: list[str]) -> Graph:
    rank = len(shapes.follow(graph)[last["id"]])
    node_id = last["id"]
    if rank > 1:
        class_name = {2: "GlobalAveragePooling1D", 3: "GlobalAveragePooling2D"}.get(rank, "Flatten")
        graph, node_id = edit.add_node(graph, class_name, after=node_id)
        said.append(f"A {class_name} layer gathers what the model found into one row of numbers.")
    config = {"units": units} | ({"activation": activation} if activation != "linear" else {})
    graph, node_id = edit.add_node(graph, "Dense", config=config, after=node_id)
    task = CLASSIFICATION if activation == "softmax" else "regression"
    said.append("A Dense layer was added. " + _output_sentence(edit.require_node(graph, node_id)["name"], units, task))
    return graph


def _flatten_before(graph: Graph, node_id: str, said: list[str]) -> Graph:
    """A Dense on a picture answers once per pixel; one answer per sample needs a row of numbers."""
    source = walk.incoming(graph)[node_id][0]["source"]
    if len(shapes.follow(graph)[source]) <= 1:
        return graph
    graph, _ = edit.add_node(graph, "Flatten", after=source, before=node_id)
    said.append("A Flatten layer before the last one makes a single row of numbers of each sample.")
    return graph


def _output_sentence(name: str, units: int, task: str) -> str:
    if task == CLASSIFICATION:
        return f"{name} answers with {units} probabilities, one for each class."
    return f"{name} answers with one number."
