"""Editing beyond a chain: ordered inputs, answers, shared layers, selections, the clipboard, sub-models."""

import copy

import pytest

from mhub_core.errors import Invalid, NotFound
from mhub_core.graphs import design, edit, walk
from tests.graphs.drawing import chain, classes, dense, picture, row

LSTM = ("LSTM", {"units": 4, "return_state": True})


def _branched():
    """n1 feeds n2 and n3, which n4 adds up; n5 answers."""
    graph = chain(row(4), dense(4))
    graph, side = edit.add_node(graph, "Dense", config={"units": 4})
    graph, merge = edit.add_node(edit.connect(graph, "n1", side), "Add", after="n2")
    graph = edit.connect(graph, side, merge)
    return edit.add_node(graph, "Dense", config={"units": 2}, after=merge)[0]


def _lines(graph):
    names = {node["id"]: node["name"] for node in graph["nodes"]}
    return {(names[edge["source"]], names[edge["target"]]) for edge in graph["edges"]}


def test_one_layer_feeds_all_ports_of_another_by_lines_of_their_own():
    graph = chain(picture(6, 8), "MultiHeadAttention")
    for port in ("value", "key"):
        graph = edit.connect(graph, "n1", "n2", port)
    assert [edge["port"] for edge in graph["edges"]] == ["query", "value", "key"] and design.check(graph) == []
    assert [edge["port"] for edge in edit.disconnect(graph, "n1", "n2", "value")["edges"]] == ["query", "key"]


def test_ordered_inputs_can_be_moved():
    graph = edit.move_input(_branched(), "n3", "n4", "inputs", up=True)
    assert [edge["source"] for edge in walk.incoming(graph)["n4"]] == ["n3", "n2"]
    assert edit.move_input(graph, "n3", "n4", "inputs", up=True) == graph
    with pytest.raises(NotFound):
        edit.move_input(graph, "n1", "n4", "inputs")


def test_a_layer_that_goes_behind_a_recurrent_one_leaves_its_states_where_they_were():
    graph = edit.connect(chain(picture(5, 3), LSTM, "Dropout", "Add"), "n2", "n4", output=1)
    graph, new = edit.add_node(graph, "ReLU", after="n2")
    found = {(edge["source"], edge["target"], walk.output_of(edge)) for edge in graph["edges"]}
    assert found == {("n1", "n2", 0), ("n2", new, 0), (new, "n3", 0), ("n3", "n4", 0), ("n2", "n4", 1)}


def test_an_output_that_is_not_given_cannot_be_connected():
    with pytest.raises(Invalid, match="gives 1 output"):
        edit.connect(chain(row(4), dense(3), dense(2)), "n2", "n3", output=1)


def test_a_layer_before_a_merge_stands_in_its_first_connection_only():
    graph, new = edit.add_node(_branched(), "Dropout", before="n4")
    assert design.check(graph) == []
    assert [edge["source"] for edge in walk.incoming(graph)["n4"]] == [new, "n3"]


def test_an_inner_layer_can_be_an_answer_too_and_stays_one():
    graph = edit.mark_output(chain(row(4), dense(3), dense(2)), "n2", True)
    assert walk.ends(graph) == [("n3", 0), ("n2", 0)]
    graph, new = edit.add_node(graph, "Softmax", after="n3")
    assert walk.ends(graph) == [(new, 0), ("n2", 0)] and design.check(graph) == []
    assert "outputs" not in edit.mark_output(graph, "n2", False)


def test_an_answer_that_goes_on_by_a_connection_hands_its_place_on():
    graph, loose = edit.add_node(edit.mark_output(chain(row(4), dense(3), dense(2)), "n2", True), "Dense")
    assert walk.ends(edit.connect(graph, "n3", loose)) == [(loose, 0), ("n2", 0)]


def test_removing_an_answer_leaves_it_to_what_fed_it():
    graph = edit.mark_output(chain(row(4), dense(3), dense(2), "Softmax"), "n2", True)
    assert walk.ends(edit.remove(graph, "n4")) == [("n3", 0), ("n2", 0)]


def test_a_layer_that_feeds_no_other_is_always_an_answer():
    with pytest.raises(Invalid, match="is an output"):
        edit.mark_output(chain(row(4), dense(3)), "n2", False)


