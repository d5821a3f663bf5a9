"""Live facts of a design and repairs of a broken one, from the quick worker, remembered by what the design builds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from mhub_core import queue
from mhub_core.graphs import design
from mhub_core.graphs.records import Repair
from mhub_core.graphs.walk import Graph

_KEPT = 500
_answers: OrderedDict[tuple[str, str], Any] = OrderedDict()
_asking: dict[tuple[str, str], Future[Any]] = {}
_askers = ThreadPoolExecutor(max_workers=16, thread_name_prefix="graphs")


def facts(graph: Graph, seconds: float = 10.0) -> dict[str, Any]:
    """Return the shape, the parameters and the errors of every node, as `engine.facts` computes them.

    Raises Invalid for what is not a design, Unavailable when no quick worker answers in time.
    """
    return _ask("graph_facts", graph, design.graph_hash(design.require_well_formed(graph)), seconds)


def facts_soon(graph: Graph, seconds: float) -> dict[str, Any] | None:
    """Return `facts`, or None when they are not known within these seconds: then ask again, the work goes on.

    Raises as `facts` does.
    """
    key = design.graph_hash(design.require_well_formed(graph))
    return _soon("graph_facts", key, facts, graph, seconds)


def repairs(graph: Graph, seconds: float = 10.0) -> list[Repair]:
    """Return up to three ways to mend the first layer at fault, likeliest first; each was tried and builds.

    Raises Invalid for what is not a design, Unavailable when no quick worker answers in time.
    """
    return [Repair(**repair) for repair in _ask("graph_repairs", graph, _place_key(graph), seconds)]


def repairs_soon(graph: Graph, seconds: float) -> list[Repair] | None:
    """Return `repairs`, or None when they are not found within these seconds: then ask again, the search goes on.

    Raises as `repairs` does.
    """
    return _soon("graph_repairs", _place_key(graph), repairs, graph, seconds)


def _soon(job: str, key: str, verb: Callable[[Graph], Any], graph: Graph, seconds: float) -> Any:
    """Ask in the background, once for all who want to know, and wait a moment for the answer."""
    if (job, key) in _answers:
        return verb(graph)
    asked = _asking.get((job, key))
    if asked is None:
        asked = _asking[job, key] = _askers.submit(verb, graph)
        asked.add_done_callback(lambda _: _asking.pop((job, key), None))
    return asked.result() if wait([asked], timeout=seconds).done else None


def _place_key(graph: Graph) -> str:
    """A repair is a whole design, so where the layers stand in the picture belongs to what it is remembered by."""
    return design.graph_hash(design.require_well_formed(graph)) + str([node["position"] for node in graph["nodes"]])


def _ask(job: str, graph: Graph, key: str, seconds: float) -> Any:
    if (job, key) not in _answers:
        _answers[job, key] = queue.ask(job, graph, seconds=seconds)
    _answers.move_to_end((job, key))
    while len(_answers) > _KEPT:
        _answers.popitem(last=False)
    return _answers[job, key]
