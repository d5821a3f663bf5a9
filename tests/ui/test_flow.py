"""The adapter of the diagram: what a browser may say, and what it is shown."""

from __future__ import annotations

import json

import pytest

from mhub_core.graphs import design, edit
from mhub_core.ui import flow


@pytest.fixture
def chain() -> dict:
    graph, last = edit.add_node(design.empty(), "InputLayer", config={"shape": [4]})
    for _ in range(3):
        graph, last = edit.add_node(graph, "Dense", after=last)
    return graph


@pytest.fixture
def memory(chain) -> dict:
    memory = flow.fresh_memory()
    show(chain, memory)
    return memory


def show(graph: dict, memory: dict, selected: str | None = None, fit: bool = False) -> None:
    nodes = [flow._node(node, None, selected, True) for node in graph["nodes"]]
    flow.remember_shown(memory, nodes, [flow._edge(edge) for edge in graph["edges"]], selected, fit)


def said(graph: dict, memory: dict, stamp: int, chosen: object = None, **changes: object) -> dict:
    """What the component sends when nothing changed but `changes`."""
    nodes = [
        {"id": node["id"], "position": {"x": node["position"][0], "y": node["position"][1]}, "data": {"revision": memory["revision"]}}
        for node in graph["nodes"]
    ]
    edges = [{"id": "e", "source": edge["source"], "target": edge["target"]} for edge in graph["edges"]]
    return {"nodes": nodes, "edges": edges, "selectedId": chosen, "timestamp": stamp} | changes


def test_a_click_on_a_layer_selects_it_and_its_echo_says_nothing(chain, memory):
    assert flow.read_event(said(chain, memory, 1000), memory, chain) is None
    assert flow.read_event(said(chain, memory, 1001, "n2"), memory, chain) == flow.GraphEvent(selected="n2")
    assert flow.read_event(said(chain, memory, 1001, "n2"), memory, chain) is None


def test_a_selection_made_in_the_browser_is_not_sent_back_to_it(chain, memory):
    flow.read_event(said(chain, memory, 1000, "n2"), memory, chain)
    revision = memory["revision"]
    show(chain, memory, selected="n2")
    assert memory["revision"] == revision
    show(chain, memory, selected="n3")
    assert memory["revision"] == revision + 1


def test_new_content_is_stamped_with_the_browsers_clock_and_not_the_servers(chain, memory):
    flow.read_event(said(chain, memory, 5_000), memory, chain)
    show(edit.remove(chain, "n3"), memory)
    assert memory["stamp"] == 5_001


def test_a_drag_moves_a_layer_once(chain, memory):
    value = said(chain, memory, 1000)
    value["nodes"][1]["position"] = {"x": 70, "y": 300.5}
    assert flow.read_event(value, memory, chain).moved == {"n2": [70.0, 300.5]}
    assert flow.read_event({**value, "timestamp": 1001}, memory, chain) is None


def test_a_drawn_connection_is_asked_for_and_the_diagram_drawn_again_whatever_comes_of_it(chain, memory):
    edges = [*said(chain, memory, 1)["edges"], {"id": "new", "source": "n4", "target": "n2"}]
    assert flow.read_event(said(chain, memory, 1000, edges=edges), memory, chain).connected == (("n4", "n2"),)
    revision = memory["revision"]
    show(chain, memory)
    assert memory["revision"] == revision + 1


def test_a_click_on_a_connection_selects_it(chain, memory):
    assert flow.read_event(said(chain, memory, 1000, "n2-n3"), memory, chain).edge == ("n2", "n3")


def test_an_answer_to_an_older_diagram_moves_and_connects_nothing(chain, memory):
    old = said(chain, memory, 1000, "n2", edges=[])
    old["nodes"][0]["position"] = {"x": 999, "y": 999}
    show(edit.remove(chain, "n4"), memory)
    event = flow.read_event(old, memory, chain)
    assert event == flow.GraphEvent(selected="n2")
    assert memory["again"]


HOSTILE = [
    None,
    "text",
    [],
    {},
    {"timestamp": "soon"},
    {"timestamp": 10**400},
    {"timestamp": True},
    {"timestamp": 1000, "nodes": "n1", "edges": {"source": "n1"}, "selectedId": ["n1"]},
    {"timestamp": 1000, "nodes": [{"id": {"$gt": ""}}], "edges": [None, 7], "selectedId": "n99"},
    {"timestamp": 1000, "nodes": [{"id": "<script>alert(1)</script>", "position": {"x": 1, "y": 1}}], "selectedId": "<script>"},
]


@pytest.mark.parametrize("value", HOSTILE)
def test_made_up_values_are_passed_over(chain, memory, value):
    assert flow.read_event(value, memory, chain) is None


@pytest.mark.parametrize("place", [None, "here", {"x": "1", "y": 2}, {"x": float("nan"), "y": 0}, {"x": 1e300, "y": 0}, {"x": True, "y": 0}])
def test_a_position_that_is_no_place_moves_nothing(chain, memory, place):
    value = said(chain, memory, 1000)
    value["nodes"][0]["position"] = place
    assert flow.read_event(value, memory, chain) is None


def test_a_connection_to_a_layer_that_does_not_exist_is_passed_over(chain, memory):
    edges = [*said(chain, memory, 1)["edges"], {"id": "x", "source": "n1", "target": "n77"}, {"id": "y", "source": [], "target": "n1"}]
    assert flow.read_event(said(chain, memory, 1000, edges=edges), memory, chain) is None


def test_no_text_of_a_layer_or_an_error_becomes_markup(chain):
    node = {**chain["nodes"][1], "name": '<img src=x onerror="alert(1)">*b*'}
    content = flow._content(node, {"error": {"message": "<script>alert(1)</script> [x](http://y)", "mend": ""}})
    inside = content.replace("<div", "").replace("</div>", "")
    assert "<" not in inside and "onerror=" not in inside and "](" not in inside and "*b*" not in inside


def test_what_the_browser_gets_is_plain_json_with_the_facts_in_words(chain):
    facts = {"nodes": {"n2": {"output_shape": [None, 28, 28, 8], "parameters": 1234}}}
    assert flow.fact_words(flow.fact_of(facts, "n2")) == "28 × 28 × 8 · 1,234 weights"
    assert flow.fact_words(flow.fact_of(None, "n2")) == "waiting …"
    json.dumps([flow._node(node, facts, "n2", True) for node in chain["nodes"]])