def test_a_shared_layer_has_one_form_and_its_weights_survive_their_owner():
    graph, again = edit.share(chain(row(4), dense(4)), "n2")
    graph = edit.set_config(edit.connect(graph, "n2", again), again, {"units": 4, "activation": "relu"})
    assert edit.require_node(graph, "n2")["config"]["activation"] == "relu"
    graph = edit.remove(graph, "n2")
    heir = edit.require_node(graph, again)
    assert "shares" not in heir and heir["config"]["units"] == 4 and design.check(graph) == []


def test_a_call_gets_weights_of_its_own_again():
    graph, again = edit.share(chain(row(4), dense(4)), "n2")
    node = edit.require_node(edit.unshare(graph, again), again)
    assert node["config"] == {"units": 4} and "shares" not in node


def test_an_input_cannot_be_shared():
    with pytest.raises(Invalid):
        edit.share(chain(row(4)), "n1")


def test_a_layer_is_told_things_at_its_call_only_when_it_understands_them():
    graph = edit.set_call(chain(row(4), "Dropout"), "n2", {"training": False, "use_causal_mask": None})
    assert edit.require_node(graph, "n2")["call"] == {"training": False}
    assert "call" not in edit.require_node(edit.set_call(graph, "n2", {}), "n2")
    with pytest.raises(Invalid):
        edit.set_call(graph, "n2", {"use_causal_mask": True})


def test_several_layers_are_removed_and_the_rest_stays_connected():
    graph = edit.remove_many(chain(row(4), dense(8), "Dropout", "ReLU", dense(2)), ["n3", "n2", "n4", "n99"])
    assert classes(graph, walk.as_chain(graph)) == ["InputLayer", "Dense"]


def test_what_is_copied_is_pasted_into_another_model_with_names_of_its_own():
    piece = edit.cut_out(_branched(), ["n2", "n3", "n4"])
    graph, ids = edit.paste(chain(row(9), dense(1)), piece, [500, 0])
    names = [edit.require_node(graph, node_id)["name"] for node_id in ids]
    assert names == ["dense_1", "dense_2", "add"]
    assert {("dense_1", "add"), ("dense_2", "add")} < _lines(graph)
    assert edit.require_node(graph, ids[0])["position"][0] == 500


def test_copies_share_with_copies_and_never_with_the_original():
    graph, again = edit.share(chain(row(4), dense(4)), "n2")
    graph = edit.connect(graph, "n2", again)
    both, ids = edit.duplicate_many(graph, ["n2", again])
    assert edit.require_node(both, ids[1])["shares"] == ids[0]
    alone, ids = edit.duplicate_many(graph, [again])
    assert edit.require_node(alone, ids[0])["config"] == {"units": 4}


@pytest.mark.parametrize("piece", [None, {"nodes": []}, {**design.empty(), "nodes": [{"id": "<b>"}]}])
def test_a_hostile_piece_is_not_pasted(piece):
    with pytest.raises(Invalid):
        edit.paste(chain(row(4)), piece)


def test_a_selection_becomes_one_layer_and_layers_again():
    graph = _branched()
    wrapped, model = edit.wrap(graph, ["n2", "n3", "n4"], "my block")
    assert _lines(wrapped) == {("input", "my_block"), ("my_block", "dense_2")} and design.check(wrapped) == []
    inner = edit.inside(wrapped, [model])
    assert _lines(inner) == {("from_input", "dense"), ("from_input", "dense_1"), ("dense", "add"), ("dense_1", "add")}
    back, ids = edit.unwrap(wrapped, model)
    assert _lines(back) == _lines(graph) and len(ids) == 3 and design.check(back) == []


def test_most_of_a_large_design_becomes_one_layer():
    graph = _long(600)
    wrapped, _ = edit.wrap(graph, [f"n{number}" for number in range(2, 550)], "block")
    assert len(wrapped["nodes"]) == 53 and design.check(wrapped) == []


def _long(count):
    nodes = [{**node, "position": [0, 0]} for node in chain(row(4), dense(4))["nodes"]]
    nodes += [{**nodes[1], "id": f"n{number}", "name": f"dense_{number}"} for number in range(3, count + 1)]
    lines = [
        edge | {"source": f"n{number}", "target": f"n{number + 1}"}
        for edge in chain(row(4), dense(4))["edges"]
        for number in range(1, count)
    ]
    return {**design.empty(), "nodes": nodes, "edges": lines}


