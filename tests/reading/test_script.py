"""A Python script is read without running it: the model is the one that it builds, and every line left out is told."""

from __future__ import annotations

import json
import re
import runpy
import time
from pathlib import Path

import pytest

from mhub_core.graphs import walk
from mhub_core.graphs.engine import build, facts
from mhub_core.reading import read
from mhub_core.reading.records import Reading, Unreadable

SCRIPTS = Path(__file__).with_name("scripts")
NAMES = sorted(path.name for path in SCRIPTS.glob("*.py") if path.name != "vision_transformer.py")
DOUBLED = "a, b = [0], [0]\nfor c in range(60):\n    a, b = (a, a), (b, b)\n"  # Comparing them would take 2**60 steps.
HEAD = "import keras\nfrom keras import layers, ops\ni = keras.Input((8, 8, 3))\n"


def script(name: str) -> Reading:
    return read.read(name, SCRIPTS / name)


def text(*lines: str) -> Reading:
    """Read a script that begins with an input of small colour images."""
    return read.read_text(HEAD + "\n".join(lines))


def classes(reading: Reading) -> list[str]:
    return [node["class"] for node in reading.graph["nodes"]]


def refusal(*lines: str) -> Unreadable:
    with pytest.raises(Unreadable) as refused:
        text(*lines)
    return refused.value


@pytest.mark.parametrize("name", NAMES)
def test_a_script_reads_as_the_model_that_it_builds(name):
    model = runpy.run_path(str(SCRIPTS / name))["model"]

    totals = facts.facts(script(name).graph, 100_000_000)["totals"]
    assert totals["parameters"] == model.count_params()
    assert totals["trainable_parameters"] == sum(weight.numpy().size for weight in model.trainable_weights)


def test_a_layer_written_in_python_is_refused_with_its_line():
    with pytest.raises(Unreadable, match="Line 7: Patches is a custom Python class"):
        script("vision_transformer.py")


def test_every_line_that_is_left_out_is_told():
    told = {note.line: note.words for note in script("mnist_convnet.py").notes}

    assert set(told) == {13, 27, 28, 30}
    assert "prints" in told[13] and "trains" in told[28]


def test_a_tower_called_twice_shares_its_weights():
    graph = script("siamese.py").graph

    towers = [node for node in graph["nodes"] if node["class"] == walk.SUB_MODEL]
    assert [node.get("shares") for node in towers] == [None, towers[0]["id"]]


def test_the_states_of_one_lstm_start_another():
    graph = script("seq2seq.py").graph

    states = [edge for edge in graph["edges"] if edge["port"] == "initial_state"]
    assert [(edge["output"], edge["order"]) for edge in states] == [(1, 0), (2, 1)]


