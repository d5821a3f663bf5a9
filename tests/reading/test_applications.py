"""Networks of keras.applications that a script names come in as Keras builds them."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from mhub_core.graphs import walk
from mhub_core.graphs.engine.build import build
from mhub_core.reading import read
from mhub_core.reading.records import Reading, Unreadable

SETTINGS = {
    "MobileNetV2": "input_shape=(96, 96, 3), alpha=0.35, include_top=False",
    "MobileNet": "input_shape=(33, 65, 1), alpha=0.25, classes=7",
    "MobileNetV3Small": "input_shape=(64, 64, 3), include_top=False, pooling='avg'",
    "ResNet50": "include_top=False, pooling='max'",
    "ResNet50V2": "input_shape=(64, 64, 3), include_top=False",
    "DenseNet121": "input_shape=(64, 64, 3), classes=5",
    "InceptionV3": "include_top=False",
    "Xception": "include_top=False, input_shape=(72, 72, 3)",
    "NASNetMobile": "include_top=False, input_shape=(64, 64, 3)",
    "EfficientNetB0": "include_top=False",
    "EfficientNetV2B0": "classes=5",
    "VGG16": "include_top=False, input_shape=(32, 32, 3)",
    "ConvNeXtTiny": "include_top=False, input_shape=(32, 32, 3)",
}
FAST = ("MobileNetV2",)


def named(name: str, options: str, module: str = "keras.applications") -> Reading:
    return read.read_text(f"from {module} import {name}\nmodel = {name}({options})\n")


SAME = {("Concatenate", "axis"), ("BatchNormalization", "axis"), ("LayerNormalization", "axis"), ("Normalization", "axis")}


def parts(graph: dict[str, Any]) -> tuple[Any, ...]:
    """Return what a design is made of, in any order and without the names, which Keras numbers from run to run."""
    plain = {node["id"]: f"{node['class']} {settings(node)}" for node in graph["nodes"]}
    edges = [(plain[edge["source"]], plain[edge["target"]], edge["port"], edge["order"]) for edge in graph["edges"]]
    inner = [parts(walk.inner(node)) for node in graph["nodes"] if node["class"] == walk.SUB_MODEL]
    return sorted(plain.values()), sorted(edges), inner


def settings(node: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a layer that are not None."""
    pairs = ((key, same(node["class"], key, value)) for key, value in sorted(node["config"].items()))
    return {key: value for key, value in pairs if value is not None}


def same(class_name: str, key: str, value: Any) -> Any:
    """Return a setting as it is written nowhere: Keras writes 3 for (3, 3), and -1 for the last axis, or not."""
    if (class_name, key) in SAME or key in ("graph", "data_format", "sparse", "ragged") or value == "linear":
        return None
    return value[0] if isinstance(value, list) and len(set(map(str, value))) == 1 else value


@pytest.mark.parametrize("name", [item if item in FAST else pytest.param(item, marks=pytest.mark.slow) for item in SETTINGS])
def test_a_network_that_a_script_names_is_the_one_that_keras_builds(name):
    model = eval(f"keras.applications.{name}(weights=None, {SETTINGS[name]})", {"keras": keras})
    keras.backend.clear_session()

    found = named(name, f"weights=None, {SETTINGS[name]}").graph

    assert parts(found) == parts(read.read_text(model.to_json()).graph)


@pytest.mark.slow
def test_inception_resnet_whose_json_holds_a_layer_of_keras_own_is_the_one_that_keras_builds():
    """Keras writes its layer for scaling into JSON, which nothing else reads: so what is built is compared."""
    given = "weights=None, include_top=False, input_shape=(96, 96, 3)"
    model = eval(f"keras.applications.InceptionResNetV2({given})", {"keras": keras})
    wanted = sorted(tuple(weights.shape) for weights in model.weights)
    keras.backend.clear_session()

    graph = named("InceptionResNetV2", given).graph

    built = build(graph, 60_000_000)
    assert sum(node["class"] == "Rescaling" for node in graph["nodes"]) == 40
    assert sorted(tuple(weights.shape) for weights in built.weights) == wanted
    assert built.output_shape == model.output_shape


BASE = """
from tensorflow.keras.applications.vgg16 import VGG16
import tensorflow as tf
base = VGG16(weights='imagenet', include_top=False, input_shape=(64, 64, 3))
"""


@pytest.mark.parametrize(
    "rest",
    [
        "base.trainable = False\nmodel = tf.keras.Sequential([base, tf.keras.layers.Dense(2)])",
        "i = tf.keras.Input((64, 64, 3))\nmodel = tf.keras.Model(i, tf.keras.layers.Dense(2)(base(i, training=False)))",
    ],
)
def test_a_network_is_the_sub_model_that_it_is_and_its_weights_are_told(rest):
    reading = read.read_text(BASE + rest)

    assert [node["class"] for node in reading.graph["nodes"]] == ["InputLayer", "Model", "Dense"]
    assert [(note.line, "starts untrained" in note.words) for note in reading.notes if "VGG16" in note.words] == [(4, True)]


def test_a_model_may_go_on_from_inside_a_network():
    reading = read.read_text(f"{BASE}x = base.get_layer('block1_pool').output\nmodel = tf.keras.Model(base.input, x)\n")

    assert [node["name"] for node in reading.graph["nodes"]][1:] == ["block1_conv1", "block1_conv2", "block1_pool"]


def test_a_network_on_an_input_of_the_script_is_read():
    code = "import keras\ni = keras.Input((64, 64, 3))\nmodel = keras.applications.VGG19(include_top=False, input_tensor=i)\n"

    assert len(read.read_text(code).graph["nodes"]) == 22


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("model = keras.applications.ResNet5000()", "not a network of the installed Keras"),
        ("model = keras.applications.VGG16(sizes=3, include_top=False)", "has no argument called sizes"),
        ("model = keras.applications.os.system('a')", "Line 2"),
        ("model = keras.applications.imagenet_utils.json('a')", "Line 2"),
    ],
)
def test_a_network_that_there_is_not_is_refused_with_its_line(line, told):
    with pytest.raises(Unreadable, match="Line 2") as refused:
        read.read_text(f"import keras\n{line}\n")

    assert told in str(refused.value)


def test_many_networks_end_soon():
    with pytest.raises(Unreadable, match="longer than building a model takes"):
        read.read_text("import keras\nfor a in range(1000):\n    model = keras.applications.EfficientNetB7()\n")


def test_images_are_scaled_as_a_network_takes_them():
    code = "import keras\ni = keras.Input((8, 8, 3))\nx = keras.applications.mobilenet_v2.preprocess_input(i)\n"

    graph = read.read_text(code + "model = keras.Model(i, x)").graph

    assert [node["class"] for node in graph["nodes"]] == ["InputLayer", "Rescaling", "Rescaling"]
