"""A design fits any data set it can learn from, says what changed, and is refused in words where it cannot."""

import keras
import pytest

from mhub_core.errors import Invalid
from mhub_core.graphs import edit, stock, walk
from mhub_core.graphs.engine.build import build
from mhub_core.graphs.engine.facts import facts
from mhub_core.training.fits import trains_here
from tests.graphs.drawing import adapted, chain, dense, picture, row

LIMIT = 50_000_000
DATA = [
    ((28, 28, 1), "images", "classification", 10),
    ((3, 3, 3), "images", "classification", 2),
    ((64, 48, 3), "images", "regression", 1),
    ((13,), "table", "classification", 3),
    ((1,), "table", "classification", 2),
    ((10,), "table", "regression", 1),
    ((100, 3), "series", "classification", 4),
    ((2, 1), "series", "regression", 1),
]


def one_answer(item):
    """Tell whether a stock model can be trained on tables and images to answer each example once."""
    return trains_here(item) and item.kind != "text" and item.task in ("classification", "regression")


def _output_shape(graph):
    """What a design answers with, or the first error. Nothing is allocated."""
    found = facts(graph, LIMIT)["nodes"]
    errors = [fact["error"]["message"] for fact in found.values() if "error" in fact]
    return errors or found[walk.ends(graph)[0][0]]["output_shape"]


@pytest.mark.slow
@pytest.mark.parametrize("shape, kind, task, num_outputs", DATA)
@pytest.mark.parametrize("item", [item for item in stock.list_stock() if one_answer(item)], ids=lambda item: item.name)
def test_a_stock_model_fits_any_data_and_says_what_it_changed(item, shape, kind, task, num_outputs):
    graph, said = adapted(item.graph(), shape, kind, task, num_outputs)
    assert _output_shape(graph) == [None, num_outputs]
    assert [edit.require_node(graph, node_id)["config"]["shape"] for node_id in walk.inputs(graph)] == [list(shape)]
    assert said or graph == item.graph()
    assert adapted(graph, shape, kind, task, num_outputs) == (graph, [])


@pytest.mark.parametrize("item", [item for item in stock.list_stock() if not one_answer(item)], ids=lambda item: item.name)
def test_a_stock_model_that_cannot_learn_from_tables_or_classes_is_refused_with_a_way_out(item):
    for data in DATA:
        with pytest.raises(Invalid, match="reads texts|outputs an image") as caught:
            adapted(item.graph(), *data)
        assert "notebook" in caught.value.mend


def _nested(graph):
    """The design as one sub-model behind an input of each of its own."""
    inner = {"id": "n99", "class": "Model", "name": "inner", "config": {"graph": graph}, "position": [0.0, 900.0]}
    outer = {"format": 1, "nodes": [inner], "edges": []}
    for node_id in walk.inputs(graph):
        config = edit.require_node(graph, node_id)["config"]
        outer, entry = edit.add_node(outer, "InputLayer", config=config)
        outer = edit.connect(outer, entry, "n99", node_id)
    return outer


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dense_classifier", "wide_and_deep", "lenet5", "vision_transformer", "lstm_classifier"])
def test_a_model_inside_of_a_model_fits_any_data(name):
    for shape, kind, task, num_outputs in DATA:
        graph, said = adapted(_nested(_nested(stock.require_stock(name).graph())), shape, kind, task, num_outputs)
        assert _output_shape(graph) == [None, num_outputs]
        assert adapted(graph, shape, kind, task, num_outputs) == (graph, [])


def test_two_inputs_take_the_same_columns_of_a_table():
    graph = chain(row(4), dense(8), "Concatenate", dense(3))
    graph, other = edit.add_node(graph, "InputLayer", config={"shape": [2]})
    fitted, said = adapted(edit.connect(graph, other, "n3"), (7,), "table", "classification", 3)
    model = build(fitted, LIMIT)
    assert (model.input_shape, model.output_shape) == ((None, 7), (None, 3))
    assert any("2 inputs" in sentence and "the same columns" in sentence for sentence in said)


def test_a_design_with_two_answers_is_refused_with_their_names():
    graph = chain(row(4), dense(8), dense(3))
    graph, other = edit.add_node(graph, "Dense", config={"units": 2})
    with pytest.raises(Invalid, match="2 outputs: dense_1, dense_2") as caught:
        adapted(edit.connect(graph, "n2", other), (4,), "table", "classification", 3)
    assert "one class or one number" in caught.value.expected


def test_a_layer_that_is_called_twice_keeps_its_size_and_the_answer_gets_a_layer_of_its_own():
    graph, again = edit.share(chain(row(4), dense(4)), "n2")
    graph = edit.connect(graph, "n2", again)
    fitted, _ = adapted(graph, (4,), "table", "classification", 3)
    assert build(fitted, LIMIT).output_shape == (None, 3)
    assert [node["class"] for node in fitted["nodes"]].count("Dense") == 3


def test_an_answer_that_is_a_state_of_a_recurrent_layer_goes_on_from_that_state():
    graph = chain(picture(20, 4), ("LSTM", {"units": 8, "return_state": True}))
    graph["outputs"] = [{"node": "n2", "output": 2}]
    fitted, _ = adapted(graph, (20, 4), "images", "classification", 3)
    assert build(fitted, LIMIT).output_shape == (None, 3)
    assert [edge["output"] for edge in fitted["edges"] if edge["source"] == "n2"] == [2]


