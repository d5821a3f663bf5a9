"""Measures a design node by node, so that an error carries its node: shapes, weights, work, memory. Imports Keras.

No weight is ever made: a design of 10^9 units is refused before anything is allocated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import keras

from mhub_core.errors import Invalid
from mhub_core.graphs import design, needs, walk, wiring, words
from mhub_core.graphs.engine import cost, layers
from mhub_core.graphs.walk import Edge, Graph, Node

# Values that one sample may have at the output of one layer: 800 MB in float32.
MOST_VALUES = 200_000_000
NodeFacts = dict[str, dict[str, Any]]


@dataclass
class Sums:
    """What the whole model costs: numbers to learn, multiply-adds and bytes of all outputs for one sample."""

    most_parameters: int = 0
    parameters: int = 0
    trainable_parameters: int = 0
    multiply_adds: int = 0
    weight_bytes: int = 0
    activation_bytes: int = 0

    def as_json(self) -> dict[str, int]:
        """Return the sums as plain JSON."""
        return {key: value for key, value in vars(self).items() if key != "most_parameters"}


def facts(graph: Graph, max_parameters: int) -> dict[str, Any]:
    """Return plain JSON about a design, also a half-drawn one: `{"nodes": {id: fact}, "totals", "problems": [...]}`.

    A fact is `{"output_shape": [None, 26, 26, 32], "parameters": 320, "multiply_adds": 194688}`, with a list of shapes,
    `"outputs"`, where a layer gives several; for a node that cannot be built `{"error": {"message", "mend"}}`; for one
    behind it `{"waiting_for": name}`. A size that is open counts as 1. `problems` concern the whole.
    Raises Invalid for what is not a design at all.
    """
    design.require_well_formed(graph)
    problems = wiring.connection_problems(graph)
    found: NodeFacts = {}
    for problem in problems:
        if problem.node_id:
            found.setdefault(problem.node_id, {"error": {"message": problem.message, "mend": problem.mend}})
    sums = Sums(max_parameters)
    with layers.weightless():
        _measure(graph, found, sums, {}, None)
    for node in graph["nodes"]:
        found.setdefault(node["id"], {"waiting_for": "the layers before it"})
    whole = [item.as_json() for item in problems if item.node_id is None]
    return {"nodes": found, "totals": sums.as_json(), "problems": whole}


def _measure(graph: Graph, found: NodeFacts, sums: Sums, made: dict[str, Any], entering: dict[str, Any] | None) -> layers.Tensors:
    """Fill in the facts of a design and return what its layers give.

    `made` keeps the layers by the ids of their owners. `entering`: what its inputs get, when it is a sub-model.
    """
    owners = walk.nodes_by_id(graph)
    tensors: layers.Tensors = {}
    for node, edges in layers.steps(graph):
        missing = next((edge["source"] for edge in edges if edge["source"] not in tensors), None)
        if node["id"] in found:
            continue
        if missing:
            found[node["id"]] = {"waiting_for": found[missing].get("waiting_for", owners[missing]["name"])}
        elif entering is not None and node["class"] == "InputLayer":
            tensors[node["id"]] = [entering[node["id"]]]
        else:
            before = replace(sums)
            try:
                outputs = _call(node, owners[walk.owner_id(node)], made, edges, tensors, sums)
                found[node["id"]] = _fact(node, outputs, before, sums)
                tensors[node["id"]] = outputs
            except Exception as error:  # Keras raises every kind: whatever it is belongs to this node.
                vars(sums).update(vars(before))
                found[node["id"]] = {"error": _told(node, edges, tensors, error)}
    return tensors


def _told(node: Node, edges: list[Edge], tensors: layers.Tensors, error: Exception) -> dict[str, str]:
    given = [tensors[edge["source"]][walk.output_of(edge) :][:1] for edge in edges]
    message, mend = words.explain(node, [list(tensor.shape) for taken in given for tensor in taken], error)
    return {"message": message, "mend": mend}


def _call(node: Node, owner: Node, made: dict[str, Any], edges: list[Edge], tensors: layers.Tensors, sums: Sums) -> list[Any]:
    given = layers.gather(node, edges, tensors)
    if owner["id"] not in made:
        is_model = owner["class"] == walk.SUB_MODEL
        made[owner["id"]] = _SubModel(owner, sums.most_parameters) if is_model else layers.make(owner)
    layer = made[owner["id"]]
    if isinstance(layer, _SubModel):
        outputs, own = layer(given)
        sums.multiply_adds += own.multiply_adds
        sums.activation_bytes += own.activation_bytes
        _add_weights(node, own, sums)
        return outputs
    arriving = [tensor for items in given.values() for tensor in items]
    shapes = [tuple(tensor.shape) for tensor in arriving]
    needs.require(node, [list(shape) for shape in shapes])
    needs.require_numbers(node, [tensor.dtype for tensor in arriving])
    outputs = layers.call(node, layer, given)
    _add_weights(node, _weights(layer), sums)
    sums.multiply_adds += cost.multiply_adds(layer, shapes, [tuple(tensor.shape) for tensor in outputs])
    sums.activation_bytes += sum(_size(tensor.shape) * _bytes(tensor.dtype) for tensor in outputs)
    return outputs


def _weights(layer: keras.Layer) -> Sums:
    return Sums(
        parameters=sum(math.prod(variable.shape) for variable in layer.weights),
        trainable_parameters=sum(math.prod(variable.shape) for variable in layer.trainable_weights),
        weight_bytes=sum(math.prod(variable.shape) * _bytes(variable.dtype) for variable in layer.weights),
    )


def _add_weights(node: Node, own: Sums, sums: Sums) -> None:
    """Add the weights of a layer, once: not where it is called again."""
    if "shares" in node:
        return
    if sums.parameters + own.parameters > sums.most_parameters:
        limit = f"with it, the model exceeds the limit of {sums.most_parameters:,}"
        told = f"{node['name']} would have {own.parameters:,} parameters; {limit}."
        raise Invalid(told, mend="Make it smaller, or reduce its input, for example with pooling.")
    sums.parameters += own.parameters
    sums.trainable_parameters += own.trainable_parameters
    sums.weight_bytes += own.weight_bytes


def _fact(node: Node, outputs: list[Any], before: Sums, sums: Sums) -> dict[str, Any]:
    if any(_size(tensor.shape) > MOST_VALUES for tensor in outputs):
        told = f"{node['name']} gives more than {MOST_VALUES:,} values per example."
        raise Invalid(told, mend="Make its output smaller.")
    fact = {
        "output_shape": list(outputs[0].shape),
        "parameters": sums.parameters - before.parameters,
        "multiply_adds": sums.multiply_adds - before.multiply_adds,
    }
    return fact | ({"outputs": [list(tensor.shape) for tensor in outputs]} if len(outputs) > 1 else {})


def _size(shape: tuple[int | None, ...]) -> int:
    """Return the values of one sample; an open size counts as 1."""
    return math.prod(size or 1 for size in shape[1:])


def _bytes(dtype: str) -> int:
    """Return the bytes of one value: float32 gives 4, bool 1; text is not counted."""
    digits = "".join(filter(str.isdigit, dtype.removeprefix("b")))
    return int(digits) // 8 if digits else int(dtype == "bool")


class _SubModel:
    """A whole design that is called like a layer, as often as it is drawn, and measured for what really comes in.

    It is measured once for each set of shapes: where sub-models share and lie in each other, calls multiply.
    """

    def __init__(self, node: Node, most_parameters: int) -> None:
        self.name, self.most_parameters = node["name"], most_parameters
        self.graph: Graph = walk.inner(node) or design.empty()
        entering = [node for node in self.graph["nodes"] if node["class"] == "InputLayer"]
        self.inputs = {node["id"]: layers.make(node).output for node in entering}
        self.made: dict[str, Any] = {}
        self.known: dict[tuple[Any, ...], tuple[list[Any], Sums, dict[str, str] | None]] = {}

    def __call__(self, given: dict[str, list[Any]]) -> tuple[list[Any], Sums]:
        """Return what the sub-model gives for these tensors, and what that costs. Raises Invalid when it does not build."""
        self._run(self.inputs)  # As Keras does it: the layers are first built for what the inner inputs declare.
        for node_id, declared in self.inputs.items():
            self._require_fit(node_id, given[node_id][0])
        return self._run({node_id: given[node_id][0] for node_id in self.inputs})

    def _run(self, arriving: dict[str, Any]) -> tuple[list[Any], Sums]:
        key = tuple(tuple(tensor.shape) for tensor in arriving.values())
        if key not in self.known:
            types = {node_id: tensor.dtype for node_id, tensor in self.inputs.items()}
            entering = {node_id: keras.Input(batch_shape=shape, dtype=types[node_id]) for node_id, shape in zip(types, key)}
            self.known[key] = self._measured(entering)
        outputs, sums, error = self.known[key]
        if error:
            raise Invalid(f"In {self.name}: {error['message']}", mend=error["mend"])
        return outputs, sums

    def _measured(self, entering: dict[str, Any]) -> tuple[list[Any], Sums, dict[str, str] | None]:
        """Return what the sub-model gives, what that costs, and what keeps it from being built."""
        sums = Sums(self.most_parameters)
        problem = next(iter(wiring.connection_problems(self.graph)), None)
        if problem:
            return [], sums, {"message": problem.message, "mend": problem.mend}
        found: NodeFacts = {}
        tensors = _measure(self.graph, found, sums, self.made, entering)
        error = next((fact["error"] for fact in found.values() if "error" in fact), None)
        outputs = [] if error else [tensors[node_id][output] for node_id, output in walk.ends(self.graph)]
        return outputs, sums, error

    def _require_fit(self, node_id: str, tensor: Any) -> None:
        wanted, got = list(self.inputs[node_id].shape), list(tensor.shape)
        pairs = zip(wanted[1:], got[1:])
        if len(wanted) == len(got) and all(None in pair or pair[0] == pair[1] for pair in pairs):
            return
        name = next(node["name"] for node in self.graph["nodes"] if node["id"] == node_id)
        told = f"{self.name} needs {words.shape_text(wanted)} at its {name}, but got {words.shape_text(got)}."
        raise Invalid(told, mend=f"Change the layer before it, or open it and change the shape of {name}.")
