"""Writes a design as a readable Python script that runs as it is and builds the same model. Standard library only."""

from __future__ import annotations

import keyword
import re
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.catalog.records import Argument, Block
from mhub_core.graphs import design, walk
from mhub_core.graphs.walk import Edge, Graph, Node

MODULES = {
    "layer": "layers",
    "initializer": "keras.initializers",
    "regularizer": "keras.regularizers",
    "constraint": "keras.constraints",
    "schedule": "keras.optimizers.schedules",
}
NAMELESS = ("units", "filters", "kernel_size", "rate", "activation")  # Clear without their names.


def to_python(graph: Graph) -> str:
    """Return the script: Sequential for a straight line, functional otherwise. Raises Invalid for a broken design."""
    design.require_valid(graph)
    chain = None if any(_returns_state(node) for node in graph["nodes"]) else walk.as_chain(graph)
    lines = _sequential(graph, chain) if chain else _functional(graph)
    body = "\n".join(lines)
    uses_layers = "layers." in body.replace("keras.layers", "")
    head = "import keras\n" + ("from keras import layers\n" if uses_layers else "")
    return f"{head}\n{body}\nmodel.summary()\n"


def _sequential(graph: Graph, chain: list[str]) -> list[str]:
    nodes = walk.nodes_by_id(graph)
    layers = [f"        {_layer(nodes[node_id])}," for node_id in chain]
    return ["model = keras.Sequential(", "    [", *layers, "    ]", ")"]


def _functional(graph: Graph) -> list[str]:
    nodes, feeding = walk.nodes_by_id(graph), walk.incoming(graph)
    variables = _variables(graph)
    lines = []
    for node_id in walk.topological(graph):
        node = nodes[node_id]
        given = "" if node["class"] == "InputLayer" else f"({_given(node, feeding[node_id], variables)})"
        first = "[0]" if _returns_state(node) else ""
        lines.append(f"{variables[node_id]} = {_layer(node)}{given}{first}")
    inputs, outputs = (_names(ids, variables) for ids in (walk.inputs(graph), walk.outputs(graph)))
    return [*lines, f"model = keras.Model(inputs={inputs}, outputs={outputs})"]


def _returns_state(node: Node) -> bool:
    """Tell whether a recurrent layer, or one inside this layer, returns its states beside its output."""
    inner = node["config"].get("layer") or {}
    return bool(node["config"].get("return_state") or inner.get("config", {}).get("return_state"))


def _given(node: Node, edges: list[Edge], variables: dict[str, str]) -> str:
    block = catalog.require_layer(node["class"])
    names = [variables[edge["source"]] for edge in edges]
    if block.role == "ports":
        return ", ".join(f"{edge['port']}={name}" for edge, name in zip(edges, names))
    return f"[{', '.join(names)}]" if block.role == "merge" else names[0]


def _names(node_ids: list[str], variables: dict[str, str]) -> str:
    names = [variables[node_id] for node_id in node_ids]
    return names[0] if len(names) == 1 else f"[{', '.join(names)}]"


def _variables(graph: Graph) -> dict[str, str]:
    """Return a free variable name for each node, made from the layer's name."""
    taken = {"keras", "layers", "model", *keyword.kwlist}
    found: dict[str, str] = {}
    for node in graph["nodes"]:
        stem = re.sub(r"\W", "_", node["name"])
        stem = "inputs" if stem == "input" else stem  # `input` is a function of Python.
        name, number = stem, 1
        while name in taken:
            number += 1
            name = f"{stem}_{number}"
        taken.add(name)
        found[node["id"]] = name
    return found


def _layer(node: Node) -> str:
    block = catalog.require_layer(node["class"])
    name = [] if _is_automatic(node) else [f"name={node['name']!r}".replace("'", '"')]
    if node["class"] == "InputLayer":
        return f"keras.Input({', '.join(_arguments(block, node['config']) + name)})"
    return _call(block, node["config"], name)


def _call(block: Block, config: dict[str, Any], more: list[str] | None = None) -> str:
    return f"{MODULES[block.group]}.{block.name}({', '.join(_arguments(block, config) + (more or []))})"


def _is_automatic(node: Node) -> bool:
    """Tell whether the name is one that Keras could have given itself, which a reader can do without."""
    stem = re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", node["class"])).lower()
    return re.fullmatch(rf"(input|{stem})(_\d+)?", node["name"]) is not None


def _arguments(block: Block, config: dict[str, Any]) -> list[str]:
    """Return the arguments as Keras users write them: Dense(10), Conv2D(32, 3), the others with their names."""
    clean = catalog.check_config(block.name, config, block.group)
    ordered = [argument for argument in block.arguments if argument.name in clean]
    texts = [f"{argument.name}={_value(argument, clean[argument.name])}" for argument in ordered]
    plain = [argument for argument in ordered[:2] if argument.required and argument.name in NAMELESS]
    for place, argument in enumerate(plain):
        if block.arguments[place] is argument:
            texts[place] = _value(argument, clean[argument.name])
    return texts


def _value(argument: Argument, value: Any) -> str:
    if argument.type == "layers":
        return f"[{', '.join(_nested('layer', item) for item in value)}]"
    if isinstance(value, dict):
        return _nested(argument.type, value)
    if isinstance(value, list) and argument.type != "strings":
        return _tuple(value)
    return _literal(value)


def _nested(group: str, value: dict[str, Any]) -> str:
    return _call(catalog.require_block(group, value["class"]), value["config"])


def _tuple(value: Any) -> str:
    if not isinstance(value, list):
        return _literal(value)
    return f"({', '.join(_tuple(item) for item in value)}{',' if len(value) == 1 else ''})"


def _literal(value: Any) -> str:
    """Return a Python literal, text in double quotes. `repr` escapes whatever somebody put into the text."""
    text = repr(value)
    return f'"{text[1:-1]}"' if text.startswith("'") and '"' not in text else text
