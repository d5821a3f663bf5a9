"""Writes a design as the JSON that `keras.models.model_from_json` reads. Standard library only.

Format: Keras 3, `Functional.get_config` and `serialize_keras_object`.
"""

from __future__ import annotations

import json
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.catalog.records import Argument, Block
from mhub_core.graphs import design, ports, walk
from mhub_core.graphs.exporting import names
from mhub_core.graphs.walk import Edge, Graph, Node

_MODULES = {
    "layer": "keras.layers",
    "initializer": "keras.initializers",
    "regularizer": "keras.regularizers",
    "constraint": "keras.constraints",
    "schedule": "keras.optimizers.schedules",
}


def to_keras_json(graph: Graph, name: str = "model") -> str:
    """Return the text. Raises Invalid for a broken design."""
    design.require_valid(graph)
    return json.dumps(_model(graph, name), indent=2) + "\n"


def _model(graph: Graph, name: str) -> dict[str, Any]:
    nodes, feeding = walk.all_resolved(graph), walk.incoming(graph)
    calls = [nodes[node_id] for node_id in names.steps(graph)]
    places = _places(nodes, calls)
    inbound: dict[str, list[Any]] = {walk.owner_id(node): [] for node in calls}
    for node in calls:
        if node["class"] != "InputLayer":
            inbound[walk.owner_id(node)].append(_call(node, feeding[node["id"]], places))
    owners = [nodes[node_id] for node_id in inbound]
    layers = [{**_layer(node), "name": node["name"], "inbound_nodes": inbound[node["id"]]} for node in owners]
    inputs = [_tensor(places[node_id], 0) for node_id in walk.inputs(graph)]
    outputs = [_answer(nodes[node_id], places[node_id], output) for node_id, output in walk.ends(graph)]
    config = {"name": name, "trainable": True, "layers": layers, "input_layers": ports.one_or_list(inputs)}
    config["output_layers"] = ports.one_or_list(outputs)
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": config,
        "registered_name": "Functional",
    }


def _places(nodes: dict[str, Node], calls: list[Node]) -> dict[str, tuple[str, int]]:
    """Return for each node the name of its layer and which call of that layer it is."""
    counts: dict[str, int] = {}
    found: dict[str, tuple[str, int]] = {}
    for node in calls:
        name = nodes[walk.owner_id(node)]["name"]
        found[node["id"]] = name, counts.get(name, 0)
        counts[name] = counts.get(name, 0) + 1
    return found


def _tensor(place: tuple[str, int], output: int) -> list[Any]:
    return [*place, output]


def _answer(node: Node, place: tuple[str, int], output: int) -> list[Any]:
    # Keras counts the calls of a model inside a model from 1 here, and only here.
    return _tensor((place[0], place[1] + 1) if node["class"] == walk.SUB_MODEL else place, output)


def _layer(node: Node) -> dict[str, Any]:
    inside = walk.inner(node)
    if inside is not None:
        return _model(inside, node["name"])
    if node["class"] == "InputLayer":
        return _object("layer", "InputLayer", _input_config(node))
    block = catalog.require_layer(node["class"])
    return _object("layer", block.name, {"name": node["name"], **_config(block, node["config"])})


def _object(group: str, class_name: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"module": _MODULES[group], "class_name": class_name, "config": config, "registered_name": None}


def _input_config(node: Node) -> dict[str, Any]:
    clean = catalog.check_config("InputLayer", node["config"])
    shape = [clean.pop("batch_size", None), *clean.pop("shape")]
    return {"batch_shape": shape, "name": node["name"], **clean}


def _config(block: Block, config: dict[str, Any]) -> dict[str, Any]:
    """Return all settings, those at their default too: some classes of Keras ask for every one when they are read."""
    clean = catalog.check_config(block.name, config, block.group)
    wanted = [argument for argument in block.arguments if argument.name in clean or not argument.required]
    return {argument.name: _value(argument, clean.get(argument.name, argument.default)) for argument in wanted}


def _value(argument: Argument, value: Any) -> Any:
    if argument.type == "layers":
        return [_nested("layer", item) for item in value]
    return _nested(argument.type, value) if isinstance(value, dict) else value


def _nested(group: str, value: dict[str, Any]) -> dict[str, Any]:
    block = catalog.require_block(group, value["class"])
    return _object(group, block.name, _config(block, value["config"]))


def _call(node: Node, edges: list[Edge], places: dict[str, tuple[str, int]]) -> dict[str, Any]:
    """Return one call of a layer, with the tensors as its class takes them."""
    fed = {
        port: [_keras_tensor(places[edge["source"]], walk.output_of(edge)) for edge in items]
        for port, items in ports.feeding(node, edges).items()
    }
    arguments, named = ports.arguments(node, fed)
    return {"args": arguments, "kwargs": {**named, **node.get("call", {})}}


def _keras_tensor(place: tuple[str, int], output: int) -> dict[str, Any]:
    # Keras finds the tensor by its history; the shape is there only because a tensor must have one.
    config = {"shape": [None], "dtype": "float32", "keras_history": _tensor(place, output)}
    return {"class_name": "__keras_tensor__", "config": config}
