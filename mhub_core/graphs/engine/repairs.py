"""Tries what the doctor thinks of, and keeps what builds. Imports Keras.

A repair is kept when the layer at fault builds with it and nothing else breaks; layers that were at fault for reasons of their
own may stay so: they come next. Nothing here makes a weight, so a try costs what facts cost.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import Any

from mhub_core.errors import Invalid
from mhub_core.graphs import edit, walk
from mhub_core.graphs.doctor import candidates
from mhub_core.graphs.doctor.case import Attempt, Case
from mhub_core.graphs.engine.facts import facts
from mhub_core.graphs.walk import Graph
from mhub_core.graphs.words import thing

MOST = 3
SECONDS = 0.7
Facts = dict[str, Any]
Tried = tuple[Attempt, Facts]


def repairs(graph: Graph, max_parameters: int, seconds: float = SECONDS) -> list[dict[str, Any]]:
    """Return one to three ways to mend the first layer at fault: `{"words", "graph", "node_id"}`, likeliest first.

    An empty list: nothing is at fault, or nothing helps of what could be tried in about twice these seconds. A try that has
    begun is finished.
    """
    before = facts(graph, max_parameters)
    node_id = candidates.fault(graph, before)
    if node_id is None:
        return []
    others, end = _faults(before) - {node_id}, time.monotonic() + seconds
    thought = chain(_inside(graph, node_id, before, max_parameters, seconds / 2), candidates.candidates(graph, before))
    found, partly = _sorted(_tried(thought, max_parameters, end), node_id, before)
    found = found or _in_two_steps(partly, others, max_parameters, end + seconds / 3)
    if not found:
        resorts = _tried(candidates.last_resorts(graph, before), max_parameters, end + seconds / 2)
        found = [attempt for attempt, after in resorts if _faults(after) <= others]
    return [{"words": words, "graph": changed, "node_id": node_id} for words, changed in found]


def _sorted(tried: Iterator[Tried], node_id: str, before: Facts) -> tuple[list[Attempt], list[Tried]]:
    """Return what mends the layer and breaks nothing else, as many as are wanted, and what changes its fault at least."""
    found: list[Attempt] = []
    partly: list[Tried] = []
    others = _faults(before) - {node_id}
    for attempt, after in tried:
        if _faults(after) <= others:
            found.append(attempt)
        elif after["nodes"].get(node_id) != before["nodes"][node_id]:
            partly.append((attempt, after))
        if len(found) == MOST:
            break
    return found, partly


def _inside(graph: Graph, node_id: str, before: Facts, max_parameters: int, seconds: float) -> Iterator[Attempt]:
    """Yield what mends a sub-model: inputs of the shapes that come in, and repairs of the design inside for these."""
    case = Case(graph, edit.require_node(graph, node_id), before["nodes"])
    owner = walk.owner(graph, case.node)
    inside = walk.inner(owner)
    if inside is None or not all(case.given) or {edge["port"] for edge in case.edges} != set(walk.inputs(inside)):
        return
    fitted = inside
    for edge, shape in zip(case.edges, case.given):
        config = edit.require_node(fitted, edge["port"])["config"]
        fitted = edit.set_config(fitted, edge["port"], {**config, "shape": shape})
    if fitted != inside:
        told = " and ".join(thing([None, *shape]) for shape in case.given)
        yield f"Have {owner['name']} take {told}", edit.with_inside(graph, [owner["id"]], fitted)
    for repair in repairs(fitted, max_parameters, seconds):
        yield f"In {owner['name']}: {repair['words']}", edit.with_inside(graph, [owner["id"]], repair["graph"])


def _tried(attempts: Iterator[Attempt], max_parameters: int, end: float) -> Iterator[Tried]:
    """Yield what the doctor thinks of, each with the facts of the changed design, until the time is over."""
    for attempt in attempts:
        with suppress(Invalid):  # Some make a design larger than any may be.
            yield attempt, facts(attempt[1], max_parameters)
        if time.monotonic() > end:
            return


def _in_two_steps(partly: list[Tried], others: set[str | None], max_parameters: int, end: float) -> list[Attempt]:
    """Where something else is then at fault, in the same layer or behind it, mend that too and offer both as one."""
    for (first, changed), facts_of_first in partly:
        for (second, whole), after in _tried(candidates.candidates(changed, facts_of_first), max_parameters, end):
            if _faults(after) <= others:
                return [(f"{first}. And: {second[0].lower()}{second[1:]}", whole)]
        if time.monotonic() > end:
            break
    return []


def _faults(found: Facts) -> set[str | None]:
    """Return the ids of the layers at fault; None stands for the whole."""
    return {node_id for node_id, fact in found["nodes"].items() if "error" in fact} | ({None} if found["problems"] else set())
