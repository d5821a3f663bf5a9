"""Code out: the script runs as it is and builds the same model, whatever a person drew or typed; so does the JSON."""

import subprocess
import sys
import time
import tokenize

import keras
import numpy as np
import pytest

from mhub_core.errors import Invalid
from mhub_core.graphs import design, edit, export
from mhub_core.graphs.engine.build import build
from tests.graphs.drawing import chain, dense, picture, row

pytestmark = pytest.mark.slow

LIMIT = 50_000_000


def _run(graph, name=""):
    """Run the script as a fresh process would and return its model."""
    keras.utils.clear_session()
    return _run_on(graph, name)


def _run_on(graph, name=""):
    namespace: dict[str, object] = {}
    exec(export.to_python(graph, name).replace("model.summary()\n", ""), namespace)
    return namespace["model"]


def _answers(model):
    inputs = [np.random.default_rng(7).random((3, *tensor.shape[1:])) for tensor in model.inputs]
    answers = model(inputs if len(inputs) > 1 else inputs[0])
    return [keras.ops.convert_to_numpy(answer) for answer in keras.tree.flatten(answers)]


def _assert_same(graph):
    """The engine, the script and the JSON make models that answer alike with the same weights."""
    made = [build(graph, LIMIT), _run(graph), keras.models.model_from_json(export.to_keras_json(graph))]
    names = [sorted(layer.name for layer in _flat(model)) for model in made]
    assert names[0] == names[1] == names[2]
    for model in made[1:]:
        model.set_weights(made[0].get_weights())
    wanted, *others = [_answers(model) for model in made]
    for answers in others:
        assert len(answers) == len(wanted) and all(map(np.allclose, answers, wanted))


def _flat(model):
    layers = model.layers if not isinstance(model, keras.Sequential) else model._functional.layers
    return [inner for layer in layers for inner in ([layer, *_flat(layer)] if isinstance(layer, keras.Model) else [layer])]


def _two_inputs():
    """A design whose two inputs go through one shared layer and are then compared."""
    graph = edit.rename(chain(row(4), dense(8, activation="relu"), "Concatenate", dense(3)), "n2", "encoder")
    graph, other = edit.add_node(graph, "InputLayer", config={"shape": [4]})
    graph, second = edit.share(graph, "n2")
    return edit.connect(edit.connect(graph, other, second), second, "n3")


def _with_states():
    """A decoder that starts from the states in which an encoder ended."""
    graph = chain(picture(5, 2), ("LSTM", {"units": 4, "return_state": True}))
    graph, other = edit.add_node(graph, "InputLayer", config={"shape": [6, 2]})
    graph, decoder = edit.add_node(graph, "LSTM", config={"units": 4}, after=other)
    for output in (1, 2):
        graph = edit.connect(graph, "n2", decoder, "initial_state", output)
    return graph


def _self_attention():
    graph = chain(picture(6, 8), ("MultiHeadAttention", {"num_heads": 2, "key_dim": 4}), "Flatten", dense(2))
    graph = edit.connect(graph, "n1", "n2", "value")
    return edit.mark_output(edit.set_call(graph, "n2", {"use_causal_mask": True, "return_attention_scores": True}), "n2", True, 1)


def _sub_models():
    """A design with two blocks drawn alike and a sub-model with two inputs and two outputs."""
    block = chain(row(4), dense(4, activation="relu"), "BatchNormalization")
    graph, first = edit.insert_design(chain(row(4)), block, "block", after="n1")
    graph, second = edit.insert_design(graph, block, "block_2", after=first)
    graph, last = edit.insert_design(graph, _two_inputs(), "pair")
    pair = design_inputs(graph, last)
    graph = edit.connect(edit.connect(graph, second, last, pair[0]), first, last, pair[1])
    return edit.add_node(graph, "Dense", config={"units": 2}, after=last)[0]


def design_inputs(graph, node_id):
    inner = edit.inside(graph, [node_id])
    return [node["id"] for node in inner["nodes"] if node["class"] == "InputLayer"]


ANY = {"two inputs": _two_inputs, "states": _with_states, "attention": _self_attention, "sub-models": _sub_models}


@pytest.mark.parametrize("draw", ANY.values(), ids=ANY)
def test_any_graph_goes_out_as_python_and_as_json(draw):
    _assert_same(draw())


def test_a_shared_layer_is_one_variable_called_twice():
    text = export.to_python(_two_inputs())
    assert text.count("layers.Dense(8") == 1 and 'encoder = layers.Dense(8, activation="relu", name="encoder")' in text
    assert text.count("= encoder(") == 2


def test_sub_models_that_are_drawn_alike_are_one_function():
    text = export.to_python(_sub_models())
    assert text.count("def make_block(name):") == 1 and 'make_block("block")' in text and 'make_block("block_2")' in text


def test_states_are_unpacked_and_handed_on_by_name():
    text = export.to_python(_with_states())
    assert "_, lstm_state_1, lstm_state_2 = layers.LSTM(4, return_state=True)(" in text
    assert "initial_state=[lstm_state_1, lstm_state_2]" in text


def test_exported_python_runs_in_a_fresh_interpreter_and_makes_the_same_weights_after_seeding():
    graph = chain(picture(8, 8, 1), ("Conv2D", {"filters": 4, "kernel_size": 3}), "Flatten", ("Dropout", {"rate": 0.2}), dense(3))
    script = "import keras\nkeras.utils.set_random_seed(3)\n" + export.to_python(graph, 'a\n"""\nimport os')
    script += "print('SUM', float(abs(model.layers[-1].get_weights()[0]).sum()))\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    keras.utils.set_random_seed(3)
    assert f"SUM {float(abs(_run(graph).get_weights()[2]).sum())}" in done.stdout


