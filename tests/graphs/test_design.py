"""A design from outside is hostile; a design from a person is half-finished. Both are told what is wrong, and where."""

import copy
import json
import time

import pytest

from mhub_core.errors import Invalid
from mhub_core.graphs import design, edit
from tests.graphs.drawing import chain, dense, picture, row


def _with(**changes):
    graph = chain(row(4), dense(3))
    graph["nodes"][1].update(changes)
    return graph


def _with_edge(**changes):
    graph = chain(row(4), dense(3))
    graph["edges"][0].update(changes)
    return graph


def _repeated_layers(node_count):
    graph = chain(row(4))
    first = graph["nodes"][0]
    graph["nodes"] = [{**first, "id": f"n{number}", "name": f"a{number}"} for number in range(node_count)]
    return graph


def _deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


def _model(inner, **changes):
    graph = chain(row(4), dense(3))
    graph["nodes"][1] = {**graph["nodes"][1], "class": "Model", "config": {"graph": inner}} | changes
    return graph


def _nested(levels):
    graph = chain(row(4), dense(3))
    for _ in range(levels):
        graph = _model(graph)
    return graph


def _in_itself():
    graph = _model(None)
    graph["nodes"][1]["config"]["graph"] = graph
    return graph


def _sharing(shares, **changes):
    graph = chain(row(4), dense(3), dense(3))
    graph["nodes"][2] |= {"config": {}, "shares": shares} | changes
    return graph


def _two_that_share_each_other():
    graph = _sharing("n2")
    graph["nodes"][1] |= {"config": {}, "shares": "n3"}
    return graph


def _with_outputs(*outputs):
    return {**chain(row(4), dense(3)), "outputs": list(outputs)}


HOSTILE = {
    "a sub-model without a design": _model(None),
    "a sub-model with settings beside its design": _model(None, config={"graph": chain(row(4)), "x": 1}),
    "a sub-model that contains itself": _in_itself(),
    "sub-models too deep": _nested(design.DEEPEST + 1),
    "a hundred sub-models deep": _nested(100),
    "too many nodes inside sub-models": _model(_repeated_layers(design.MOST_NODES)),
    "an unknown class inside a sub-model": _model(_with(**{"class": "os.system"})),
    "HTML inside a sub-model": _model(_with(name="<b>x</b>")),
    "a share of nothing": _sharing("n9"),
    "a share of itself": _sharing("n3"),
    "a share of a list": _sharing(["n2"]),
    "a share of another class": _sharing("n1"),
    "a share with settings": _sharing("n2", config={"units": 3}),
    "two that share each other": _two_that_share_each_other(),
    "a call that is a list": _with(call=["training"]),
    "a call with an unknown argument": _with(call={"mask": True}),
    "a call with text": _with(call={"training": "yes"}),
    "a call of another class": _with(call={"use_causal_mask": True}),
    "an edge from an output that is text": _with_edge(output="1"),
    "an edge from an output below zero": _with_edge(output=-1),
    "an edge from an output that is true": _with_edge(output=True),
    "outputs that are no list": {**chain(row(4), dense(3)), "outputs": {"node": "n2"}},
    "an output that is text": _with_outputs("n2"),
    "an output of nothing": _with_outputs({"node": "n9", "output": 0}),
    "an output with an unknown key": _with_outputs({"node": "n2", "output": 0, "x": 1}),
    "an output with NaN": _with_outputs({"node": "n2", "output": float("nan")}),
    "an output twice": _with_outputs({"node": "n2"}, {"node": "n2", "output": 0}),
    "a number of many digits": _with(config={"units": 10**5000}),
    "keys that are no text": _with(config={1: 2}),
    "a million nodes": {**design.empty(), "nodes": [{}] * 10**6},
    "a million values": _with(config={"units": [[0] * 1000] * 1000}),
    "a config nested without end": _with(config={"units": _deep(100_000)}),
    "objects of a program": _with(config={"units": object()}),
    "more text than anybody draws": _with(config={"units": "x" * 5_000_000}),
    "nothing": None,
    "a list": [],
    "a number": 7,
    "no nodes": {"format": 1, "edges": []},
    "an unknown key": {**design.empty(), "code": "import os"},
    "another format": {**design.empty(), "format": 2},
    "nodes that are no list": {**design.empty(), "nodes": {"n1": 1}},
    "a node that is text": {**design.empty(), "nodes": ["n1"]},
    "too many nodes": _repeated_layers(design.MOST_NODES + 1),
    "too many edges": {**chain(row(4)), "edges": [{}] * (design.MOST_EDGES + 1)},
    "a node with an unknown key": _with(module="os"),
    "an unknown class": _with(**{"class": "os.system"}),
    "a class that runs code": _with(**{"class": "Lambda"}),
    "a class that is a list": _with(**{"class": ["Dense"]}),
    "an id that is HTML": _with(id="<script>"),
    "an id with a line behind it": _with(id="n2\n"),
    "an id of another kind": _with(id=2),
    "an id that is there already": _with(id="n1"),
    "a name with HTML": _with(name="<img src=x onerror=alert(1)>"),
    "a name with a path": _with(name="../../etc"),
    "a name too long": _with(name="a" * 81),
    "a name that is there already": _with(name="input"),
    "a name that is no text": _with(name=None),
    "a config that is a list": _with(config=[]),
    "a config with an unknown argument": _with(config={"units": 3, "function": "x"}),
    "a config with NaN": _with(config={"units": float("nan")}),
    "a position that is NaN": _with(position=[float("nan"), 0]),
    "a position far away": _with(position=[1e300, 0]),
    "a position of four hundred digits": _with(position=[10**400, 0]),
    "a position that is text": _with(position="here"),
    "a cell on its own": _with(**{"class": "LSTMCell"}),
    "an edge to nowhere": _with_edge(target="n9"),
    "an edge with an unknown key": _with_edge(weight=1),
    "an edge with a list": _with_edge(source=["n1"]),
    "an edge without order": _with_edge(order=None),
    "an edge with a huge order": _with_edge(order=10**12),
}


