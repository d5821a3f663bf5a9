"""Writes a design as a readable Python script that runs as it is and builds the same model. Standard library only.

Run after `keras.utils.set_random_seed`, it also makes the same weights as the engine: it makes and calls the layers in
the same order, and Keras draws a seed for each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.graphs import design, ports, walk
from mhub_core.graphs.exporting import names, values
from mhub_core.graphs.exporting.expression import STEP, Call, Items, listed, quoted, statement
from mhub_core.graphs.walk import Edge, Graph, Node

# It draws random numbers when it is first called; a Sequential makes all layers before it calls the first.
_DRAWS_LATE = ("SpectralNormalization",)
_LONG = 12  # From so many layers on, a merge ends a paragraph.


def to_python(graph: Graph, name: str = "") -> str:
    """Return the script: Sequential for a straight line, functional otherwise. Raises Invalid for a broken design.

    `name`: what people call the model; it becomes a comment.
    """
    design.require_valid(graph)
    parts = [*_head(name), *model_lines(graph), "model.summary()"]
    return "\n".join(parts) + "\n"


def _head(name: str) -> list[str]:
    """Return the comments on top. Python looks for an encoding declaration in the first two lines, so no name stands there."""
    title = "".join(letter if letter.isprintable() else " " for letter in name)[:100]
    return ["# Made with M-Hub, for Keras 3.", "# Needs: pip install keras tensorflow", *[f"# Model: {title}"] * bool(title), ""]


def model_lines(graph: Graph) -> list[str]:
    """Return the lines that import Keras and make `model`, of a valid design."""
    makers = _makers(graph)
    nameless = names.nameless_classes(graph)
    lines = [line for maker in makers.values() for line in _definition(maker, makers, nameless)]
    body, model = _Scope(graph, makers, nameless).model()
    lines += [*body, *([""] if body else []), *statement("model = ", model)]
    uses_layers = any("layers." in line.replace("keras.layers.", "") for line in lines)
    return ["import keras", *["from keras import layers"] * uses_layers, *([""] * (2 if makers else 1)), *lines]


@dataclass
class _Maker:
    """A function that makes a sub-model; one for all sub-models that are drawn alike."""

    function: str
    graph: Graph
    node_names: list[str]


def _makers(graph: Graph) -> dict[str, _Maker]:
    """Return the functions for the sub-models, the innermost first, under the hashes of their designs."""
    found: dict[str, _Maker] = {}
    _find_makers(graph, found, names.Variables())
    return found


def _find_makers(graph: Graph, found: dict[str, _Maker], variables: names.Variables) -> None:
    nodes = walk.nodes_by_id(graph)
    for node_id in names.steps(graph):
        node = nodes[node_id]
        inside = walk.inner(node) if "shares" not in node else None
        if inside is None:
            continue
        _find_makers(inside, found, variables)
        key = design.graph_hash(inside)
        if key not in found:
            stem = re.sub(r"_\d+\Z", "", node["name"])
            found[key] = _Maker(variables.new(f"make_{stem}"), inside, [])
        found[key].node_names.append(node["name"])


def _definition(maker: _Maker, makers: dict[str, _Maker], nameless: set[str]) -> list[str]:
    is_repeated = len(maker.node_names) > 1
    name = "name" if is_repeated else quoted(maker.node_names[0])
    body, model = _Scope(maker.graph, makers, nameless).model(name)
    lines = [STEP + line if line else "" for line in body] + statement("return ", model, STEP)
    return [f"def {maker.function}({'name' if is_repeated else ''}):", *lines, "", ""]


class _Scope:
    """Writes one design: the main one, or a sub-model in its function."""

    def __init__(self, graph: Graph, makers: dict[str, _Maker], nameless: set[str]) -> None:
        self.graph, self.makers, self.nameless = graph, makers, nameless
        self.nodes, self.feeding = walk.all_resolved(graph), walk.incoming(graph)
        self.inputs, self.ends = walk.inputs(graph), walk.ends(graph)
        self.used: dict[str, set[int]] = {node_id: set() for node_id in self.nodes}  # Which outputs of each node.
        for node_id, output in [*((edge["source"], walk.output_of(edge)) for edge in graph["edges"]), *self.ends]:
            self.used[node_id].add(output)
        self.called_again = {node["shares"] for node in graph["nodes"] if "shares" in node}
        self.variables = names.Variables({maker.function for maker in makers.values()})
        self.tensors: dict[tuple[str, int], str] = {}
        self.shared: dict[str, str] = {}

    def model(self, name: str = "") -> tuple[list[str], Call]:
        """Return the lines before the model and the expression that makes it. `name`: an expression, or nothing."""
        named = (("name", name),) if name else ()
        chain = self._chain()
        if chain:
            layers = Items(tuple(self._layer(self.nodes[node_id]) for node_id in chain))
            return [], Call("keras.Sequential", (("", layers), *named))
        lines = self._body()
        inputs = [self.tensors[node_id, 0] for node_id in self.inputs]
        outputs = [self.tensors[end] for end in self.ends]
        given = (("", listed(ports.one_or_list(tensors))) for tensors in (inputs, outputs))
        return lines, Call("keras.Model", (*given, *named))

    def _chain(self) -> list[str]:
        """Return the ids when the design can be a Sequential, else nothing."""
        unfit = any(
            node.get("call") or node["class"] in _DRAWS_LATE or len(ports.outputs(node)) != 1 for node in self.nodes.values()
        )
        chain = [] if unfit else walk.as_chain(self.graph) or []
        return chain if len(chain) > 1 else []

    def _layer(self, node: Node) -> Call:
        inside = walk.inner(node)
        if inside is not None:
            maker = self.makers[design.graph_hash(inside)]
            return Call(maker.function, (("", quoted(node["name"])),) if len(maker.node_names) > 1 else ())
        can_do_without = node["class"] in self.nameless and names.is_automatic(node)
        return values.layer(node["class"], node["config"], "" if can_do_without else node["name"])

    def _body(self) -> list[str]:
        order = names.steps(self.graph)
        short_lived = self._short_lived(order)
        lines: list[str] = []
        has_merged = False
        for node_id in order:
            node = self.nodes[node_id]
            if has_merged and len(order) > _LONG and not _belongs_to_merge(node):
                lines.append("")
                has_merged = False
            lines += self._statement(node, node_id in short_lived)
            has_merged = has_merged or len({edge["source"] for edge in self.feeding[node_id]}) > 1
        return lines

    def _short_lived(self, order: list[str]) -> set[str]:
        """Return the layers whose output the very next one uses, and no other: it needs no name but x."""
        answers, follows = {node_id for node_id, _ in self.ends}, walk.outgoing(self.graph)
        return {
            node_id
            for node_id, after in zip(order, order[1:])
            if self.nodes[node_id]["class"] != "InputLayer"
            and node_id not in answers
            and {edge["target"] for edge in follows[node_id]} == {after}
            and not any(walk.output_of(edge) for edge in follows[node_id])
        }

    def _statement(self, node: Node, is_short_lived: bool) -> list[str]:
        owner = self.nodes[walk.owner_id(node)]
        lines: list[str] = []
        function: Any = self._layer(owner) if owner["id"] not in self.shared else self.shared[owner["id"]]
        if owner["id"] not in self.shared and owner["id"] in self.called_again:
            self.shared[owner["id"]] = self.variables.new(owner["name"])
            lines = statement(f"{self.shared[owner['id']]} = ", function)
            function = self.shared[owner["id"]]
        target, after = self._target(node, is_short_lived)
        if node["class"] == "InputLayer":
            return statement(f"{target} = ", function)
        given = self._given(node, self.feeding[node["id"]])
        extra = tuple((key, repr(value)) for key, value in sorted(node.get("call", {}).items()))
        return lines + statement(f"{target} = ", Call(function, given + extra, after))

    def _target(self, node: Node, is_short_lived: bool) -> tuple[str, str]:
        """Return the variables that a call is assigned to, and what stands behind the call to pick its first output."""
        node_id, titles = node["id"], ports.outputs(node)
        count, used = len(titles), self.used[node_id]
        if count > 1 and used != {0}:
            for output in sorted(used):
                title = f"_{titles[output]}" if output or len(set(titles)) < count else ""
                self.tensors[node_id, output] = self.variables.new(self._stem(node) + title)
            return ", ".join(self.tensors.get((node_id, output), "_") for output in range(count)), ""
        self.tensors[node_id, 0] = "x" if is_short_lived else self.variables.new(self._stem(node))
        return self.tensors[node_id, 0], "[0]" if count > 1 else ""

    def _stem(self, node: Node) -> str:
        """Return what to call the output of a layer: where there is one input, or one answer, by what it is."""
        if self.inputs == [node["id"]]:
            return "inputs"
        if self.ends == [(node["id"], 0)]:
            return "outputs"
        return str(node["name"]) + ("_output" if node["id"] in self.called_again else "")

    def _given(self, node: Node, edges: list[Edge]) -> tuple[tuple[str, Any], ...]:
        """Return the tensors that a layer is called on, as its class takes them."""
        fed = {
            port: [self.tensors[edge["source"], walk.output_of(edge)] for edge in items]
            for port, items in ports.feeding(node, edges).items()
        }
        arguments, named = ports.arguments(node, fed)
        return tuple((name, listed(value)) for name, value in [*(("", value) for value in arguments), *named.items()])


def _belongs_to_merge(node: Node) -> bool:
    """Tell whether a layer closes the paragraph that a merge before it ends."""
    block = catalog.get_block("layer", node["class"])
    return block is not None and block.family == "activations"