@pytest.mark.parametrize(
    "name",
    ["coding: unicode_escape", "-*- coding: utf-7 -*-", "vim: set fileencoding=utf-7 :", "#!coding=utf-7", "a\x0ccoding: utf-7"],
)
def test_the_name_of_a_model_is_never_the_encoding_of_its_script(name, tmp_path):
    """Under another encoding a word of a vocabulary ends its string early, and goes on as code."""
    words = [
        r"\x22]), print('RAN'), keras.Sequential([keras.Input((1,))]), (r\x22",
        "+ACI-]), print('RAN'), keras.layers.ReLU(, (+ACI-",
    ]
    graph = chain(("InputLayer", {"shape": [1], "dtype": "string"}), ("StringLookup", {"vocabulary": words}))
    (tmp_path / "model.py").write_bytes(export.to_python(graph, name).encode())
    with tokenize.open(tmp_path / "model.py") as file:
        assert file.encoding == "utf-8"
    done = subprocess.run([sys.executable, "model.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "RAN" not in done.stdout.replace("print('RAN')", "")


def test_python_is_sequential_for_a_chain_and_leaves_defaults_out():
    graph = chain(row(4), dense(8, activation="relu"), ("Dropout", {"rate": 0.5}), dense(3))
    assert export.to_python(graph) == (
        "# Made with M-Hub, for Keras 3.\n# Needs: pip install keras tensorflow\n\n"
        "import keras\nfrom keras import layers\n\nmodel = keras.Sequential(\n"
        '    [\n        keras.Input(shape=(4,), name="input"),\n'
        '        layers.Dense(8, activation="relu"),\n        layers.Dropout(0.5),\n'
        "        layers.Dense(3),\n    ]\n)\n"
        "model.summary()\n"
    )


def test_text_from_people_stays_text_in_the_python():
    vocabulary = ['"]); import os; os.remove("x")', "it's", "\\", "\n"]
    graph = chain(("InputLayer", {"shape": [1], "dtype": "string"}), ("StringLookup", {"vocabulary": vocabulary}))
    model = _run(graph, '"""\nimport os; os.abort()\n#\r\x0cimport sys')
    assert set(vocabulary) <= set(model.layers[-1].get_vocabulary())


def test_a_layer_may_have_the_name_of_something_in_python():
    words = ["lambda", "x", "keras", "layers", "print", "model", "a-b.c", "inputs", "None", "match"]
    graph = chain(row(4), *[dense(4)] * len(words), "Add", dense(2))
    for place, word in enumerate(words):
        graph = edit.rename(graph, f"n{place + 2}", word)
        graph = edit.connect(graph, f"n{place + 2}", f"n{len(words) + 2}") if place < len(words) - 1 else graph
    _assert_same(edit.rename(graph, f"n{len(words) + 2}", "outputs"))


def test_a_script_can_run_twice_in_one_process():
    # The second time Keras counts on: its dense_1 must not meet a layer that was called so by hand.
    graph = edit.rename(chain(row(4), dense(4), dense(4), dense(2)), "n2", "dense_4")
    names = [[layer.name for layer in _run_on(graph).layers] for _ in range(3)]
    assert names[0] == names[1] == names[2] == ["dense_4", "dense_1", "dense_2"]


def test_the_python_holds_nested_settings_and_chosen_names():
    regularizer = {"class": "L2", "config": {"l2": 0.003}}
    inner = {"class": "LSTM", "config": {"units": 4, "kernel_regularizer": regularizer}}
    text = export.to_python(edit.rename(chain(picture(5, 2), ("Bidirectional", {"layer": inner}), dense(2)), "n3", "answer"))
    assert "layers.Bidirectional(\n            layers.LSTM(4, kernel_regularizer=keras.regularizers.L2(l2=0.003))" in text
    assert 'layers.Dense(2, name="answer")' in text


@pytest.mark.parametrize("class_name", ["LSTM", "Bidirectional"])
def test_a_layer_that_returns_its_states_too_gives_its_output_in_python_as_in_the_diagram(class_name):
    config = {"units": 4, "return_state": True}
    config = config if class_name == "LSTM" else {"layer": {"class": "LSTM", "config": config}}
    _assert_same(chain(picture(5, 2), (class_name, config), dense(2)))


def test_no_line_of_a_script_is_wider_than_a_formatter_would_leave_it():
    block = [
        (
            "Conv2D",
            {
                "filters": 64,
                "kernel_size": 3,
                "padding": "same",
                "kernel_initializer": {"class": "HeNormal", "config": {"seed": 5}},
            },
        )
    ]
    graph = edit.connect(chain(picture(8, 8, 64), *block * 3, "Add", *block), "n2", "n5")
    assert max(map(len, export.to_python(graph).splitlines())) <= 88


def test_a_thousand_layers_with_four_thousand_connections_go_out_in_less_than_a_second():
    nodes = [{"id": "n1", "class": "InputLayer", "name": "input", "config": {"shape": [4]}, "position": [0, 0]}]
    nodes += [
        {**nodes[0], "id": f"n{number}", "class": "Add", "name": f"add_{number}", "config": {}} for number in range(2, 1001)
    ]
    lines = [(max(1, number - step), number) for number in range(2, 1001) for step in range(1, 5)]
    edges = [
        {"source": f"n{source}", "target": f"n{target}", "port": "inputs", "order": order}
        for order, (source, target) in enumerate(lines)
    ]
    start = time.thread_time()
    for write in (export.to_python, export.to_keras_json):
        write({**design.empty(), "nodes": nodes, "edges": edges})
    assert time.thread_time() - start < 5


def test_a_broken_design_has_no_code():
    for write in (export.to_python, export.to_keras_json):
        with pytest.raises(Invalid):
            write(design.empty())