@pytest.mark.parametrize(
    ("line", "drawn"),
    [
        ("x = i + ops.relu(i)", ["Activation", "Add"]),
        ("x = (1 - i) * 2 / 3", ["Rescaling"] * 3),
        ("x = -i ** 2", ["Activation", "Multiply", "Rescaling"]),
        ("x = ops.reshape(i, (-1, 64, 3))", ["Reshape"]),
        ("x = ops.transpose(i, (0, 2, 1, 3))", ["Permute"]),
        ("x = ops.mean(i, axis=[1, 2])", ["GlobalAveragePooling2D"]),
        ("x = ops.max(i, axis=(1, 2), keepdims=True)", ["GlobalMaxPooling2D"]),
        ("x = ops.concatenate([i, ops.sigmoid(i)], axis=-1)", ["Activation", "Concatenate"]),
        ("x = ops.maximum(i, 0)", ["ReLU"]),
        ("x = ops.clip(i, 0, 6)", ["ReLU"]),
        ("x = i[:, 1:-1, 2:]", ["Cropping2D"]),
        ("x = i[:, 0]", ["Cropping2D", "Reshape"]),
        ("x = ops.expand_dims(i, 1)", ["Reshape"]),
        ("x = keras.backend.l2_normalize(i, axis=-1)", ["UnitNormalization"]),
        ("x = ops.pad(i, [[0, 0], [1, 1], [2, 2], [0, 0]])", ["ZeroPadding2D"]),
        ("x = layers.Dense(i.shape[-1] * 2, activation=layers.LeakyReLU(0.1))(i)", ["Dense", "LeakyReLU"]),
    ],
)  # fmt: skip
def test_a_calculation_becomes_the_layer_that_does_the_same(line, drawn):
    reading = text(line, "model = keras.Model(i, x)")

    assert classes(reading)[1:] == drawn
    assert not [fact for fact in facts.facts(reading.graph, 10**6)["nodes"].values() if "error" in fact]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["x = layers.Denze(3)(i)"], "Line 4: .*no layer called 'Denze'"),
        (["x = layers.Dense(3, unitz=4)(i)"], "Line 4: .*unitz"),
        (["x = layers.Lambda(lambda t: ops.fft(t))(i)"], "Line 4: no layer of Keras computes what keras.ops.fft"),
        (["def f(t):", "    return ops.fft(t)", "x = layers.Lambda(f)(i)"], "Line 5: .*keras.ops.fft"),
        (["import os", "x = layers.Dense(int(os.environ['N']))(i)"], "Line 5: "),
        (["x = keras.applications.ResNet5000()(i)"], "not a network of the installed Keras"),
        (["x = ops.fft(i)"], "Line 4: .*keras.ops.fft"),
        (["x = ops.sum(i)"], "Line 4: .*sum"),
        (["x = i", "if keras.config.floatx() == 'float16':", "    x = layers.Dense(2)(x)"], "Line 5: "),
        (["x = layers.Add()(i)"], "merges several inputs"),
        (["x = layers.Dense(3)(2)"], "Line 4: .*not the output of a layer"),
        (["x = layers.LSTM(3)([i, i, i, i, i, i])(i)"], "Line 4: "),
    ],
)  # fmt: skip
def test_what_the_model_needs_and_cannot_be_read_is_refused_with_its_line(lines, told):
    error = refusal(*lines, "model = keras.Model(i, x)")

    assert re.search(told, str(error)), error
    assert error.mend


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "x = [0] * 10**12", "x = 'a' * 10**9", "x = 10**10**10", "x = list(range(10**15))", "x = f'{1:999999999}'",
        "x = '%999999999d' % 1", "x = '{:999999999}'.format(1)", "x = 1 << 10**9",
        "for a in range(10**9): pass", "while True: pass", "def f(): return f()\nf()",
        "x = []\nfor a in range(60): x = [x, x]\nlayers.Dense(x)", "x = " + "-" * 50_000 + "1", "x = " + "(" * 5_000,
        "for a in range(1000):\n    for b in range(1000):\n        i = layers.Dense(3)(i)",
        "t = [layers.Dense(3)(i) for _ in range(2000)]\nfor a in range(60):\n    t.append(layers.Add()(t))",
        "t = layers.Add()([i] * 20_000)", "t = i\nfor a in range(4000):\n    t = layers.Dense(3)(t)\nundefined = t",
        *(f"{DOUBLED}{line}" for line in ("[a].index(b)", "{a: 1}", "{a: 1 for c in 'a'}", "dict([(a, 1)])", "a == b", "str(a)")),
        "a = ['a'] * 20_000\nfor b in range(10_000): f.append(a[:])", "a = [10**17] * 20_000\nfor b in a: numpy.prod(a)",
        "round(5, -10**12)", "a = range(20_000)\nfor b in a: 1.5 in a", "a = 'a' * 20_000\na.replace('a', 'b' * 20_000)",
        "('%s' * 9_000) % (('a' * 20_000,) * 9_000)", "('{0}' * 6_000).format('a' * 20_000)", "f'" + "{a}" * 60_000 + "'",
        "for a in range(1000):\n    def f():\n" + "        1 + 1\n" * 9_000,
        "class A:\n    def __init__(self): A()\nA()", "class A:\n    @property\n    def a(self): return self.a\nA().a",
        "f = lambda t: t\nfor a in range(20_000): f = layers.Lambda(f)\nf(i)",
        "f = lambda t: t * 1\nfor a in range(60): f = layers.Lambda(lambda t, f=f: f(f(t)))\nf(i)",
        "f = lambda t: t\nfor a in range(60): f = layers.Lambda(lambda t, f=f: f(f(t)))\nf(i)",
        "(a, b), c = keras.datasets.mnist.load_data()\nfor d in range(10**6): a = a[None]",
        "(a, b), c = keras.datasets.mnist.load_data()\na.reshape([10**17] * 20_000)", "'a'.join(['a' * 20_000] * 20_000)",
        "import argparse\np = argparse.ArgumentParser()\nfor a in range(10**6): p.add_argument('--a')",
        "for a in range(100): i = keras.applications.mobilenet.preprocess_input(i)", "print 'a'\n" + ":" * 100_000,
        "print 'a'\n" + " " * 100_000 + "x", "!" + "a" * 100_000 + "\nx = (", "print 'a'\n" + "0" * 100_000,
        "keras.applications.ResNet50(input_tensor=i, weights=[i] * 10**6)", "x = numpy.linspace(0, 1, 10**12)",
        "__import__('os').system('touch /tmp/ran')", "x = ().__class__.__bases__[0].__subclasses__()", "eval('1')", "\0",
    ],
)  # fmt: skip
def test_a_hostile_script_ends_soon_in_words(line):
    began = time.process_time()

    error = refusal("import numpy", line, "model = keras.Model(undefined, i)")

    assert str(error) and time.process_time() - began < 3


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        ("Dense(12, input_dim=8)", [8]),
        ("Dense(12, input_shape=(8,))", [8]),
        ("Dense(12, batch_input_shape=(None, 8))", [8]),
        ("Embedding(10, 4, input_length=7)", [7]),
        ("Embedding(input_dim=10, output_dim=4)", [None]),
        ("LSTM(4, input_dim=8, input_length=5)", [5, 8]),
        ("LSTM(4, input_dim=8)", [None, 8]),
    ],
)
def test_a_first_layer_says_what_comes_in_as_it_did_before_keras_3(layer, shape):
    graph = text(f"model = keras.Sequential([layers.{layer}])").graph

    assert graph["nodes"][0]["config"]["shape"] == shape


def test_a_sequential_model_that_lost_a_layer_is_refused():
    error = refusal("m = keras.Sequential([keras.Input((4,))])", "m.add(Mine())", "m.add(layers.Dense(2))", "m.compile()")

    assert error.line == 5


def test_the_code_of_a_notebook_is_read_and_its_shell_lines_are_not():
    cells = [["!pip install keras\n", "import keras\n"], "m = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])"]
    notebook = {"nbformat": 4, "cells": [{"cell_type": "code", "source": source} for source in cells]}

    reading = read.read("mine.ipynb", json.dumps(notebook).encode())

    assert classes(reading) == ["InputLayer", "Dense"]
    assert reading.name == "mine"


def test_the_inputs_of_a_dictionary_come_in_the_order_in_which_keras_takes_them():
    model = build.build(script("wide_and_deep.py").graph, 10**6)

    assert [tensor.name for tensor in model.inputs] == ["age", "country", "hours", "job"]