def test_a_sub_model_that_feeds_itself_becomes_its_layers_again():
    graph, model = edit.insert_design(chain(row(4)), chain(row(4), dense(4)), "block", after="n1")
    graph["edges"] = [{"source": model, "target": model, "port": "n1", "order": 0}]
    back, ids = edit.unwrap(graph, model)
    assert design.form_problems(back) == [] and len(ids) == 1


def test_answers_inside_a_selection_stay_answers_in_their_order():
    graph = edit.mark_output(_branched(), "n3", True)
    wrapped, model = edit.wrap(graph, ["n2", "n3", "n4", "n5"], "block")
    assert walk.ends(wrapped) == [(model, 0), (model, 1)]
    back, _ = edit.unwrap(wrapped, model)
    names = walk.nodes_by_id(back)
    assert [names[node_id]["name"] for node_id, _ in walk.ends(back)] == ["dense_2", "dense_1"]


@pytest.mark.parametrize("chosen, told", [(["n1", "n2"], "input of the model"), (["n2", "n5"], "between"), ([], "one")])
def test_a_selection_that_cannot_be_one_layer_is_refused_with_the_reason(chosen, told):
    with pytest.raises(Invalid) as caught:
        edit.wrap(_branched(), chosen, "block")
    assert told in caught.value.expected


def test_a_selection_behind_a_layer_needs_to_know_what_that_gives():
    graph = chain(row(4), dense(8), dense(3))
    with pytest.raises(Invalid, match="does not know yet"):
        edit.wrap(graph, ["n3"], "block")
    wrapped, model = edit.wrap(graph, ["n3"], "block", {"nodes": {"n2": {"output_shape": [None, 8]}}})
    assert edit.inside(wrapped, [model])["nodes"][1]["config"] == {"shape": [8]}


def _two_deep():
    graph, _ = edit.insert_design(chain(row(4)), chain(row(4), dense(3)), "inner", after="n1")
    return edit.insert_design(chain(row(4)), graph, "outer model!", after="n1")[0]


def test_a_design_is_changed_inside_nested_sub_models():
    graph, path = _two_deep(), ["n2", "n2"]
    inner, _ = edit.add_node(edit.inside(graph, path), "Softmax", after="n2")
    changed = edit.with_inside(graph, path, inner)
    assert len(edit.inside(changed, path)["nodes"]) == 3 and design.check(changed) == []
    assert len(edit.inside(graph, path)["nodes"]) == 2


def test_a_sub_model_that_loses_its_input_loses_that_connection_and_keeps_its_answer():
    graph, _ = edit.add_node(_two_deep(), "Dense", after="n2")
    changed = edit.with_inside(graph, ["n2"], edit.remove(edit.inside(graph, ["n2"]), "n1"))
    assert _lines(changed) == {("outer_model", "dense")}


def test_an_answer_that_is_gone_leaves_the_other_answers_where_they_lead():
    inner, other = edit.add_node(chain(row(4), dense(7)), "Dense", config={"units": 8})
    graph, model = edit.insert_design(chain(row(4)), edit.connect(inner, "n1", other), "pair", after="n1")
    for output in (0, 1):
        graph, reader = edit.add_node(graph, "Dense")
        graph = edit.connect(graph, model, reader, output=output)
    changed = edit.with_inside(graph, [model], edit.remove(edit.inside(graph, [model]), "n2"))
    fed = [(edge["target"], walk.output_of(edge)) for edge in changed["edges"] if edge["source"] == model]
    assert fed == [(reader, 0)]


def test_opening_what_is_no_sub_model_is_told():
    with pytest.raises(NotFound):
        edit.inside(chain(row(4), dense(3)), ["n2"])


def test_no_verb_changes_the_design_it_was_given():
    graph, again = edit.share(_branched(), "n2")
    before = copy.deepcopy(graph)
    edit.connect(graph, "n1", again), edit.unshare(graph, again), edit.remove(graph, "n2"), edit.mark_output(graph, "n3", True)
    (
        edit.move_input(graph, "n3", "n4", "inputs"),
        edit.duplicate_many(graph, ["n2", again]),
        edit.set_call(graph, "n2", {"training": True}),
    )
    wrapped, model = edit.wrap(graph, ["n3", "n4", "n5"], "block", {"nodes": {"n2": {"output_shape": [None, 4]}}})
    kept = copy.deepcopy(wrapped)
    edit.unwrap(wrapped, model), edit.with_inside(wrapped, [model], chain(row(2), dense(2)))
    assert graph == before and wrapped == kept
