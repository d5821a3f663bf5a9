"""Live facts of a design and repairs of a broken one, from the quick worker, remembered by what the design builds."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from mhub_core import queue
from mhub_core.graphs import design
from mhub_core.graphs.records import Repair
from mhub_core.graphs.walk import Graph

_KEPT = 500
_answers: OrderedDict[tuple[str, str], Any] = OrderedDict()


def facts(graph: Graph, seconds: float = 10.0) -> dict[str, Any]:
    """Return the shape, the parameters and the errors of every node, as `engine.facts` computes them.

    Raises Invalid for what is not a design, Unavailable when no quick worker answers in time.
    """
    return _ask("graph_facts", graph, design.graph_hash(design.require_well_formed(graph)), seconds)


def repairs(graph: Graph, seconds: float = 10.0) -> list[Repair]:
    """Return up to three ways to mend the first layer at fault, likeliest first; each was tried and builds.

    Raises Invalid for what is not a design, Unavailable when no quick worker answers in time.
    """
    # A repair is a whole design: where its layers stand in the picture belongs to it, and so to what it is remembered by.
    places = str([node["position"] for node in design.require_well_formed(graph)["nodes"]])
    return [Repair(**repair) for repair in _ask("graph_repairs", graph, design.graph_hash(graph) + places, seconds)]


def _ask(job: str, graph: Graph, key: str, seconds: float) -> Any:
    if (job, key) not in _answers:
        _answers[job, key] = queue.ask(job, graph, seconds=seconds)
    _answers.move_to_end((job, key))
    while len(_answers) > _KEPT:
        _answers.popitem(last=False)
    return _answers[job, key]
