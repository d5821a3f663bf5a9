"""Editing a design: what a person does in the builder, step by step."""

import copy
import time

import pytest

from mhub_core.errors import Invalid, NotFound
from mhub_core.graphs import design, edit, layout, walk
from tests.graphs.drawing import chain, classes, dense, picture, row


def _order(graph):
    assert design.check(graph) == []
    return classes(graph, walk.as_chain(graph))


def test_a_layer_goes_behind_another():
    graph, _ = edit.add_node(chain(row(4), dense(3)), "Dropout", after="n1")
    assert _order(graph) == ["InputLayer", "Dropout", "Dense"]


def test_a_layer_goes_before_another():
    graph, _ = edit.add_node(chain(row(4), dense(3)), "Dropout", before="n2")
    assert _order(graph) == ["InputLayer", "Dropout", "Dense"]


def test_a_layer_goes_onto_one_of_two_connections():
    graph = edit.connect(chain(row(4), dense(4), "Add"), "n1", "n3")
    graph, new = edit.add_node(graph, "Dropout", after="n1", before="n3")
    lines = {(edge["source"], edge["target"]) for edge in graph["edges"]}
    assert lines == {("n1", "n2"), ("n2", "n3"), ("n1", new), (new, "n3")}


def test_a_fresh_layer_has_the_values_it_needs_and_a_free_name():
    graph, node_id = edit.add_node(chain(row(4), "Dense"), "Dense", after="n2")
    node = edit.require_node(graph, node_id)
    assert node["config"] == {"units": 64} and node["name"] == "dense_1"


def test_names_are_like_those_of_keras():
    graph = chain(
        picture(8, 8, 1), "Conv2D", "MaxPooling2D", "BatchNormalization", "GlobalAveragePooling2D", "ReLU", "ConvLSTM2D"
    )
    names = [node["name"] for node in graph["nodes"]]
    assert names[1:] == ["conv2d", "max_pooling2d", "batch_normalization", "global_average_pooling2d", "re_lu", "conv_lstm2d"]


def test_removing_a_layer_closes_the_gap():
    assert _order(edit.remove(chain(row(4), dense(8), dense(3)), "n2")) == ["InputLayer", "Dense"]


def test_removing_a_merge_leaves_no_loose_connection():
    graph = edit.connect(chain(row(4), dense(4), "Add", dense(3)), "n1", "n3")
    kept = {(edge["source"], edge["target"]) for edge in edit.remove(graph, "n3")["edges"]}
    assert kept == {("n1", "n2")}


def test_removing_the_long_way_round_leaves_the_shortcut_one_line():
    graph = edit.remove(edit.connect(chain(row(4), dense(4), dense(4), "Add"), "n2", "n4"), "n3")
    assert [(edge["source"], edge["target"]) for edge in graph["edges"]] == [("n1", "n2"), ("n2", "n4")]


def test_the_states_of_a_layer_that_is_removed_go_with_it():
    graph = chain(picture(5, 3), ("LSTM", {"units": 4, "return_state": True}), "Dropout", ("LSTM", {"units": 4}))
    graph = edit.mark_output(edit.connect(graph, "n2", "n4", "initial_state", 1), "n2", True, 2)
    graph = edit.remove(graph, "n2")
    assert [(edge["source"], edge["target"]) for edge in graph["edges"]] == [("n3", "n4"), ("n1", "n3")]
    assert walk.ends(graph) == [("n4", 0)]


def test_a_copy_follows_its_original():
    graph, copied = edit.duplicate(chain(row(4), dense(8, activation="relu"), dense(3)), "n2")
    assert _order(graph) == ["InputLayer", "Dense", "Dense", "Dense"]
    assert edit.require_node(graph, copied)["config"] == {"units": 8, "activation": "relu"}


def test_layers_move_up_and_down_but_never_above_the_input():
    graph = chain(row(4), dense(8), "Dropout", dense(3))
    assert _order(edit.move_up(graph, "n3")) == ["InputLayer", "Dropout", "Dense", "Dense"]
    assert _order(edit.move_down(graph, "n3")) == ["InputLayer", "Dense", "Dense", "Dropout"]
    assert edit.move_up(graph, "n2") == graph == edit.move_down(graph, "n4")


def test_the_last_layer_of_a_chain_is_the_answer_after_a_move_too():
    graph = edit.move_up({**chain(row(4), dense(8), dense(3)), "outputs": [{"node": "n3"}]}, "n3")
    assert walk.ends(graph) == [("n2", 0)]


def test_behind_the_highest_id_there_is_still_room():
    graph = chain(row(4))
    graph["nodes"][0]["id"] = "n999999"
    graph, first = edit.add_node(graph, "Dense", after="n999999")
    graph, ids = edit.paste(graph, edit.cut_out(graph, ["n999999", first]))
    assert [first, *ids] == ["n1", "n2", "n3"] and design.form_problems(graph) == []


def test_moving_in_a_branched_design_is_refused_with_a_reason():
    graph = edit.connect(chain(row(4), dense(4), "Add"), "n1", "n3")
    with pytest.raises(Invalid, match="straight chain"):
        edit.move_up(graph, "n2")


def test_a_new_connection_replaces_the_old_one_where_one_is_taken():
    graph, node_id = edit.add_node(chain(row(4), dense(3)), "InputLayer")
    graph = edit.connect(graph, node_id, "n2")
    assert [(edge["source"], edge["target"]) for edge in graph["edges"]] == [(node_id, "n2")]


