"""Live facts as the pages ask for them."""

from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from mhub_core.errors import Invalid, Unavailable
from mhub_core.graphs import edit, service
from tests.graphs.drawing import chain, dense, row


def test_without_a_worker_the_facts_are_said_to_be_away(hub_home):
    with pytest.raises(Unavailable):
        service.facts(chain(row(4), dense(31)), seconds=0.1)


def test_hostile_json_never_reaches_the_queue(hub_home):
    with pytest.raises(Invalid):
        service.facts({"format": 1, "nodes": "x", "edges": []})


@pytest.fixture
def worker(monkeypatch):
    """A worker that answers at once; the list of what it was asked."""
    asked = []
    monkeypatch.setattr(service, "_answers", OrderedDict())

    def answer(job, graph, seconds):
        asked.append((job, graph))
        repair = {"words": "Insert a Flatten", "graph": edit.add_node(graph, "Flatten", after="n1")[0], "node_id": "n2"}
        return [repair] if job == "graph_repairs" else {"nodes": {}}

    monkeypatch.setattr(service.queue, "ask", answer)
    return asked


def test_the_same_design_is_asked_about_once_and_each_caller_gets_an_answer_of_its_own(worker):
    graph = chain(row(4), dense(3))
    service.facts(graph)["nodes"]["spoiled"] = 1
    assert service.facts(graph) == {"nodes": {}} and service.facts_soon(graph, 1.0) == {"nodes": {}}
    assert len(worker) == 1


def test_repairs_of_a_design_that_was_moved_since_are_moved_with_it(worker):
    graph = chain(row(4), dense(3), dense(2))
    first = service.repairs(graph)[0].graph
    moved = edit.set_positions(graph, {"n2": [500.0, 40.0]})
    again = {node["id"]: node["position"] for node in service.repairs(moved)[0].graph["nodes"]}
    before = {node["id"]: node["position"] for node in first["nodes"]}
    x, y = graph["nodes"][1]["position"]
    assert again["n2"] == [before["n2"][0] + 500.0 - x, before["n2"][1] + 40.0 - y]
    assert again["n4"] == before["n4"] and len(worker) == 1


def test_old_answers_are_forgotten_before_they_fill_the_memory(worker, monkeypatch):
    monkeypatch.setattr(service, "_MOST_BYTES", 300)
    for units in (1, 2, 3, 4, 5, 1):
        service.facts(chain(row(4), dense(units)))
    assert len(worker) == 6 and sum(map(len, service._answers.values())) <= 300


def test_an_answer_that_takes_long_is_asked_for_once_and_comes_later(worker, monkeypatch):
    ready, answer = Event(), service.queue.ask
    monkeypatch.setattr(service.queue, "ask", lambda *args, **named: ready.wait(5) and answer(*args, **named))
    graph = chain(row(4), dense(3))
    assert service.repairs_soon(graph, 0.01) is None and service.repairs_soon(graph, 0.01) is None
    ready.set()
    assert service.repairs_soon(graph, 5.0)[0].node_id == "n2" and len(worker) == 1


def test_many_threads_may_ask_while_answers_are_forgotten(worker, monkeypatch):
    monkeypatch.setattr(service, "_MOST_KEPT", 1)
    graphs = [chain(row(4), dense(units)) for units in (1, 2, 3)]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(service.facts, graphs * 50)) == [{"nodes": {}}] * 150