def test_a_design_that_ends_without_an_answer_gets_one():
    graph = chain(picture(8, 8, 1), ("Conv2D", {"filters": 4, "kernel_size": 3}))
    graph, said = adapted(graph, (8, 8, 1), "images", "classification", 5)
    assert build(graph, LIMIT).output_shape == (None, 5)
    assert any("Dense layer was added" in sentence for sentence in said)


def test_an_activation_in_its_own_layer_is_kept_there():
    graph = chain(row(4), dense(9), "Softmax")
    fitted, _ = adapted(graph, (4,), "table", "regression", 1)
    model = build(fitted, LIMIT)
    assert model.output_shape == (None, 1) and model.layers[-1].activation is keras.activations.linear


def test_a_dense_answer_per_pixel_becomes_one_per_picture():
    graph = chain(picture(8, 8, 1), dense(4), dense(10))
    fitted, said = adapted(graph, (8, 8, 1), "images", "classification", 10)
    assert build(fitted, LIMIT).output_shape == (None, 10) and any("Flatten" in sentence for sentence in said)


def test_pictures_are_rescaled_once_and_tables_never():
    pictures, _ = adapted(chain(row(4), dense(3)), (8, 8, 1), "images", "classification", 3)
    again, _ = adapted(stock.require_stock("small_cnn").graph(), (28, 28, 1), "images", "classification", 3)
    table, said = adapted(stock.require_stock("small_cnn").graph(), (9,), "table", "classification", 3)
    counts = [sum(node["class"] == "Rescaling" for node in graph["nodes"]) for graph in (pictures, again, table)]
    assert counts == [1, 1, 0] and any("was removed" in sentence for sentence in said)


def test_a_sub_model_that_only_rescales_pictures_is_left_out_for_a_table():
    graph = chain(picture(8, 8, 1), ("Rescaling", {"scale": 1 / 255}), "Flatten", dense(3))
    graph, block = edit.wrap(graph, ["n2"], "prepare")
    graph, again = edit.share(graph, block)
    graph = edit.connect(edit.connect(graph, block, again), again, "n3")
    fitted, said = adapted(graph, (9,), "table", "classification", 3)
    assert not {"Model", "Rescaling"} & {node["class"] for node in fitted["nodes"]}
    assert build(fitted, LIMIT).output_shape == (None, 3) and any("prepare was removed" in sentence for sentence in said)


def test_a_sub_model_that_also_rescales_keeps_its_answers_in_order():
    inner = chain(row(8), dense(5))
    inner, scaled = edit.add_node(inner, "Rescaling", config={"scale": 1 / 255})
    inner = edit.connect(inner, "n1", scaled)
    graph, block = edit.insert_design(chain(row(8), "Concatenate", dense(3)), inner, "prepare", after="n1")
    graph["edges"].append({"source": block, "target": "n2", "port": "inputs", "order": 1, "output": 1})
    fitted, _ = adapted(graph, (8,), "table", "classification", 3)
    outputs = facts(fitted, LIMIT)["nodes"][block]["outputs"]
    assert outputs == [[None, 5], [None, 8]] and build(fitted, LIMIT).output_shape == (None, 3)


def test_a_sequence_model_takes_tables_and_pictures():
    graph = chain(picture(20, 4), ("LSTM", {"units": 8}), dense(2))
    for shape, kind in (((7,), "table"), ((12, 10, 3), "images")):
        fitted, _ = adapted(graph, shape, kind, "classification", 2)
        assert build(fitted, LIMIT).output_shape == (None, 2)


def test_fitting_leaves_the_drawn_design_as_it_was():
    item = stock.require_stock("lenet5")
    graph = item.graph()
    adapted(graph, (9,), "table", "regression", 1)
    assert graph == item.graph()


def test_an_image_that_is_weighed_by_one_number_for_each_channel_keeps_its_size():
    graph = chain(picture(32, 32, 3), ("Conv2D", {"filters": 8, "kernel_size": 3}), "Multiply", "Flatten", dense(10))
    convolution, weighed = "n2", "n3"
    weights = (("GlobalAveragePooling2D", {}), dense(8, activation="sigmoid"), ("Reshape", {"target_shape": [1, 1, 8]}))
    graph, last = edit.disconnect(graph, convolution, weighed), convolution
    for class_name, config in weights:
        before, (graph, last) = last, edit.add_node(graph, class_name, config=config)
        graph = edit.connect(graph, before, last)
    graph = edit.connect(edit.connect(graph, last, weighed), convolution, weighed)
    graph, window = edit.add_node(graph, "Conv2D", config={"filters": 8, "kernel_size": 3}, after=weighed)
    fitted, _ = adapted(graph, (32, 32, 3), "images", "classification", 10)
    assert "padding" not in edit.require_node(fitted, window)["config"]


def test_who_changes_an_answer_changes_no_later_one():
    graph = stock.require_stock("lenet5").graph()
    asked = ((20, 20, 1), "images", "classification", 10)
    first, said = adapted(graph, *asked)
    first["nodes"].clear()
    said.append("changed")

    again, told = adapted(graph, *asked)
    assert again["nodes"] and "changed" not in told
