"""The adapter of the diagram: what a browser may say, and what it is shown."""

from __future__ import annotations

import json
import re

import pytest

from mhub_core.graphs import design, edit
from mhub_core.ui import flow, flow_bridge, flow_look


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


def show(graph: dict, memory: dict, selected: str | None = None) -> None:
    nodes = flow_look.nodes(graph, None, [selected], True)
    flow.remember_shown(memory, nodes, flow_look.edges(graph))


def said(graph: dict, memory: dict, stamp: int, chosen: object = None, **changes: object) -> dict:
    """What the component sends when nothing changed but `changes`."""
    nodes = [
        {
            "id": node["id"],
            "position": {"x": node["position"][0], "y": node["position"][1]},
            "data": {"revision": memory["revision"]},
        }
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


def test_an_empty_diagram_is_not_drawn_again_for_its_own_answer(memory):
    empty = design.empty()
    show(empty, memory)

    assert flow.read_event(said(empty, memory, 1000), memory, empty) is None
    assert not memory["again"]


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


@pytest.mark.parametrize(
    "place", [None, "here", {"x": "1", "y": 2}, {"x": float("nan"), "y": 0}, {"x": 1e300, "y": 0}, {"x": True, "y": 0}]
)
def test_a_position_that_is_no_place_moves_nothing(chain, memory, place):
    value = said(chain, memory, 1000)
    value["nodes"][0]["position"] = place
    assert flow.read_event(value, memory, chain) is None


def test_a_connection_to_a_layer_that_does_not_exist_is_passed_over(chain, memory):
    edges = [
        *said(chain, memory, 1)["edges"],
        {"id": "x", "source": "n1", "target": "n77"},
        {"id": "y", "source": [], "target": "n1"},
    ]
    assert flow.read_event(said(chain, memory, 1000, edges=edges), memory, chain) is None


def test_a_second_line_between_two_layers_is_asked_for_too(chain, memory):
    """The component draws one line for a pair, so it only names what was drawn."""
    event = flow.read_event(said(chain, memory, 1000, "st-flow-edge_n2-n3"), memory, chain)
    assert event.connected == (("n2", "n3"),)
    assert flow.read_event(said(chain, memory, 1001, "st-flow-edge_n2-n77"), memory, chain) is None


def test_a_place_that_a_browser_rounded_is_no_move(chain, memory):
    value = said(chain, memory, 1000)
    value["nodes"][1]["position"]["x"] += 0.2
    assert flow.read_event(value, memory, chain) is None


def test_what_was_chosen_together_in_the_browser_is_not_sent_back_to_it(chain, memory):
    gesture = flow_bridge.read({"chosen": ["n2", "n3"], "moved": {"n3": [5, 6]}}, chain)
    event = flow.with_gesture(flow.GraphEvent(selected="n3"), gesture, memory)
    assert event.chosen == ("n2", "n3") and event.selected == "n3" and event.moved == {"n3": [5.0, 6.0]}
    assert memory["chosen"] == ["n2", "n3"] and memory["places"]["n3"] == [5.0, 6.0]


def test_a_block_is_dropped_onto_a_connection_a_layer_or_an_empty_place(chain):
    place = {"class_name": "Dropout", "position": [1, 2]}
    dropped = [
        flow_bridge.read({"dropped": place | under}, chain).dropped for under in ({}, {"on_node": "n2"}, {"on_edge": "n2-n3"})
    ]
    assert [(drop.on_node, drop.on_edge) for drop in dropped] == [(None, None), ("n2", None), (None, ("n2", "n3"))]


def test_enter_in_the_search_adds_what_it_finds_first_and_may_be_used(chain):
    assert flow_bridge.read({"words": "conv2d"}, chain).added == "Conv2D"
    assert flow_bridge.read({"words": "lambda"}, chain) is None
    assert flow_bridge.read({"words": "no such layer"}, chain) is None


HOSTILE_GESTURES = [
    {"action": "drop_database"},
    {"action": ["undo"]},
    {"chosen": "n1"},
    {"opened": {"$gt": ""}},
    {"opened": "n99"},
    {"words": 7},
    {"dropped": {"class_name": "Dense", "position": [float("nan"), 0]}},
    {"dropped": {"class_name": "x" * 10**6, "position": [0, 0]}},
    {"dropped": {"class_name": ["Dense"], "position": [0, 0]}},
    {"dropped": "Dense"},
    {"moved": {"n1": "there", "n77": [0, 0]}},
    {"moved": [["n1", [0, 0]]]},
]


@pytest.mark.parametrize("value", HOSTILE_GESTURES)
def test_a_made_up_gesture_is_passed_over(chain, value):
    assert flow_bridge.read(value, chain) is None


def test_of_a_made_up_choice_and_drop_only_what_exists_is_kept(chain):
    assert flow_bridge.read({"chosen": ["n1", "n1", "n99", 5, None]}, chain).chosen == ("n1",)
    value = {"class_name": "Dense", "position": [0, 0], "on_node": ["n1"], "on_edge": "n1-n3; drop"}
    assert flow_bridge.read({"dropped": value}, chain).dropped == flow_bridge.Drop("Dense", [0.0, 0.0])


def test_a_line_names_the_input_where_it_could_be_in_doubt_and_the_place_where_the_order_matters():
    graph, first = edit.add_node(design.empty(), "InputLayer", config={"shape": [4, 8]})
    graph, attention = edit.add_node(graph, "MultiHeadAttention", config={"num_heads": 2, "key_dim": 4})
    for port in ("query", "value", "key"):
        graph = edit.connect(graph, first, attention, port)
    graph, joined = edit.add_node(graph, "Concatenate")
    graph, added = edit.add_node(graph, "Add")
    for source in (attention, first):
        graph = edit.connect(edit.connect(graph, source, joined), source, added)
    labels = {line["id"]: line.get("label", "") for line in flow_look.edges(graph)}
    assert labels[f"{first}-{attention}"] == "query, value, key"
    assert (labels[f"{attention}-{joined}"], labels[f"{first}-{joined}"]) == ("1", "2")
    assert labels[f"{first}-{added}"] == ""


def test_a_shared_layer_and_a_sub_model_are_told_apart(chain):
    graph, again = edit.share(chain, "n2")
    fact = {"output_shape": [None, 64], "parameters": 0}
    content = flow_look.content(graph, edit.require_node(graph, again), fact)
    assert 'class="shared"' in content and flow_look._text(f"same weights as {graph['nodes'][1]['name']}") in content
    graph, model = edit.wrap(chain, ["n2", "n3"], "encoder")
    assert 'class="model"' in flow_look.content(graph, edit.require_node(graph, model), fact)


def test_no_text_of_a_layer_or_an_error_becomes_markup(chain):
    node = {**chain["nodes"][1], "name": '<img src=x onerror="alert(1)">*b*'}
    content = flow_look.content(chain, node, {"error": {"message": "<script>alert(1)</script> [x](http://y)", "mend": ""}})
    inside = re.sub('<(div|span) class="[a-z ]+">|</(div|span)>', "", content)
    assert "<" not in inside and "onerror=" not in inside and "](" not in inside and "*b*" not in inside


def test_what_the_browser_gets_is_plain_json_with_the_facts_in_words(chain):
    facts = {"nodes": {"n2": {"output_shape": [None, 28, 28, 8], "parameters": 1234, "multiply_adds": 1_203_000}}}
    assert flow.fact_words(flow.fact_of(facts, "n2")) == "28 × 28 × 8 · 1,234 parameters · 1.2 M mult-adds"
    assert flow.fact_words(flow.fact_of(None, "n2")) == "waiting …"
    json.dumps(flow_look.nodes(chain, facts, [chain["nodes"][0]["id"]], True) + flow_look.edges(chain))


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0"), (9999, "9,999"), (10_000, "10 k"), (1_200_400, "1.2 M"), (999_900, "1 M"), (4.09e9, "4.09 G")]
)
def test_a_large_number_is_short(number, told):
    assert flow_look.short(number) == told
