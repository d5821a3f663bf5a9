"""Which layer is at fault, and every repair that might help, likeliest first. What helps is for the engine to try."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mhub_core.errors import MHubError
from mhub_core.graphs import design, walk
from mhub_core.graphs.doctor import connections, merges, ranks, settings
from mhub_core.graphs.doctor.case import Attempt, Case
from mhub_core.graphs.walk import Graph


def fault(graph: Graph, facts: dict[str, Any]) -> str | None:
    """Return the id of the first layer at fault in the order of the data, or None. `facts` as the engine computes them."""
    order = walk.topological(graph)
    places = [*order, *(node_id for node_id in walk.nodes_by_id(graph) if node_id not in order)]
    return next((node_id for node_id in places if "error" in facts["nodes"].get(node_id, {})), None)


def count_faults(facts: dict[str, Any]) -> int:
    """Return how many layers are at fault."""
    return sum("error" in fact for fact in facts["nodes"].values())


def candidates(graph: Graph, facts: dict[str, Any]) -> Iterator[Attempt]:
    """Yield what might mend the first layer at fault: words for people and the changed design, no two alike."""
    node_id = fault(graph, facts)
    if node_id is None:
        return
    yield from _distinct(graph, _all(Case(graph, walk.nodes_by_id(graph)[node_id], facts["nodes"])))


def last_resorts(graph: Graph, facts: dict[str, Any]) -> Iterator[Attempt]:
    """Yield what helps where nothing better does."""
    node_id = fault(graph, facts)
    if node_id is not None:
        case = Case(graph, walk.nodes_by_id(graph)[node_id], facts["nodes"])
        yield from _distinct(graph, _quietly(settings.last_resorts(case)))


def _distinct(graph: Graph, repairs: Iterator[Attempt]) -> Iterator[Attempt]:
    seen = {design.graph_hash(graph)}
    for words, changed in repairs:
        key = design.graph_hash(changed)
        if key not in seen:
            seen.add(key)
            yield words, changed


def _all(case: Case) -> Iterator[Attempt]:
    wiring = _quietly(connections.repairs(case))
    first = next(wiring, None)
    if first is not None:
        yield first
        yield from wiring
        return
    for repairs in (ranks.repairs, merges.repairs, settings.repairs, settings.unshared, settings.budget):
        yield from _quietly(repairs(case))


def _quietly(repairs: Iterator[Attempt]) -> Iterator[Attempt]:
    """Yield repairs up to one that cannot even be written down, for example with a setting that the layer does not know."""
    try:
        yield from repairs
    except MHubError:
        return
