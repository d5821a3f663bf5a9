"""Any graph becomes Keras: shared layers, values given at the call, several outputs, states, sub-models."""

import time

import keras
import numpy as np
import pytest

from mhub_core.errors import Invalid
from mhub_core.graphs import answer, design, edit, ports, shapes
from mhub_core.graphs.engine.build import build
from mhub_core.graphs.engine.facts import facts
from tests.graphs.drawing import chain, dense, picture, row

LIMIT = 50_000_000
LSTM = ("LSTM", {"units": 4, "return_sequences": True, "return_state": True})


def _twins():
    """Two inputs through one layer, merged."""
    graph, other = edit.add_node(chain(row(4), dense(8)), "InputLayer", config={"shape": [4]})
    graph, again = edit.share(graph, "n2")
    graph, merge = edit.add_node(edit.connect(graph, other, again), "Subtract", after="n2")
    return edit.connect(graph, again, merge), again


def test_a_layer_called_twice_has_one_set_of_weights():
    graph, again = _twins()
    found, model = facts(graph, LIMIT), build(graph, LIMIT)
    assert found["nodes"][again]["parameters"] == 0 and found["totals"]["parameters"] == model.count_params() == 40
    same = np.ones((2, 4))
    assert np.allclose(model.predict([same, same], verbose=0), 0)


def test_a_shared_layer_that_gets_another_shape_is_told_at_its_call():
    graph, again = edit.share(chain(row(4), dense(8)), "n2")
    graph = edit.connect(graph, "n2", again)
    assert "error" in facts(graph, LIMIT)["nodes"][again]


def test_states_of_one_recurrent_layer_start_another():
    graph = chain(picture(5, 3), LSTM, ("LSTM", {"units": 4}))
    for output in (1, 2):
        graph = edit.connect(graph, "n2", "n3", "initial_state", output)
    assert facts(graph, LIMIT)["nodes"]["n2"]["outputs"] == [[None, 5, 4], [None, 4], [None, 4]]
    states = build(graph, LIMIT).layers[2]._inbound_nodes[0].arguments.kwargs["initial_state"]
    assert [state.shape for state in states] == [(None, 4), (None, 4)]


def test_the_answers_are_those_that_are_listed_in_their_order():
    graph = edit.mark_output(chain(picture(5, 3), LSTM, "Flatten", dense(2)), "n2", True, 1)
    assert build(graph, LIMIT).output_shape == [(None, 2), (None, 4)]
    assert build(edit.move_output(graph, "n4", up=False), LIMIT).output_shape == [(None, 4), (None, 2)]


@pytest.mark.parametrize("layer", ["MultiHeadAttention", "Attention", "AdditiveAttention", "GroupQueryAttention"])
def test_attention_gives_its_scores_when_it_is_told_so(layer):
    graph = edit.connect(chain(picture(6, 8), layer), "n1", "n2", "value")
    graph = edit.set_call(graph, "n2", {"return_attention_scores": True, "use_causal_mask": True})
    outputs = facts(edit.connect(graph, "n1", "n2", "key"), LIMIT)["nodes"]["n2"]["outputs"]
    assert outputs[0] == [None, 6, 8] and outputs[1][-2:] == [6, 6]


def test_attention_drawn_before_its_inputs_had_names_still_builds():
    graph = chain(picture(6, 8), "Attention")
    graph["edges"] = [{"source": "n1", "target": "n2", "port": "inputs", "order": order} for order in (0, 1)]
    assert build(graph, LIMIT).output_shape == (None, 6, 8)


def test_what_a_layer_is_told_at_its_call_arrives_in_keras():
    graph = edit.set_call(chain(row(100), "Dropout"), "n2", {"training": True})
    assert (np.asarray(build(graph, LIMIT)(np.ones((1, 100)))) == 0).any()


def _nested(levels=1):
    graph = chain(picture(None, 3), ("Conv1D", {"filters": 4, "kernel_size": 1}), "GlobalAveragePooling1D")
    for level in range(levels):
        outer = chain(picture(10 if level == levels - 1 else None, 3))
        graph, _ = edit.insert_design(outer, graph, f"piece_{level}", after="n1")
    return graph


@pytest.mark.parametrize("levels", [1, 3])
def test_a_sub_model_is_one_layer_and_costs_what_comes_in(levels):
    graph = _nested(levels)
    fact, model = facts(graph, LIMIT)["nodes"]["n2"], build(graph, LIMIT)
    assert fact == {"output_shape": [None, 4], "parameters": 16, "multiply_adds": 10 * 3 * 4}
    assert isinstance(model.layers[1], keras.Model) and model.count_params() == 16


def test_a_shared_sub_model_is_called_again_for_other_sizes():
    graph, other = edit.add_node(_nested(), "InputLayer", config={"shape": [20, 3]})
    graph, again = edit.share(graph, "n2")
    graph = edit.connect(graph, other, again)
    found, model = facts(graph, LIMIT), build(graph, LIMIT)
    assert found["nodes"][again] == {"output_shape": [None, 4], "parameters": 0, "multiply_adds": 240}
    assert model.count_params() == found["totals"]["parameters"] == 16


