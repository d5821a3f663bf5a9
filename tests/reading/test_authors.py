"""What further public scripts and notebooks have in common, each kind in a few lines of our own."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow

from mhub_core.graphs.engine.build import build
from mhub_core.reading import read
from tests.reading.short_scripts import classes, refusal, text

MODEL = "    model = Sequential([Input((4,)), layers.Dense(3)])\n"


@pytest.mark.parametrize(
    ("given", "call"),
    [
        ("opt, rows", "build(keras.optimizers.Adam(0.1), pd.read_csv('a'))"),
        ("opt, rows", "build(opt=keras.optimizers.Adam(0.1), rows=pd.read_csv('a'))"),
        ("opt, rows=None", "build(os.environ['OPT'])"),
        ("*rest", "build(pd.read_csv('a'), 'mse')"),
    ],
)
def test_a_function_may_be_given_what_its_model_does_not_need(given, call):
    reading = text(f"def build({given}):\n{MODEL}    model.compile('adam', 'mse')\n    return model\nmodel = {call}\n")

    assert classes(reading) == ["InputLayer", "Dense"]


def test_an_object_may_be_given_what_its_model_does_not_need():
    code = "class Agent:\n    def __init__(self, rows, units):\n        self.rows = rows\n        self.units = units\n"
    code += "        self.model = self.make()\n"
    code += "    def make(self):\n        return Sequential([Input((4,)), layers.Dense(self.units)])\n"

    assert text(f"{code}model = Agent(pd.read_csv('a'), 7).model\n").graph["nodes"][-1]["config"]["units"] == 7


@pytest.mark.parametrize(
    "body",
    [
        "    return Sequential([Input((4,)), layers.Dense(rows.shape[1])])\n",
        "    model = Sequential([Input((4,))])\n    if rows:\n        model.add(layers.Dense(2))\n    return model\n",
        "    units = 3 if rows is None else 5\n    return Sequential([Input((4,)), layers.Dense(units)])\n",
    ],
)
def test_what_a_model_needs_is_refused_with_the_line_that_gives_it(body):
    words, line = refusal(f"def build(rows):\n{body}rows = pd.read_csv('a')\nmodel = build(rows)\n")

    assert "pandas.read_csv" in words and line == body.count("\n") + 2


def test_an_argument_that_is_not_followed_may_have_changed_an_object():
    code = "class Holder:\n    def __init__(self):\n        self.units = 3\n"
    code += "def build(told, holder):\n    return Sequential([Input((4,)), layers.Dense(holder.units)])\n"

    assert "click.change" in refusal(f"{code}holder = Holder()\nmodel = build(click.change(holder), holder)\n")[0]


def test_a_model_from_a_file_stays_the_reason_where_it_is_given_to_a_function():
    code = "def train(model):\n    model.fit(1, 2)\n    return model\n"

    assert "from a file" in refusal(f"{code}model = train(keras.models.load_model('a'))\n")[0]


@pytest.mark.parametrize("data", ["pd.read_csv('a').values", "np.array(rows)", "np.load('a')['x']"])
def test_the_shape_of_data_that_a_script_writes_down_is_known(data):
    code = f"rows = []\nfor name in os.listdir('a'):\n    rows.append(name)\nx = {data}.reshape(-1, 28, 28, 1) / 255\n"

    reading = text(f"{code}model = Sequential([layers.Conv2D(2, 3, input_shape=x.shape[1:]), layers.Flatten()])\n")

    assert reading.graph["nodes"][0]["config"]["shape"] == [28, 28, 1]


@pytest.mark.parametrize("shape", ["-1, 28, rows.shape[1]", "rows.shape", "-1"])
def test_a_shape_that_depends_on_data_is_not(shape):
    code = f"rows = pd.read_csv('a')\nx = rows.values.reshape({shape})\n"

    assert refusal(f"{code}model = Sequential([layers.Dense(2, input_shape=(x.shape[-1],))])\n")


@pytest.mark.parametrize(
    "split", ["train_test_split(x, rows)", "train_test_split(x, rows['y'], stratify=rows['y'], test_size=0.1)"]
)
def test_data_of_a_known_shape_may_be_split_with_labels_that_are_not(split):
    code = "from sklearn.model_selection import train_test_split\nrows = pd.read_csv('a')\n"
    code += f"x = rows.values.reshape(-1, 28, 28, 1)\na, b, c, d = {split}\n"

    assert text(f"{code}model = Sequential([layers.Conv2D(2, 3, input_shape=b.shape[1:])])\n").graph["nodes"][0]["config"][
        "shape"
    ] == [28, 28, 1]
    assert refusal(f"{code}model = Sequential([Input((4,)), layers.Dense(c.shape[1])])\n")


def test_labels_that_are_split_without_known_data_are_the_reason():
    code = "from sklearn.model_selection import train_test_split\nrows = pd.read_csv('a')\na, b = train_test_split(rows)\n"

    assert "pandas.read_csv" in refusal(f"{code}model = Sequential([Input((4,)), layers.Dense(a.shape[1])])\n")[0]


def test_all_names_of_applications_are_its_networks_and_not_layers():
    code = "from keras.layers import *\nfrom keras.models import *\nfrom keras.applications import *\ni = Input((64, 64, 3))\n"
    code += "x = VGG16(include_top=False, weights=None, input_shape=(64, 64, 3))(i)\n"

    assert classes(read.read_text(f"{code}model = Model(i, Dense(2)(GlobalAveragePooling2D()(x)))\n"))[1:] == [
        "Model",
        "GlobalAveragePooling2D",
        "Dense",
    ]


def test_a_decorated_function_that_builds_a_model_is_told():
    words, line = refusal(f"@click.command()\n@click.option('--rows')\ndef train(rows):\n{MODEL}train()\n")

    assert words == "train is a generator or has a decorator, which is not followed." and line == 3


@pytest.mark.parametrize(
    ("value", "condition", "units"),
    [
        ("[5]", "type(a) is list", 2),
        ("-1", "type(a) is list or type(a) is tuple", 3),
        ("1", "type(a) == int", 2),
        ("True", "type(a) == int", 3),
        ("'1'", "type(a) in (int, float)", 3),
        ("1.0", "type(a) is not float", 3),
    ],
)
def test_the_type_of_a_plain_value_is_known(value, condition, units):
    reading = text(f"a = {value}\nmodel = Sequential([Input((4,)), layers.Dense(2 if {condition} else 3)])\n")

    assert reading.graph["nodes"][-1]["config"]["units"] == units


CALCULATIONS = [
    "tf.reduce_sum(i, [1, 2])",
    "tf.reduce_sum(i, axis=(1, 2), keepdims=True)",
    "keras.ops.sum(keras.ops.reshape(i, (-1, 16, 3)), axis=1)",
    "tf.stack([i[..., 2], i[..., 1], i[..., 0]], axis=-1)",
    "keras.ops.stack([i, 2 * i], axis=1)",
]


@pytest.mark.parametrize("calculation", CALCULATIONS)
def test_sums_and_stacks_are_what_keras_computes(calculation):
    graph = text(f"i = Input((4, 4, 3))\nmodel = Model(i, {calculation})\n").graph
    data = np.random.default_rng(1).normal(size=(2, 4, 4, 3)).astype("float32")

    expected = eval(calculation, {"tf": tensorflow, "keras": tensorflow.keras, "i": data})
    np.testing.assert_allclose(build(graph, 100)(data), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("home", ["vgg16", "resnet50", "densenet", "mobilenet_v2"])
def test_images_are_scaled_as_each_network_takes_them(home):
    graph = text(f"i = Input((4, 4, 3))\nmodel = Model(i, tf.keras.applications.{home}.preprocess_input(i))\n").graph
    data = np.random.default_rng(1).uniform(0, 255, (2, 4, 4, 3)).astype("float32")

    expected = getattr(tensorflow.keras.applications, home).preprocess_input(data.copy())
    np.testing.assert_allclose(build(graph, 100)(data), expected, rtol=1e-5, atol=1e-4)


def test_an_answer_of_a_model_that_another_needs_is_the_reason():
    code = "first = Sequential([Input((4,)), layers.Dense(3)])\nrows = first.predict(os.x)\n"

    words, line = refusal(f"{code}model = Sequential([Input(rows.shape[1:]), layers.Dense(3)])\nmodel.fit(rows)\n")
    assert words == "what this line gives is known only when the script runs." and line == 2


def test_a_sum_over_an_unknown_number_is_refused():
    assert "over how many" in refusal("i = Input((None, 4, 3))\nmodel = Model(i, tf.reduce_sum(i, [1, 2]))\n")[0]
