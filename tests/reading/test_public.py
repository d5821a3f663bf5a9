"""What public scripts and files of many authors have in common, each kind in a few lines of our own."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import tensorflow

from mhub_core.graphs.engine.build import build
from mhub_core.reading import read
from mhub_core.reading.records import Reading, Unreadable
from tests.reading.short_scripts import classes, refusal, text

MODEL = "model = Sequential([Input((4,)), layers.Dense(3)])\nmodel.compile('adam', 'mse')\n"


LOOPS = ["for step in range(10000):", "while True:", "while os:", "for a in range(100):\n  for step in range(1000):"]


@pytest.mark.parametrize("loop", LOOPS)
def test_a_loop_that_trains_for_long_is_left_out(loop):
    reading = text(MODEL + f"{loop}\n    noise = 3 * 4 + 5\n    model.train_on_batch(noise, noise)\n")

    assert classes(reading) == ["InputLayer", "Dense"]


def test_several_long_loops_are_left_out_but_not_any_number():
    loop = "while True:\n    noise = 3 * 4 + 5\n"

    assert classes(text(MODEL + 3 * loop)) == ["InputLayer", "Dense"]
    assert "This script computes for longer" in refusal(100 * loop + MODEL)[0]


def test_a_loop_inside_of_a_function_that_trains_for_long_is_left_out():
    reading = text(MODEL + "def train(epochs):\n    for a in range(epochs):\n        b = [a, a]\ntrain(10000)\n")

    assert classes(reading) == ["InputLayer", "Dense"]


def test_a_model_that_changes_in_a_loop_without_end_is_refused_with_the_line_of_the_loop():
    words, line = refusal("model = Sequential([Input((4,))])\nwhile True:\n    model.add(layers.Dense(3))\n    a = [1, 2, 3]\n")

    assert line in (2, 3, 4)
    assert "longer than building a model takes" in words or "more than" in words


@pytest.mark.parametrize(
    "use",
    [
        "model.predict_classes(item)",
        "answer = model.predict_proba(item)",
        "answer = model(item)",
        "model.predict_generator(item)",
    ],
)
def test_a_loop_over_data_that_only_asks_the_model_does_it_no_harm(use):
    assert classes(text(f"{MODEL}for item in os.listdir('a'):\n    {use}\n")) == ["InputLayer", "Dense"]


def test_a_model_that_is_only_asked_does_not_take_the_place_of_the_one_that_is_trained():
    code = (
        "i = Input((4,))\nz = layers.Dense(2)(i)\nr = keras.backend.random_normal(4) * z\nwhole = Model(i, layers.Dense(4)(r))\n"
        "whole.compile('adam')\nencoder = Model(i, z)\nencoder.predict(data)\n"
    )

    words, line = refusal(code)

    assert line == 3
    assert "random_normal" in words


@pytest.mark.parametrize("function", ["set_image_dim_ordering('th')", "set_image_data_format('channels_first')"])
def test_channels_stand_first_in_all_layers_when_a_script_says_so(function):
    code = f"keras.backend.{function}\nmodel = Sequential([Input((3, 8, 8)), layers.Conv2D(4, 3), layers.MaxPooling2D()])\n"

    model = build(text(code).graph, 1_000)

    assert model.output_shape == (None, 4, 3, 3)
    assert model.count_params() == 4 * 27 + 4


@pytest.mark.parametrize("size", ["x.shape[-1].value", "x._keras_shape[-1]", "keras.backend.int_shape(x)[-1]"])
def test_sizes_are_read_as_old_versions_gave_them(size):
    reading = text(f"x = Input((8, 8, 6))\ny = layers.Conv2D(2 * {size}, 1)(x)\nmodel = Model(x, y)\n")

    assert reading.graph["nodes"][-1]["config"]["filters"] == 12


def test_an_input_is_found_by_the_name_that_keras_gives_it():
    code = "i = Input((4,))\nbase = Model(i, layers.Dense(3)(i))\n"

    assert classes(text(f"{code}model = Model(i, layers.Dense(2)(base.get_layer('input_1').output))")) == ["InputLayer", "Dense"]


def test_the_name_of_one_of_two_inputs_is_not_guessed():
    code = "i, j = Input((4,)), Input((4,))\nbase = Model([i, j], layers.add([i, j]))\n"
    code += "model = Model(i, base.get_layer('input_1').output)"

    assert "no layer called 'input_1'" in refusal(code)[0]


@pytest.mark.parametrize(
    ("given", "name", "settings"),
    [
        ("tf.random_normal_initializer(0., 0.02)", "RandomNormal", {"mean": 0.0, "stddev": 0.02}),
        ("tf.initializers.HeNormal()", "HeNormal", {}),
        ("keras.initializers.VarianceScaling(distribution='normal')", "VarianceScaling", {"distribution": "truncated_normal"}),
    ],
)
def test_initializers_have_the_names_of_tensorflow_and_of_old_versions_too(given, name, settings):
    reading = text(f"model = Sequential([Input((4,)), layers.Dense(3, kernel_initializer={given})])")

    found = build(reading.graph, 100).layers[-1].kernel_initializer
    assert type(found).__name__ == name
    assert found.get_config().items() >= settings.items()


@pytest.mark.parametrize(
    "head",
    ["import keras_core as keras\n", "import tensorflow.compat.v1 as tf\nkeras = tf.keras\n", "from tensorflow import keras\n"],
)
def test_keras_is_found_wherever_it_was_at_some_time(head):
    reading = read.read_text(f"{head}model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])\n")

    assert classes(reading) == ["InputLayer", "Dense"]


def test_merge_and_pooling_are_read_as_keras_1_meant_them():
    code = (
        "i = Input((8, 8, 3))\nx = layers.Merge(mode='concat', concat_axis=3)([i, layers.AveragePooling2D(strides=(1, 1),"
        " border_mode='same')(i)])\nmodel = Model(i, x)\n"
    )

    assert build(text(code).graph, 10).output_shape == (None, 8, 8, 6)


def test_models_that_are_merged_are_refused_with_the_reason():
    words, line = refusal("a = Sequential()\nmodel = Sequential()\nmodel.add(layers.Merge([a, a], mode='concat'))\n")

    assert line == 3
    assert words.startswith("Merge joins models")


def browser(*layers: dict[str, Any]) -> Reading:
    model = {"class_name": "Sequential", "config": {"name": "a", "layers": list(layers)}}
    return read.read("a.json", json.dumps({"modelTopology": model, "weightsManifest": []}).encode())


def test_a_browser_model_that_begins_with_another_has_its_input():
    scaling = {"class_name": "VarianceScaling", "config": {"scale": 1, "mode": "fan_avg", "distribution": "normal", "seed": None}}
    dense = {
        "class_name": "Dense",
        "config": {"units": 5, "name": "d", "kernel_initializer": scaling, "batch_input_shape": [None, 4]},
    }
    inner = {"class_name": "Sequential", "config": {"name": "b", "layers": [dense]}}
    last = {"class_name": "Dense", "config": {"units": 2, "name": "e"}}

    model = build(browser(inner, last).graph, 100)

    assert (model.input_shape, model.count_params()) == ((None, 4), 37)


def test_the_activation_that_another_keras_computes_is_told():
    lstm = {"class_name": "LSTM", "config": {"units": 2, "name": "l", "recurrent_activation": "hard_sigmoid"}}
    lstm["config"]["batch_input_shape"] = [None, 4, 3]

    assert any("hard_sigmoid" in note.words for note in browser(lstm).notes)


@pytest.mark.parametrize(
    ("shape", "place"),
    [
        ("6,", (slice(None), slice(1, 3))),
        ("5, 6", (slice(None), slice(None), slice(2, 5))),
        ("5, 6", (slice(None), slice(1, None), 3)),
        ("4, 5, 6", (Ellipsis, slice(0, 2))),
        ("4, 5, 6", (slice(None), slice(1, 3), slice(None), slice(-2, None))),
    ],
)
def test_a_part_of_the_features_is_the_same_as_in_numpy(shape, place):
    places = ", ".join(":" if item == slice(None) else "..." if item is Ellipsis else written(item) for item in place)
    model = build(text(f"i = Input(({shape}))\nmodel = Model(i, layers.Lambda(lambda x: x[{places}])(i))\n").graph, 10)
    data = np.random.default_rng(0).normal(size=(2, *model.input_shape[1:])).astype("float32")

    np.testing.assert_array_equal(model(data), data[place])


def written(item: slice | int) -> str:
    return str(item) if isinstance(item, int) else ":".join("" if end is None else str(end) for end in (item.start, item.stop))


def test_weights_that_a_layer_begins_with_are_told_and_left_out():
    reading = text("m = np.load('a')\nmodel = Sequential([Input((4,)), layers.Embedding(9, 3, weights=[m], trainable=False)])")

    assert classes(reading) == ["InputLayer", "Embedding"]
    assert any(note.words.startswith("Embedding: the script gives it weights") for note in reading.notes)


def test_the_weights_of_a_network_may_stand_in_any_file():
    code = "model = keras.applications.MobileNet(weights=os.environ['A'], alpha=0.25, include_top=False, input_shape=(32, 32, 3))"

    assert any("starts untrained" in note.words for note in text(code).notes)


@pytest.mark.parametrize("use", ["model.trainable_variables", "model.losses", "model.optimizer"])
def test_a_training_loop_of_the_author_does_no_harm(use):
    loop = "for a in os.listdir('a'):\n    with tf.GradientTape() as tape:\n        b = model(a)\n"
    code = f"{MODEL}{loop}    tape.gradient(b, {use})\n"

    assert classes(text(code)) == ["InputLayer", "Dense"]


def test_a_layer_of_densenet_is_found_by_its_old_name():
    code = "base = keras.applications.DenseNet121(include_top=False, input_shape=(32, 32, 3))\n"

    reading = text(code + "model = Model(base.input, base.get_layer('conv1/relu').output)\n")

    assert reading.graph["nodes"][-1]["name"] == "conv1_relu"


def test_a_part_of_a_data_set_that_a_condition_takes_has_a_shape():
    code = "(x, y), _ = keras.datasets.mnist.load_data()\nx = x[y < 5]\n"

    assert text(code + "model = Sequential([Input(x.shape[1:]), layers.Flatten()])").graph["nodes"][0]["config"]["shape"] == [
        28,
        28,
    ]


def test_an_input_that_feeds_nothing_is_no_answer():
    code = "i, j = Input((4,)), Input((3,))\nx = layers.Lambda(lambda both: both[0])([layers.Dense(2)(i), j])\n"

    reading = text(code + "model = Model([i, j], x)\n")

    assert build(reading.graph, 100).output_shape == (None, 2)
    assert any("feeds no layer" in note.words for note in reading.notes)
    with pytest.raises(Unreadable, match="feeds no layer"):
        text(code + "inner = Model([i, j], x)\nk = Input((3,))\nmodel = Model([i, k], inner([i, k]))\n")


@pytest.mark.parametrize("name", ["space_to_depth", "depth_to_space"])
def test_blocks_move_into_the_features_and_back_as_in_tensorflow(name):
    code = f"i = Input((4, 6, 8))\nmodel = Model(i, layers.Lambda(lambda x: tf.nn.{name}(x, block_size=2))(i))\n"
    data = np.random.default_rng(0).normal(size=(2, 4, 6, 8)).astype("float32")

    np.testing.assert_array_equal(build(text(code).graph, 10)(data), getattr(tensorflow.nn, name)(data, 2))


def test_a_shape_is_obtained_as_old_scripts_ask_for_it():
    code = (
        "from keras.applications.imagenet_utils import _obtain_input_shape as shape\ni = Input(shape(None, default_size=224,"
        " min_size=48, data_format='channels_last', include_top=True))\nmodel = Model(i, layers.Flatten()(i))\n"
    )

    assert text(code).graph["nodes"][0]["config"]["shape"] == [224, 224, 3]


@pytest.mark.parametrize(("weights", "count"), [("'imagenet'", 2), ("None", 1)])
def test_efficientnet_is_scaled_once_more_where_its_weights_were_meant(weights, count):
    code = f"model = keras.applications.EfficientNetB0(weights={weights}, include_top=False, input_shape=(64, 64, 3))"

    assert classes(text(code)).count("Rescaling") == count


REASONS = [
    ("i = Input((4,))\nx = i + tf.range(4)\nmodel = Model(i, x)", "no layer of Keras computes what tensorflow.range does", 2),
    (
        "from .config import WIDTH\nmodel = Sequential([Input((WIDTH,)), layers.Dense(2)])",
        "config.WIDTH is defined in another file",
        2,
    ),
    ("import tools\nmodel = Sequential()\nmodel.add(layers.Dense(2, input_shape=tools.SHAPE))", "the module tools", 3),
    ("import tools\nn = tools.SIZE // 2\nmodel = Sequential([Input((n,)), layers.Dense(2)])", "tools.SIZE comes from", 2),
    ("import tools\nn = tools.SIZES[2]\nmodel = Sequential([Input((n,)), layers.Dense(2)])", "tools.SIZES comes from", 2),
    ("model = Sequential([Input((size,)), layers.Dense(2)])", "size is not defined in this script", 1),
    (
        "with open('a') as file:\n    n = int(file.read())\nmodel = Sequential([Input((n,)), layers.Dense(2)])",
        "what file holds",
        1,
    ),
    ("class Net(Model):\n    def __init__(self):\n        self.d = layers.Dense(2)", "Net is a custom Python class", 1),
    (
        "from base import Base\nclass Net(Base):\n    def make(self):\n        return Sequential()",
        "Net is a custom Python class",
        2,
    ),
    ("class Agent:\n    def __init__(self, size):\n        self.model = Sequential()", "Agent builds a model, but nothing", 2),
    (
        "def make(n):\n    return Sequential([Input((n,)), layers.Dense(2)])\ndef main():\n    words = os.listdir('a')\n"
        "    net = make(len(words))\nmain()",
        "listdir",
        4,
    ),
]


@pytest.mark.parametrize(("code", "told", "line"), REASONS)
def test_the_reason_is_the_true_one(code, told, line):
    words, found = refusal(code)

    assert told in words
    assert found == line


def test_of_functions_that_nobody_calls_those_that_give_a_model_are_told():
    code = (
        "def one():\n    return Sequential([Input((4,)), layers.Dense(2)])\ndef two():\n    return Sequential([Input((4,))])\n"
        "def train(batch):\n    one().fit(batch)\n    two().fit(batch)\n"
    )

    words, _ = refusal(code)

    assert "one (line 3), two (line 5)" in words
    assert "train" not in words


def test_a_model_of_a_file_that_is_only_asked_leaves_the_one_that_is_built():
    loaded = "from keras.models import model_from_json\nother = model_from_json(open('a').read())\nother.compile('adam')\n"

    assert classes(text(MODEL + loaded)) == ["InputLayer", "Dense"]