def test_what_is_wrong_inside_a_sub_model_names_both():
    inner = chain(picture(8, 3), "Conv2D", dense(3))
    graph, _ = edit.insert_design(chain(picture(8, 3)), inner, "encoder", after="n1")
    error = facts(graph, LIMIT)["nodes"]["n2"]["error"]
    assert error["message"].startswith("In encoder: conv2d")


def test_every_call_of_a_broken_sub_model_says_what_is_wrong_inside():
    inner, _ = edit.add_node(chain(row(4), dense(2)), "Dense")
    graph, _ = edit.insert_design(chain(row(4)), inner, "encoder", after="n1")
    graph, again = edit.share(graph, "n2")
    found = facts(edit.connect(graph, "n1", again), LIMIT)["nodes"]
    assert found["n2"]["error"] == found[again]["error"] and "dense_1 is not connected" in found[again]["error"]["message"]


def test_a_sub_model_says_what_it_needs_when_something_else_comes_in():
    graph, _ = edit.insert_design(chain(picture(8, 5)), chain(picture(None, 3), dense(3)), "encoder", after="n1")
    assert "needs any × 3 at its input, but got 8 × 5" in facts(graph, LIMIT)["nodes"]["n2"]["error"]["message"]


def test_a_sub_model_of_a_billion_weights_is_refused():
    graph, _ = edit.insert_design(chain(row(99)), chain(row(99), dense(10**9)), "large", after="n1")
    found = facts(graph, LIMIT)
    assert "limit" in found["nodes"]["n2"]["error"]["message"] and found["totals"]["parameters"] == 0
    with pytest.raises(Invalid, match="limit"):
        build(graph, LIMIT)


def _calling_each_other(times, levels=5):
    """A layer in a sub-model that is called several times in a sub-model that is called several times ..."""
    graph = chain(row(16)) if levels == 5 else chain(("InputLayer", {"shape": [None]}))
    if levels:
        graph, last = edit.insert_design(graph, _calling_each_other(times, levels - 1), "level", after="n1")
    else:
        graph, last = edit.add_node(graph, "Activation", after="n1")
    for _ in range(times - 1):
        before, (graph, last) = last, edit.share(graph, "n2")
        graph = edit.connect(graph, before, last)
    return graph


def test_sub_models_that_call_each_other_are_measured_once_for_each_shape():
    graph = _calling_each_other(4)
    start = time.thread_time()
    assert facts(graph, LIMIT)["nodes"]["n5"]["output_shape"] == [None, 16]
    answer.require_no_words(graph)
    assert shapes.trace(graph)["n5"] == [[16]] and time.thread_time() - start < 5


def test_sub_models_that_would_call_their_layers_a_million_times_are_refused():
    with pytest.raises(Invalid, match="more than 10,000 times"):
        design.require_well_formed(_calling_each_other(10))


def test_memory_is_told_for_one_sample():
    totals = facts(chain(picture(8, 8, 3), ("Conv2D", {"filters": 4, "kernel_size": 1}), "Flatten"), LIMIT)["totals"]
    assert totals["weight_bytes"] == 16 * 4
    assert totals["activation_bytes"] == 4 * (8 * 8 * 3 + 8 * 8 * 4 + 8 * 8 * 4)


def test_an_answer_of_a_layer_that_no_longer_gives_it_is_told():
    graph = edit.mark_output(chain(picture(5, 3), LSTM), "n2", True, 2)
    graph = edit.set_config(graph, "n2", {"units": 4})
    assert "does not exist" in design.check(graph)[0].message


INNER = {"class": "LSTM", "config": {"units": 4, "return_state": True}}
CELLS = {
    "class": "StackedRNNCells",
    "config": {"cells": [{"class": "LSTMCell", "config": {"units": 4}}, {"class": "GRUCell", "config": {"units": 3}}]},
}
SEVERAL = {
    "LSTM": (picture(5, 3), ("LSTM", {"units": 4, "return_state": True})),
    "GRU": (picture(5, 3), ("GRU", {"units": 4, "return_state": True})),
    "cells": (picture(5, 3), ("RNN", {"cell": CELLS, "return_state": True})),
    "both ways": (picture(5, 3), ("Bidirectional", {"layer": INNER})),
    "both ways apart": (picture(5, 3), ("Bidirectional", {"layer": INNER, "merge_mode": None})),
    "images": (picture(5, 8, 2), ("ConvLSTM1D", {"filters": 4, "kernel_size": 3, "return_state": True})),
}


@pytest.mark.parametrize("layers", SEVERAL.values(), ids=SEVERAL.keys())
def test_a_layer_has_as_many_outputs_in_the_diagram_as_in_keras(layers):
    graph = chain(*layers)
    assert len(facts(graph, LIMIT)["nodes"]["n2"]["outputs"]) == len(ports.outputs(graph["nodes"][1]))
