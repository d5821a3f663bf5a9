"""Live facts of a design, from the quick worker, remembered by what the design builds."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from mhub_core import queue
from mhub_core.graphs import design
from mhub_core.graphs.walk import Graph

_KEPT = 500
_facts: OrderedDict[str, dict[str, Any]] = OrderedDict()


def facts(graph: Graph, seconds: float = 10.0) -> dict[str, Any]:
    """Return the shape, the parameters and the errors of every node, as `engine.facts` computes them.

    Raises Invalid for what is not a design, Unavailable when no quick worker answers in time.
    """
    key = design.graph_hash(design.require_well_formed(graph))
    if key not in _facts:
        _facts[key] = queue.ask("graph_facts", graph, seconds=seconds)
    _facts.move_to_end(key)
    while len(_facts) > _KEPT:
        _facts.popitem(last=False)
    return _facts[key]
