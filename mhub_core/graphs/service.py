"""Live facts of a design and repairs of a broken one, from the quick worker, remembered by what the design builds."""

from __future__ import annotations

import json
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock
from typing import Any

from mhub_core import queue
from mhub_core.graphs import design, walk
from mhub_core.graphs.records import Repair
from mhub_core.graphs.walk import Graph

_MOST_KEPT, _MOST_BYTES = 500, 64_000_000
_Key = tuple[str, str]  # A job, and the hash of the design that it was asked about.
_Places = dict[str, Any]  # Of each layer its position and the places of what is inside.
# Answers as text: so their size is known, and each caller gets objects of its own.
_answers: OrderedDict[_Key, str] = OrderedDict()
_asking: dict[_Key, Future[str]] = {}
_lock = Lock()
_askers = ThreadPoolExecutor(max_workers=16, thread_name_prefix="graphs")


def facts(graph: Graph, seconds: float = 10.0) -> dict[str, Any]:
    """Return the shape, the parameters and the errors of every node, as `engine.facts` computes them.

    Raises Invalid for what is not a design, Unavailable when no quick worker answers in time.
    """
    return _facts(_answer("graph_facts", graph, seconds))


def facts_soon(graph: Graph, seconds: float) -> dict[str, Any] | None:
    """Return `facts`, or None when they are not known within these seconds: then ask again, the work goes on.

    Raises as `facts` does.
    """
    text = _answer_soon("graph_facts", graph, seconds)
    return None if text is None else _facts(text)


def repairs(graph: Graph, seconds: float = 10.0) -> list[Repair]:
    """Return up to three ways to mend the first layer at fault, likeliest first; each was tried and builds.

    Raises Invalid for what is not a design, Unavailable when no quick worker answers in time.
    """
    return _repairs(_answer("graph_repairs", graph, seconds), graph)


def repairs_soon(graph: Graph, seconds: float) -> list[Repair] | None:
    """Return `repairs`, or None when they are not found within these seconds: then ask again, the search goes on.

    Raises as `repairs` does.
    """
    text = _answer_soon("graph_repairs", graph, seconds)
    return None if text is None else _repairs(text, graph)


def _facts(text: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(text)["value"]
    return facts


def _repairs(text: str, graph: Graph) -> list[Repair]:
    """Return repairs for the design as it stands in the picture now, which may be elsewhere than when they were found."""
    answer, now = json.loads(text), _places(graph)
    for repair in answer["value"]:
        _move(repair["graph"], answer["places"], now)
    return [Repair(**repair) for repair in answer["value"]]


def _places(graph: Graph) -> _Places:
    return {node["id"]: [node["position"], _places(walk.inner(node) or design.empty())] for node in graph["nodes"]}


def _move(graph: Graph, before: _Places, now: _Places) -> None:
    """Move each layer as far as it was moved since; what the repair brought stays where it is."""
    for node in graph["nodes"]:
        if node["id"] in before and node["id"] in now:
            (old, old_inside), (new, new_inside) = before[node["id"]], now[node["id"]]
            node["position"] = [place + (to - start) for place, start, to in zip(node["position"], old, new)]
            _move(walk.inner(node) or design.empty(), old_inside, new_inside)


def _answer(job: str, graph: Graph, seconds: float) -> str:
    key = _key(job, graph)
    known = _remembered(key)
    return _ask(key, graph, seconds) if known is None else known


def _answer_soon(job: str, graph: Graph, seconds: float) -> str | None:
    """Ask in the background, once for all who want to know, and wait a moment for the answer."""
    key = _key(job, graph)
    known = _remembered(key)
    if known is not None:
        return known
    with _lock:
        asked = _asking.get(key)
        if asked is None:
            asked = _asking[key] = _askers.submit(_ask, key, graph, 10.0)
            asked.add_done_callback(lambda _: _asking.pop(key, None))
    return asked.result() if wait([asked], timeout=seconds).done else None


def _key(job: str, graph: Graph) -> _Key:
    return job, design.graph_hash(design.require_well_formed(graph))


def _ask(key: _Key, graph: Graph, seconds: float) -> str:
    value = queue.ask(key[0], graph, seconds=seconds)
    text = json.dumps({"value": value, "places": _places(graph)})
    with _lock:
        _answers[key] = text
        while len(_answers) > _MOST_KEPT or sum(map(len, _answers.values())) > _MOST_BYTES:
            _answers.popitem(last=False)
    return text


def _remembered(key: _Key) -> str | None:
    with _lock:
        if key in _answers:
            _answers.move_to_end(key)
        return _answers.get(key)
