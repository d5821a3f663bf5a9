"""Makes a design of what lies between the inputs and the outputs of a model, and of the models inside it."""

from __future__ import annotations

import re
from typing import Any

from mhub_core.graphs import design, edit, layout, walk
from mhub_core.graphs.walk import Graph, Node
from mhub_core.reading.records import Unreadable
from mhub_core.reading.sketch import DEEPEST, Call, Layer, Piece, Sketch, Tensor


def extract(piece: Piece, sketch: Sketch) -> Graph:
    """Return the design of a model, laid out. Raises Unreadable when its outputs do not come from its inputs."""
    return _Extraction(sketch).graph(piece, 0)


class _Extraction:
    """Makes designs of a model and of the models inside it, and notices layers that would lose their sharing."""

    def __init__(self, sketch: Sketch) -> None:
        self.sketch = sketch
        self.homes: dict[Layer, Piece] = {}
        self.num_nodes = 0

    def graph(self, piece: Piece, depth: int) -> Graph:
        if depth > DEEPEST:
            raise Unreadable(f"Models are nested more than {DEEPEST} levels deep.", mend="Nest fewer models in each other.")
        nodes: list[Node] = []
        ids = _Ids()
        for tensor in piece.inputs:
            ids.starts[tensor.call, tensor.output] = self._node(nodes, self._input(tensor), None, {})["id"]
        first: dict[Layer, Node] = {}
        edges: list[walk.Edge] = []
        for call in _between(piece, ids):
            owner = first.get(call.layer)
            inside = {} if owner else self._inside(call.layer, piece, depth)
            node = self._node(nodes, call.layer, owner, inside)
            ids.made[call] = node["id"]
            first.setdefault(call.layer, node)
            if call.arguments:
                node["call"] = call.arguments
            edges += [_edge(ids.end(tensor), node["id"], port, order) for port, order, tensor in call.given]
        outputs = [ids.end(tensor) for tensor in piece.outputs]
        nodes = self._used(nodes, {edge["source"] for edge in edges} | {node_id for node_id, _ in outputs}, depth)
        graph = _with_outputs({"format": design.FORMAT, "nodes": nodes, "edges": edges}, outputs)
        # A design with too many connections is refused by its own check.
        return layout.arrange(graph) if len(edges) <= design.MOST_EDGES else graph

    def _used(self, nodes: list[Node], feeding: set[str], depth: int) -> list[Node]:
        """Leave out the inputs that feed nothing: in a design they would be answers."""
        unused = [node["name"] for node in nodes if node["class"] == "InputLayer" and node["id"] not in feeding]
        if unused and depth:
            raise Unreadable(f"The input {unused[0]} of a model inside this one feeds no layer.", mend="Leave that input out.")
        for name in unused:
            self.sketch.note(f"The input {name} feeds no layer and was left out.")
        return [node for node in nodes if node["name"] not in unused]

    def _input(self, tensor: Tensor) -> Layer:
        """Return the input layer of a tensor; a model may also start in the middle of another."""
        if tensor.call.layer.class_name == "InputLayer":
            return tensor.call.layer
        if tensor.shape is None:
            raise Unreadable("A model starts at the output of a layer whose shape is not known.", mend="Start it at an Input.")
        return Layer("InputLayer", {"shape": list(tensor.shape)})

    def _inside(self, layer: Layer, piece: Piece, depth: int) -> dict[str, Any]:
        if self.homes.setdefault(layer, piece) is not piece:
            name = layer.name or layer.class_name
            self.sketch.note(f"{name} works in two models with the same weights; in the diagram each has its own.")
        return {} if layer.inside is None else {"graph": self.graph(layer.inside, depth + 1)}

    def _node(self, nodes: list[Node], layer: Layer, owner: Node | None, inside: dict[str, Any]) -> Node:
        self.num_nodes += 1
        if self.num_nodes > design.MOST_NODES:  # A model inside a model is drawn wherever it is used.
            told = f"The diagram would have more than {design.MOST_NODES:,} layers, those inside its sub-models among them."
            raise Unreadable(told, mend="Import a smaller model.")
        name = self._name(nodes, layer, owner)
        node: Node = {"id": f"n{len(nodes) + 1}", "class": layer.class_name, "name": name, "position": [0.0, 0.0]}
        node["config"] = {} if owner else layer.config | inside
        nodes.append(node | ({"shares": owner["id"]} if owner else {}))
        return nodes[-1]

    def _name(self, nodes: list[Node], layer: Layer, owner: Node | None) -> str:
        wanted = layer.name if owner is None else owner["name"]
        taken = {node["name"] for node in nodes}
        if wanted is None:
            return edit.new_name({"nodes": nodes}, layer.class_name)
        clean = clean_name(wanted)
        why = "that cannot be a name in a diagram"
        if clean in taken:
            clean = next(name for number in range(2, len(taken) + 3) if (name := f"{clean[:70]}_{number}") not in taken)
            why = "another layer has that name"
        if owner is None and clean != wanted:
            self.sketch.note(f'The layer "{wanted[:80]}" is called {clean} here: {why}.')
        return clean


def clean_name(name: str) -> str:
    """Return a name that a node may have, as close to this one as can be."""
    clean = re.sub(r"[^A-Za-z0-9_.-]+", "_", name)[:80]
    return clean if design.NAME.match(clean) else f"layer_{clean}"[:80]


class _Ids:
    """Which node gives a tensor. A tensor that a model starts at is that model's input, wherever else it comes from."""

    def __init__(self) -> None:
        self.starts: dict[tuple[Call, int], str] = {}
        self.made: dict[Call, str] = {}

    def end(self, tensor: Tensor) -> tuple[str, int]:
        """Return the node of a tensor, and which of its outputs it is."""
        start = self.starts.get((tensor.call, tensor.output))
        return (start, 0) if start else (self.made[tensor.call], tensor.output)


def _between(piece: Piece, ids: _Ids) -> list[Call]:
    """Return the calls that lead from the inputs to the outputs, in the order in which they were made."""
    found: set[Call] = set()
    waiting = list(piece.outputs)
    while waiting:
        tensor = waiting.pop()
        if (tensor.call, tensor.output) in ids.starts or tensor.call in found:
            continue
        if not tensor.call.given:
            name = tensor.call.layer.name or "An input"
            raise Unreadable(f"{name} feeds the model but is not among its inputs.", mend="Name all inputs of the model.")
        found.add(tensor.call)
        waiting += [item for _, _, item in tensor.call.given]
    return sorted(found, key=lambda call: call.number)


def _edge(source: tuple[str, int], target: str, port: str, order: int) -> walk.Edge:
    edge = {"source": source[0], "target": target, "port": port, "order": order}
    return edge | ({"output": source[1]} if source[1] else {})


def _with_outputs(graph: Graph, wanted: list[tuple[str, int]]) -> Graph:
    """Say which outputs are the answers, where that does not follow from the connections."""
    if walk.ends(graph) == wanted:
        return graph
    return graph | {"outputs": [{"node": node_id, "output": output} for node_id, output in wanted]}
