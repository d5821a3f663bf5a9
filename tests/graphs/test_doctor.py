"""The shape doctor: what is offered for a broken design was tried, builds, and is what somebody who knows would do first."""

import json
import time
from collections import Counter

import pytest

from mhub_core.graphs import design, edit
from mhub_core.graphs.engine.facts import facts
from mhub_core.graphs.engine.repairs import repairs
from tests.graphs.drawing import chain, dense, picture, row
from tests.mistakes import MOST_PARAMETERS, PATH, builds

MISTAKES = json.loads(PATH.read_text(encoding="utf-8"))


def _offered(graph):
    return repairs(graph, MOST_PARAMETERS)


def test_there_are_a_hundred_mistakes_of_many_kinds_and_all_are_well_formed():
    assert len(MISTAKES) == 100 and len(Counter(mistake["kind"] for mistake in MISTAKES)) >= 20
    assert not any(design.form_problems(mistake["graph"]) for mistake in MISTAKES)


# Every sixth here; all of them: `python -m tests.mistakes`.
@pytest.mark.parametrize("mistake", MISTAKES[::6], ids=lambda mistake: mistake["kind"])
def test_a_mistake_builds_after_each_repair_that_is_offered(mistake):
    assert not builds(mistake["graph"])
    offered = _offered(mistake["graph"])
    assert 1 <= len(offered) <= 3 and all(builds(repair["graph"]) for repair in offered)


LSTM = ("LSTM", {"units": 8})
FIRST = [
    ((picture(8, 8, 1), "Conv2D", "Flatten", "Conv2D", "Flatten", dense(3)), "Remove flatten before conv2d_1"),
    ((picture(6, 8), LSTM, LSTM, dense(3)), "Switch return_sequences on in lstm"),
    (
        (picture(28, 28), "Conv2D", "Flatten", dense(3)),
        "Insert a Reshape before conv2d: it makes of each sample images of 28 × 28",
    ),
    ((row(13), "Conv2D", "Flatten", dense(3)), "Use a Dense layer instead of conv2d"),
    ((picture(4, 4, 1), ("Conv2D", {"filters": 2, "kernel_size": 7})), 'Set padding to "same" in conv2d'),
    ((row(10), dense(20), ("Reshape", {"target_shape": [3, 4]})), "Set units to 12 in dense"),
    ((picture(8, 8, 3), ("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 2})), "Set groups to 1"),
    ((row(8), ("Softmax", {"axis": 3})), "Set axis to -1 in softmax"),
]


@pytest.mark.parametrize("layers, words", FIRST, ids=[words for _, words in FIRST])
def test_what_somebody_who_knows_would_do_is_offered_first(layers, words):
    assert _offered(chain(*layers))[0]["words"].startswith(words)


def _joined(layers, pairs):
    """Many layers, drawn at once. `pairs`: which feed which, by their numbers from 1."""
    nodes = [
        {"id": f"n{number}", "name": f"layer_{number}", "class": class_name, "config": config, "position": [0.0, 0.0]}
        for number, (class_name, config) in enumerate(layers, start=1)
    ]
    edges = [
        {"source": f"n{source}", "target": f"n{target}", "port": "inputs", "order": order}
        for order, (source, target) in enumerate(pairs)
    ]
    return {"format": 1, "nodes": nodes, "edges": edges}


def _circle():
    return _joined([row(4), *[("Add", {})] * 400], [*((number, number + 1) for number in range(1, 401)), (401, 2)])


def _wide_merge():
    return _joined([*map(row, range(1, 301)), ("Add", {})], [(number, 301) for number in range(1, 301)])


@pytest.mark.parametrize("draw", [_circle, _wide_merge])
def test_what_is_offered_for_a_large_design_comes_soon(draw):
    _offered(chain(row(4), "Conv2D"))
    start = time.thread_time()
    _offered(draw())
    assert time.thread_time() - start < 10


def test_a_circle_that_no_input_reaches_does_not_keep_the_doctor_for_ever():
    offered = [repair["words"] for repair in _offered(_joined([("ReLU", {})] * 3, [(1, 2), (2, 3), (3, 2)]))]
    assert offered and all(words.startswith("Add an InputLayer") for words in offered)


def test_a_connection_drawn_twice_and_a_size_that_is_open_are_looked_at_too():
    graph = chain(row(4), dense(2))
    twice = {**graph, "edges": [*graph["edges"], *graph["edges"]]}
    assert builds(_offered(twice)[0]["graph"])
    too_large = chain(picture(None, None, 9), "Flatten", dense(10**9))
    assert _offered(too_large) == []  # two mistakes, of which none can be repaired alone


def test_a_connection_to_an_input_that_a_sub_model_does_not_have_is_removed():
    graph, _ = edit.insert_design(chain(row(4)), chain(row(4), dense(2)), "piece", after="n1")
    graph["edges"][0]["port"] = "n99"
    assert _offered(graph)[0]["words"].startswith("Remove the connection from input to piece")


@pytest.mark.parametrize("inner", ["Flatten", {"class": "Flatten"}])
def test_a_layer_inside_another_may_be_written_short(inner):
    words = [repair["words"] for repair in _offered(chain(row(4), ("TimeDistributed", {"layer": inner})))]
    assert words[0].startswith("Use the Flatten inside time_distributed alone")


def test_a_second_call_of_a_layer_with_one_inside_is_looked_at_too():
    graph = chain(picture(6, 8), ("Bidirectional", {"layer": {"class": "LSTM", "config": {"units": 4}}}), LSTM)
    graph, again = edit.share(graph, "n2")
    graph = edit.connect(edit.disconnect(graph, "n2", "n3"), again, "n3")
    assert builds(_offered(edit.connect(graph, "n1", again))[0]["graph"])


def test_a_sound_design_needs_no_repair():
    assert _offered(chain(row(4), dense(3))) == []


def test_of_several_faults_the_first_in_the_order_of_the_data_is_mended_and_the_others_stay():
    graph = chain(row(4), "Conv2D", dense(3))
    graph, loose = edit.add_node(graph, "Dense")
    offered = _offered(graph)
    assert offered[0]["node_id"] == "n2"
    assert [key for key, fact in facts(offered[0]["graph"], MOST_PARAMETERS)["nodes"].items() if "error" in fact] == [loose]


def test_two_steps_are_offered_as_one_where_one_is_not_enough():
    graph = chain(picture(12, 12), ("MaxPooling2D", {"pool_size": 20}), dense(3))
    words = _offered(graph)[0]["words"]
    assert "Reshape" in words and ". And: set padding" in words


def test_layers_that_keras_checks_only_when_it_trains_are_told_at_once():
    for layers in (
        (row(8), "RandomFlip"),
        (row(8), "Resizing"),
        (row(8), "AdaptiveMaxPooling2D"),
        (row(8), ("Softmax", {"axis": 2})),
    ):
        assert "error" in facts(chain(*layers), MOST_PARAMETERS)["nodes"]["n2"]


def test_a_sub_model_that_gets_another_size_takes_it_or_is_mended_inside():
    graph = chain(row(12), dense(8), dense(3))
    graph, block = edit.wrap(graph, ["n2", "n3"], "block", facts(graph, MOST_PARAMETERS))
    graph = edit.set_config(graph, "n1", {"shape": [5]})
    offered = _offered(graph)
    assert offered[0]["words"] == "Have block take a row of 5 numbers" and builds(offered[0]["graph"])
