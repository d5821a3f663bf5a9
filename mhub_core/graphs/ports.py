"""What a layer takes and gives: the one authority on its named inputs and on how many outputs it has.

A node that shares another's layer has no settings of its own: give it `walk.resolved`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.graphs import walk
from mhub_core.graphs.records import Port
from mhub_core.graphs.walk import Edge, Graph, Node

INPUTS = "inputs"
STATE = "initial_state"
# Keras takes their inputs as one list in the order of the ports, not by name.
LISTED = ("Attention", "AdditiveAttention")
ATTENTION = (*LISTED, "MultiHeadAttention", "GroupQueryAttention")
RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
# Arguments that are given when a layer is called, and by which layers they are taken (None: by any).
CALL = {"training": None, "use_causal_mask": ATTENTION, "return_attention_scores": ATTENTION}
_STATES = {"LSTM": 2, "LSTMCell": 2, "ConvLSTM1D": 2, "ConvLSTM2D": 2, "ConvLSTM3D": 2}
_ATTENTION_PORTS = (Port("query", "query"), Port("value", "value"), Port("key", "key", required=False, fewest=0))


def of(node: Node) -> tuple[Port, ...]:
    """Return the inputs of a layer, in order. An unknown class has none."""
    return _model_ports(walk.inner(node)) if node["class"] == walk.SUB_MODEL else _layer_ports(node["class"])


@cache
def _layer_ports(class_name: str) -> tuple[Port, ...]:
    if class_name in ATTENTION:
        return _ATTENTION_PORTS
    if class_name in RECURRENT:
        return Port(INPUTS, "sequence"), Port(STATE, "first state", required=False, many=True, fewest=0)
    block = catalog.get_block("layer", class_name)
    if block is None or block.role in ("input", "part"):
        return ()
    if block.role == "ports":
        return tuple(
            Port(name, name, place < block.min_inputs, fewest=int(place < block.min_inputs))
            for place, name in enumerate(block.ports)
        )
    return (Port(INPUTS, "input", many=block.role == "merge", fewest=block.min_inputs),)


def _model_ports(graph: Graph | None) -> tuple[Port, ...]:
    inner = graph or {"nodes": []}
    return tuple(Port(node["id"], node["name"]) for node in inner["nodes"] if node["class"] == "InputLayer")


def first(node: Node) -> str:
    """Return the name of the first input of a layer."""
    return next((port.name for port in of(node)), INPUTS)


def get(node: Node, name: str) -> Port | None:
    """Return one input of a layer, or None."""
    return next((port for port in of(node) if port.name == name), None)


def feeding(node: Node, edges: list[Edge]) -> dict[str, list[Edge]]:
    """Return the connections that end at a layer under the names of its inputs, in the order of these.

    `edges` as `walk.incoming` gives them. What leads to no input of this layer stands under the name it was drawn with.
    """
    ports = [port.name for port in of(node)]
    drawn = {edge["port"] for edge in edges}
    # Designs of before these layers had names for their inputs: one list, in order.
    free = [name for name in ports if name not in drawn] if node["class"] in LISTED else []
    found: dict[str, list[Edge]] = {name: [] for name in ports}
    for edge in edges:
        name = free.pop(0) if free and edge["port"] == INPUTS else edge["port"]
        found.setdefault(name, []).append(edge)
    return {name: items for name, items in found.items() if items}


def arguments(node: Node, fed: dict[str, list[Any]]) -> tuple[list[Any], dict[str, Any]]:
    """Return what a layer is called on: the arguments without a name, then those that it takes by name.

    `fed` as `feeding` gives it, with what stands for the tensors in place of the connections; a layer that takes
    several tensors in one argument gets a list of them.
    """
    firsts = [tensors[0] for tensors in fed.values()]
    if node["class"] == walk.SUB_MODEL:
        return [one_or_list(firsts)], {}
    if node["class"] in LISTED:
        return [firsts], {}
    if node["class"] in RECURRENT:
        return fed[INPUTS][:1], {STATE: fed[STATE]} if STATE in fed else {}
    role = catalog.require_layer(node["class"]).role
    if role == "ports":
        return [], dict(zip(fed, firsts))
    return [fed[INPUTS] if role == "merge" else fed[INPUTS][0]], {}


def one_or_list(items: list[Any]) -> Any:
    """Return a single item as it is: Keras models with one input or one output do without the list."""
    return items[0] if len(items) == 1 else items


def outputs(node: Node) -> tuple[str, ...]:
    """Return what a layer gives, one title for each output."""
    inside = walk.inner(node)
    if inside is not None:
        names = {item["id"]: item["name"] for item in inside["nodes"]}
        return tuple(names.get(node_id, "") for node_id, _ in walk.ends(inside))
    if node["class"] in ATTENTION and node.get("call", {}).get("return_attention_scores"):
        return "output", "attention scores"
    if node["class"] == "Bidirectional":
        return _both_ways(node["config"])
    states = _count_states(node) if node["class"] in RECURRENT and node["config"].get("return_state") else 0
    return "output", *_state_titles(states)


def _both_ways(config: dict[str, Any]) -> tuple[str, ...]:
    """Keras gives the two directions one by one when they are not merged, then the states of both."""
    layer = walk.nested(config.get("layer"))
    given = ("forward", "backward") if config.get("merge_mode", "concat") is None else ("output",)
    states = _count_states(layer) if layer["config"].get("return_state") else 0
    return given + tuple(f"{way} {title}" for way in ("forward", "backward") for title in _state_titles(states))


def _state_titles(count: int) -> tuple[str, ...]:
    return ("state",) if count == 1 else tuple(f"state {number + 1}" for number in range(count))


def _count_states(layer: dict[str, Any]) -> int:
    config = layer["config"]
    cells = config.get("cells") or [config[name] for name in ("cell",) if config.get(name)]
    return sum(_count_states(walk.nested(cell)) for cell in cells) if cells else _STATES.get(layer["class"], 1)
