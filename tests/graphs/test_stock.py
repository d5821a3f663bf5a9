"""Every stock model builds, fits any data set, trains, and reads well as Python."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from mhub_core.errors import Invalid, NotFound
from mhub_core.graphs import adapt, design, edit, export, shapes, stock
from mhub_core.graphs.engine.build import build
from mhub_core.graphs.engine.facts import facts
from tests.graphs.drawing import chain, dense, picture, row

LIMIT = 50_000_000
STOCK = pytest.mark.parametrize("item", stock.list_stock(), ids=lambda item: item.name)
DATA = [
    ((28, 28, 1), "images", "classification", 10),
    ((3, 3, 3), "images", "classification", 2),
    ((64, 48, 3), "images", "regression", 1),
    ((13,), "table", "classification", 3),
    ((1,), "table", "classification", 2),
    ((10,), "table", "regression", 1),
]


@STOCK
def test_a_stock_model_is_a_valid_design_with_a_paragraph_for_newcomers(item):
    graph = item.graph()
    assert design.check(graph) == [] and len(item.help) > 80
    assert len({tuple(node["position"]) for node in graph["nodes"]}) == len(graph["nodes"])


@STOCK
def test_shapes_followed_without_keras_are_those_of_keras(item):
    graph = item.graph()
    found, known = facts(graph, LIMIT)["nodes"], shapes.follow(graph)
    for node_id, shape in known.items():
        exact = found[node_id]["output_shape"][1:]
        assert len(shape) == len(exact) and all(guess in (None, size) for guess, size in zip(shape, exact))


@pytest.mark.parametrize("shape, kind, task, num_outputs", DATA)
@STOCK
def test_a_stock_model_fits_any_data_and_says_what_it_changed(item, shape, kind, task, num_outputs):
    graph, said = adapt.adapt(item.graph(), shape, kind, task, num_outputs)
    model = build(graph, LIMIT)
    assert model.input_shape == (None, *shape) and model.output_shape == (None, num_outputs)
    assert said or graph == item.graph()
    assert adapt.adapt(graph, shape, kind, task, num_outputs) == (graph, [])


@pytest.mark.parametrize("shape, kind, task, num_outputs", [DATA[0], DATA[3], DATA[5]])
@STOCK
def test_a_fitted_stock_model_trains(item, shape, kind, task, num_outputs):
    graph, _ = adapt.adapt(item.graph(), shape, kind, task, num_outputs)
    model = build(graph, LIMIT)
    model.compile("adam", "mse" if task == "regression" else "sparse_categorical_crossentropy", run_eagerly=True)
    x = np.random.default_rng(0).normal(size=(8, *shape)).astype("float32")
    y = np.arange(8) % num_outputs
    assert np.isfinite(model.train_on_batch(x, y))


@STOCK
def test_the_python_of_a_stock_model_runs_and_builds_the_same(item):
    graph = item.graph()
    namespace: dict[str, object] = {}
    exec(compile(export.to_python(graph), item.name, "exec"), namespace)
    made, drawn = namespace["model"], build(graph, LIMIT)
    assert [weight.shape for weight in made.weights] == [weight.shape for weight in drawn.weights]


def test_exported_python_runs_in_a_fresh_interpreter():
    graph = stock.require_stock("residual_small").graph()
    script = export.to_python(graph) + "print('COUNT', model.count_params())\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert f"COUNT {build(graph, LIMIT).count_params()}" in done.stdout


def test_python_is_sequential_for_a_chain_and_leaves_defaults_out():
    graph = chain(row(4), dense(8, activation="relu"), ("Dropout", {"rate": 0.5}), dense(3))
    assert export.to_python(graph) == (
        "import keras\nfrom keras import layers\n\nmodel = keras.Sequential(\n    [\n        keras.Input(shape=(4,)),\n"
        '        layers.Dense(8, activation="relu"),\n        layers.Dropout(0.5),\n'
        "        layers.Dense(3),\n    ]\n)\n"
        "model.summary()\n"
    )


def test_text_from_people_stays_text_in_the_python():
    vocabulary = ['"]); import os; os.remove("x")', "it's", "\\", "\n"]
    graph = chain(("InputLayer", {"shape": [1], "dtype": "string"}), ("StringLookup", {"vocabulary": vocabulary}))
    namespace: dict[str, object] = {}
    exec(export.to_python(graph), namespace)
    assert set(vocabulary) <= set(namespace["model"].layers[-1].get_vocabulary())


def test_the_python_holds_nested_settings_and_chosen_names():
    regularizer = {"class": "L2", "config": {"l2": 0.003}}
    inner = {"class": "LSTM", "config": {"units": 4, "kernel_regularizer": regularizer}}
    graph = edit.rename(chain(picture(5, 2), ("Bidirectional", {"layer": inner}), dense(2)), "n3", "answer")
    text = export.to_python(graph)
    assert "layers.Bidirectional(layer=layers.LSTM(4, kernel_regularizer=keras.regularizers.L2(l2=0.003)))" in text
    assert 'layers.Dense(2, name="answer")' in text


@pytest.mark.parametrize("class_name", ["LSTM", "Bidirectional"])
def test_a_layer_that_returns_its_states_too_gives_its_output_in_python_as_in_the_diagram(class_name):
    config = {"units": 4, "return_state": True}
    config = config if class_name == "LSTM" else {"layer": {"class": "LSTM", "config": config}}
    graph = chain(picture(5, 2), (class_name, config), dense(2))
    namespace: dict[str, object] = {}
    exec(export.to_python(graph), namespace)
    assert namespace["model"].count_params() == build(graph, LIMIT).count_params()


def test_a_design_that_ends_without_an_answer_gets_one():
    graph = chain(picture(8, 8, 1), ("Conv2D", {"filters": 4, "kernel_size": 3}))
    graph, said = adapt.adapt(graph, (8, 8, 1), "images", "classification", 5)
    assert build(graph, LIMIT).output_shape == (None, 5)
    assert any("Dense layer was added" in sentence for sentence in said)


def test_an_activation_in_its_own_layer_is_kept_there():
    graph = chain(row(4), dense(9), "Softmax")
    fitted, _ = adapt.adapt(graph, (4,), "table", "regression", 1)
    model = build(fitted, LIMIT)
    assert model.output_shape == (None, 1) and model.layers[-1].activation is keras.activations.linear


def test_a_dense_answer_per_pixel_becomes_one_per_picture():
    graph = chain(picture(8, 8, 1), dense(4), dense(10))
    fitted, said = adapt.adapt(graph, (8, 8, 1), "images", "classification", 10)
    assert build(fitted, LIMIT).output_shape == (None, 10) and any("Flatten" in sentence for sentence in said)


def test_pictures_are_rescaled_once_and_tables_never():
    pictures, _ = adapt.adapt(chain(row(4), dense(3)), (8, 8, 1), "images", "classification", 3)
    again, _ = adapt.adapt(stock.require_stock("small_cnn").graph(), (28, 28, 1), "images", "classification", 3)
    table, said = adapt.adapt(stock.require_stock("small_cnn").graph(), (9,), "table", "classification", 3)
    counts = [sum(node["class"] == "Rescaling" for node in graph["nodes"]) for graph in (pictures, again, table)]
    assert counts == [1, 1, 0] and any("left out" in sentence for sentence in said)


def test_a_sequence_model_takes_tables_and_pictures():
    graph = chain(picture(20, 4), ("LSTM", {"units": 8}), dense(2))
    for shape, kind in (((7,), "table"), ((12, 10, 3), "images")):
        fitted, _ = adapt.adapt(graph, shape, kind, "classification", 2)
        assert build(fitted, LIMIT).output_shape == (None, 2)


def test_a_design_with_two_inputs_is_refused_with_a_reason():
    graph = chain(row(4), dense(8), "Concatenate", dense(3))
    graph, other = edit.add_node(graph, "InputLayer", config={"shape": [2]})
    with pytest.raises(Invalid, match="2 inputs"):
        adapt.adapt(edit.connect(graph, other, "n3"), (4,), "table", "classification", 3)


def test_fitting_leaves_the_drawn_design_as_it_was():
    item = stock.require_stock("lenet5")
    graph = item.graph()
    adapt.adapt(graph, (9,), "table", "regression", 1)
    assert graph == item.graph()


def test_an_unknown_stock_model_is_not_found():
    with pytest.raises(NotFound):
        stock.require_stock("../etc")