def test_the_inputs_of_a_merge_keep_their_order():
    graph = edit.connect(chain(row(4), dense(4), "Subtract"), "n1", "n3")
    assert [edge["source"] for edge in walk.incoming(graph)["n3"]] == ["n2", "n1"]


@pytest.mark.parametrize("source, target", [("n3", "n2"), ("n2", "n2"), ("n2", "n1")])
def test_a_connection_that_cannot_be_is_refused(source, target):
    with pytest.raises(Invalid):
        edit.connect(chain(row(4), dense(4), dense(3)), source, target)


def test_a_connection_can_be_removed():
    graph = edit.disconnect(chain(row(4), dense(3)), "n1", "n2")
    assert graph["edges"] == []


def test_a_form_with_mistakes_changes_nothing():
    graph = chain(row(4), dense(3))
    with pytest.raises(Invalid) as caught:
        edit.set_config(graph, "n2", {"units": "many"})
    assert caught.value.problems == {"units": "must be a whole number"}
    assert edit.require_node(graph, "n2")["config"] == {"units": 3}


@pytest.mark.parametrize("name", ["", "<b>", "9lives", "a" * 81, None, "input", "a b"])
def test_a_name_that_cannot_be_is_refused(name):
    with pytest.raises(Invalid) as caught:
        edit.rename(chain(row(4), dense(3)), "n2", name)
    assert "name" in caught.value.problems


def test_a_layer_that_is_gone_is_told():
    with pytest.raises(NotFound, match="no longer"):
        edit.remove(chain(row(4)), "n7")


def test_no_edit_changes_the_design_it_was_given():
    graph = chain(row(4), dense(8), dense(3))
    before = copy.deepcopy(graph)
    for change in (edit.remove, edit.duplicate, edit.move_up, edit.move_down):
        change(graph, "n2")
    layout.arrange(graph), edit.rename(graph, "n2", "x"), edit.disconnect(graph, "n1", "n2")
    assert graph == before


def test_positions_from_the_browser_are_taken_only_when_they_are_numbers():
    graph = edit.set_positions(chain(row(4), dense(3)), {"n1": [5, 6], "n2": ["<b>", 1], "n9": [1, 1]})
    assert graph["nodes"][0]["position"] == [5.0, 6.0]
    assert design.check(graph) == []


def test_the_automatic_layout_puts_branches_side_by_side_and_never_two_layers_in_one_place():
    graph = edit.connect(chain(row(4), dense(4), "Add", dense(3)), "n1", "n3")
    graph, _ = edit.add_node(graph, "Dropout", after="n1", before="n3")
    placed = {node["id"]: tuple(node["position"]) for node in layout.arrange(graph)["nodes"]}
    assert len(set(placed.values())) == 5
    assert placed["n2"][1] == placed["n5"][1] and placed["n2"][0] != placed["n5"][0]
    assert placed["n1"][1] < placed["n2"][1] < placed["n3"][1] < placed["n4"][1]


def _places(graph):
    return {node["id"]: tuple(node["position"]) for node in layout.arrange(graph)["nodes"]}


def test_a_connection_that_skips_layers_has_a_lane_beside_them():
    graph = edit.connect(chain(row(4), dense(4), "ReLU", "Add", dense(3)), "n1", "n4")
    places = _places(graph)
    assert places["n1"][0] == places["n4"][0] == places["n5"][0]
    assert abs(places["n2"][0] - places["n1"][0]) > 113 and abs(places["n3"][0] - places["n1"][0]) > 113


def test_branches_that_were_drawn_crosswise_are_laid_out_without_crossings():
    graph = chain(row(4), dense(4), "Concatenate")
    for _ in range(3):
        graph, branch = edit.add_node(graph, "Dense", after="n1", before="n3")
    firsts = [edge["target"] for edge in graph["edges"] if edge["source"] == "n1"]
    for node_id in reversed(firsts):
        graph, _ = edit.add_node(graph, "ReLU", after=node_id)
    places = _places(graph)
    seconds = [next(edge["target"] for edge in graph["edges"] if edge["source"] == node_id) for node_id in firsts]
    order = sorted(zip(firsts, seconds), key=lambda pair: places[pair[0]])
    assert [places[second][0] for _, second in order] == sorted(places[second][0] for _, second in order)


def test_laying_out_again_moves_nothing():
    once = layout.arrange(edit.connect(chain(row(4), dense(4), "ReLU", "Add"), "n1", "n4"))
    assert layout.arrange(once) == once


def test_eight_hundred_layers_with_long_connections_are_laid_out_soon():
    graph = chain(row(4), *[dense(4), "ReLU", dense(4), "Add"] * 200)
    lines = [{"source": f"n{step}", "target": f"n{step + 4}", "port": "inputs", "order": 1} for step in range(1, 798, 4)]
    lines += [{"source": "n1", "target": f"n{step}", "port": "inputs", "order": 2} for step in range(9, 800, 4)]
    start = time.thread_time()
    layout.arrange({**graph, "edges": [*graph["edges"], *lines]})
    assert time.thread_time() - start < 5


def test_a_design_with_a_circle_is_laid_out_too():
    graph = chain(row(4), "Add", dense(4))
    graph["edges"].append({"source": "n3", "target": "n2", "port": "inputs", "order": 1})
    assert len({tuple(node["position"]) for node in layout.arrange(graph)["nodes"]}) == 3
