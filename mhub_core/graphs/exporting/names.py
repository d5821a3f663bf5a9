"""Names in a script: which layers need theirs written down, and what the variables are called."""

from __future__ import annotations

import builtins
import keyword
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from mhub_core.catalog import catalog
from mhub_core.graphs import walk
from mhub_core.graphs.editing.common import automatic_name
from mhub_core.graphs.walk import Graph, Node

# Layers that these make inside of them take names from the same counters.
_INSIDE = {
    "MultiHeadAttention": ("Softmax", "Dropout"),
    "GroupQueryAttention": ("Softmax", "Dropout"),
    "TextVectorization": ("StringLookup",),
}
_MANY_INSIDE = ("AugMix", "RandAugment")  # One of nearly every augmentation.
RESERVED = frozenset({"keras", "layers", "model", "x", "name", *keyword.kwlist, *keyword.softkwlist, *dir(builtins)})


def steps(graph: Graph) -> list[str]:
    """Return the ids in the order in which code calls the layers: the inputs first, then every layer behind what feeds it."""
    first = dict.fromkeys(walk.inputs(graph))
    return [*first, *(node_id for node_id in walk.topological(graph) if node_id not in first)]


def is_automatic(node: Node) -> bool:
    """Tell whether the name of a layer is one that Keras could give it."""
    return re.sub(r"_\d+\Z", "", node["name"]) == automatic_name(node["class"])


def nameless_classes(graph: Graph) -> set[str]:
    """Return the classes whose layers can do without a name in the script, because Keras gives them the same.

    A class is all or nothing: if one layer's name is not what a counter says, a script that runs twice in one process
    could give another layer that very name.
    """
    made = list(_made(graph))
    looks = {automatic_name(node["class"]): node["class"] for node in made}
    drawn: dict[str, list[str]] = defaultdict(list)
    unfit = {name for node in made for name in _hidden(node)}
    for node in made:
        stem = re.sub(r"_\d+\Z", "", node["name"])
        if looks.get(stem) == node["class"]:
            drawn[node["class"]].append(node["name"])
        elif stem in looks:
            unfit.add(looks[stem])
    counted = {
        name: [stem if not place else f"{stem}_{place}" for place in range(len(drawn[name]))] for stem, name in looks.items()
    }
    return {name for name in drawn if drawn[name] == counted[name]} - unfit


def _made(graph: Graph) -> Iterator[Node]:
    """Yield the layers in the order in which a script makes them, those inside sub-models among them."""
    nodes, met = walk.nodes_by_id(graph), set()
    for node_id in steps(graph):
        node = nodes[walk.owner_id(nodes[node_id])]
        if node["id"] not in met:
            met.add(node["id"])
            yield node
            yield from _made(walk.inner(node) or {"nodes": [], "edges": []})


def _hidden(node: Node) -> Iterator[str]:
    """Yield the classes of the layers that a layer makes inside of it."""
    yield from _INSIDE.get(node["class"], ())
    if node["class"] in _MANY_INSIDE:
        yield from (block.name for block in catalog.list_layers("augmentation"))
    yield from _nested(node["config"])


def _nested(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("class"), str):
            yield value["class"]
            yield from _hidden({"class": value["class"], "config": {}})
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _nested(item)


class Variables:
    """Gives out variable names that are free in one scope."""

    def __init__(self, taken: frozenset[str] | set[str] = frozenset()) -> None:
        self.taken = set(taken) | RESERVED

    def new(self, name: str) -> str:
        """Return a free variable name made from the name of a layer, which starts with a letter."""
        stem = re.sub(r"\W", "_", name, flags=re.ASCII)
        stem = f"{stem}_layer" if stem in RESERVED else stem
        number, free = 1, stem
        while free in self.taken:
            number += 1
            free = f"{stem}_{number}"
        self.taken.add(free)
        return free