@pytest.mark.parametrize("graph", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_json_is_refused(graph):
    with pytest.raises(Invalid) as caught:
        design.require_well_formed(graph)
    assert caught.value.happened.endswith(".")
    assert caught.value.problems


@pytest.mark.parametrize("name", ["a million nodes", "a million values", "a sub-model that contains itself"])
def test_what_is_far_too_large_is_refused_at_once(name):
    start = time.thread_time()
    assert design.check(HOSTILE[name])
    assert time.thread_time() - start < 3


def _repeated(graph, times):
    """Return a line in which the layers behind the input stand several times: drawing it layer by layer takes seconds."""
    first, *block = graph["nodes"]
    again = [{**node, "name": f"{node['name']}_{turn}"} for turn in range(times) for node in block]
    nodes = [first, *({**node, "id": f"n{place}"} for place, node in enumerate(again, 2))]
    edges = [{**graph["edges"][0], "source": f"n{place}", "target": f"n{place + 1}"} for place in range(1, len(nodes))]
    return {**graph, "nodes": nodes, "edges": edges}


def test_the_largest_design_is_checked_quickly():
    layers = [("Conv2D", {"filters": 8, "kernel_size": 3, "padding": "same"}), "BatchNormalization", "ReLU"]
    graph = _repeated(chain(picture(32, 32, 3), *layers), 333)
    assert len(graph["nodes"]) == design.MOST_NODES
    start = time.thread_time()
    assert design.check(graph) == []
    assert time.thread_time() - start < 3  # a tenth of a second, unless each layer is looked up among all others


def test_a_problem_inside_a_sub_model_is_pinned_to_it():
    inner, _ = edit.add_node(chain(row(4), dense(3)), "Dense")
    problem = design.check(_model(inner))[0]
    assert (problem.node_id, problem.message) == ("n2", "In dense: dense_1 is not connected.")


def test_a_name_with_markup_is_not_repeated_in_the_message():
    problem = design.check(_with(name="<b>x</b>"))[0]
    assert problem.node_id == "n2" and "<b>" not in problem.message


def _messages(graph):
    return {problem.node_id: problem.message for problem in design.check(graph)}


def test_a_good_chain_has_no_problems():
    assert design.check(chain(row(4), dense(8, activation="relu"), dense(3))) == []


def test_an_empty_diagram_says_how_to_start():
    assert design.check(design.empty())[0].mend.startswith("Add an InputLayer")


def test_a_diagram_without_input_is_told():
    assert "no input" in _messages(chain(dense(3), dense(3)))[None]


def test_an_unconnected_layer_is_pinned():
    graph, node_id = edit.add_node(chain(row(4), dense(3)), "Dense")
    assert _messages(graph) == {node_id: "dense_1 is not connected."}


def test_an_input_that_leads_nowhere_is_pinned():
    graph, node_id = edit.add_node(chain(row(4), dense(3)), "InputLayer")
    assert _messages(graph) == {node_id: "input_1 is not connected to an output of the model."}


def test_a_circle_is_pinned_to_its_layers_and_not_to_those_around_it():
    graph = chain(row(4), "Add", dense(3), dense(4), dense(2))
    graph["edges"].append({"source": "n4", "target": "n2", "port": "inputs", "order": 1})
    assert set(_messages(graph)) == {"n2", "n3", "n4"}


def test_a_layer_that_feeds_itself_is_told():
    graph = chain(row(4), "Add", dense(3))
    graph["edges"].append({"source": "n2", "target": "n2", "port": "inputs", "order": 1})
    assert "cycle" in _messages(graph)["n2"]


def test_a_merge_of_one_and_a_layer_with_two_inputs_are_told():
    graph = chain(row(4), "Concatenate", dense(3))
    assert "merges several" in _messages(graph)["n2"]
    graph["edges"].append({"source": "n1", "target": "n3", "port": "inputs", "order": 1})
    assert "takes one input but got 2" in _messages(graph)["n3"]


def test_attention_needs_its_query_and_its_value():
    graph = chain(("InputLayer", {"shape": [6, 8]}), "MultiHeadAttention")
    assert "nothing at its value" in _messages(graph)["n2"]
    assert design.check(edit.connect(graph, "n1", "n2", "value")) == []


def test_an_unknown_port_is_told():
    graph = _with_edge(port="<b>")
    assert design.check(graph)[0].node_id == "n2"


def test_the_hash_ignores_positions_and_nothing_else():
    graph = chain(row(4), dense(3))
    assert design.graph_hash(edit.set_positions(graph, {"n2": [9, 9]})) == design.graph_hash(graph)
    assert design.graph_hash(edit.rename(graph, "n2", "answer")) != design.graph_hash(graph)
    assert design.graph_hash(edit.set_call(graph, "n2", {"training": True})) != design.graph_hash(graph)
    inner = edit.set_positions(graph, {"n2": [9, 9]})
    assert design.graph_hash(_model(inner)) == design.graph_hash(_model(graph)) != design.graph_hash(graph)
    assert design.graph_hash(json.loads(json.dumps(graph))) == design.graph_hash(copy.deepcopy(graph))
