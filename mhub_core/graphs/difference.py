"""What differs between two designs: their layers in order, those that agree side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from mhub_core.graphs import walk
from mhub_core.graphs.walk import Graph, Node

SAME, CHANGED, ADDED, REMOVED = "same", "changed", "added", "removed"


@dataclass(frozen=True)
class Pair:
    """A layer of the one design beside its counterpart in the other; None where there is none.

    `changes` holds the settings that differ, by name, as both have them (None: not set).
    """

    one: Node | None
    other: Node | None
    changes: dict[str, tuple[Any, Any]]

    @property
    def change(self) -> str:
        """Return what became of the layer on the way from the one design to the other."""
        if self.one is None or self.other is None:
            return ADDED if self.one is None else REMOVED
        return CHANGED if self.changes else SAME


def pairs(one: Graph, other: Graph) -> list[Pair]:
    """Return the layers of two designs, from the inputs to the outputs.

    Layers that agree in everything are put beside each other first. Between these, layers of one class are; what then has no
    counterpart was added or removed. What feeds a layer shows in the order alone.
    """
    left, right = _layers(one), _layers(other)
    found: list[Pair] = []
    for same, (start, end), (other_start, other_end) in _stretches(
        [_all_of(node) for node in left], [_all_of(node) for node in right]
    ):
        here, there = left[start:end], right[other_start:other_end]
        found += map(_pair, here, there) if same else _by_class(here, there)
    return found


def _by_class(here: list[Node], there: list[Node]) -> Iterator[Pair]:
    for same, (start, end), (other_start, other_end) in _stretches(
        [node["class"] for node in here], [node["class"] for node in there]
    ):
        if same:
            yield from map(_pair, here[start:end], there[other_start:other_end])
        else:
            yield from (Pair(node, None, {}) for node in here[start:end])
            yield from (Pair(None, node, {}) for node in there[other_start:other_end])


def _stretches(one: list[str], other: list[str]) -> Iterator[tuple[bool, tuple[int, int], tuple[int, int]]]:
    """Return what both have in common and what lies between, as places in both."""
    for tag, start, end, other_start, other_end in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        yield tag == "equal", (start, end), (other_start, other_end)


def _layers(graph: Graph) -> list[Node]:
    nodes = walk.all_resolved(graph)
    return [nodes[node_id] for node_id in walk.topological(graph)]


def _all_of(node: Node) -> str:
    return json.dumps([node["class"], node["name"], node["config"]], sort_keys=True)


def _pair(one: Node, other: Node) -> Pair:
    names = dict.fromkeys([*one["config"], *other["config"]])
    both = {name: (one["config"].get(name), other["config"].get(name)) for name in names}
    return Pair(one, other, {name: values for name, values in both.items() if values[0] != values[1]})
