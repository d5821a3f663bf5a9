"""Scripts as people publish them: old, half finished, made for a notebook or a command line, with more than the model in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mhub_core.reading import read
from mhub_core.reading.records import Reading, Unreadable

HEAD = (
    "import os\nimport keras, numpy as np\nfrom keras import layers, Input, Model, Sequential\nfrom keras.layers import Dense\n"
)
MODEL = "model = Sequential([Input((4,)), Dense(3)])\n"
UNKNOWN = "if os.getpid():\n"


def text(code: str, head: str = HEAD) -> Reading:
    return read.read_text(head + code)


def classes(reading: Reading) -> list[str]:
    return [node["class"] for node in reading.graph["nodes"]]


def units(reading: Reading) -> int:
    """Return the size of the last layer."""
    return int(reading.graph["nodes"][-1]["config"]["units"])


def told(reading: Reading) -> str:
    return "\n".join(note.words for note in reading.notes)


def refusal(code: str, head: str = HEAD) -> Unreadable:
    """Return why a script is refused; its line counts from the first line behind the head."""
    with pytest.raises(Unreadable) as refused:
        text(code, head)
    error = refused.value
    assert error.mend
    error.line = error.line and error.line - head.count("\n")
    return error


def notebook(*cells: str) -> Reading:
    value = {"nbformat": 4, "cells": [{"cell_type": "code", "source": cell.splitlines(True)} for cell in cells]}
    return read.read("a.ipynb", json.dumps(value).encode())


LOOPS = [
    "    while True:\n        if os.getpid():\n            break\n",
    "    for a in range(3):\n        continue\n",
    "    with open('a') as file:\n        for line in file:\n            if line:\n                break\n",
    "    def f():\n        for a in range(3):\n            break\n",
    "    class A:\n        for a in range(3):\n            break\n",
]


@pytest.mark.parametrize("loop", LOOPS)
def test_a_break_in_a_loop_in_a_branch_that_is_not_known_ends_that_loop_only(loop):
    assert units(text(UNKNOWN + loop + MODEL)) == 3


@pytest.mark.parametrize("word", ["break", "continue"])
def test_a_break_in_a_branch_that_is_not_known_puts_the_loop_in_doubt(word):
    loop = f"n = 1\nfor a in range(3):\n    if os.getpid():\n        {word}\n    n = a\n{MODEL.replace('3', 'n')}"

    assert refusal(loop).line == 3


@pytest.mark.parametrize(
    "line", ["%pip install -q keras", "!pip install keras", "files = !ls", "%matplotlib inline", "keras.Input?"]
)
def test_a_line_for_the_shell_may_stand_alone_in_a_block(line):
    cell = f"import keras\nif True:\n    {line}\nmodel = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])"

    assert units(notebook(cell)) == units(read.read_text(cell)) == 3


def test_a_line_for_the_shell_may_go_on_in_the_next():
    assert units(notebook("!wget -q \\\n  http://a.example\nimport keras", HEAD + MODEL)) == 3


def test_a_line_that_begins_with_a_percent_sign_in_brackets_is_python():
    assert units(notebook(HEAD, "n = (7\n% 4)\nmodel = Sequential([Input((4,)), Dense(n)])")) == 3


def test_a_cell_in_another_language_is_left_out_and_a_timed_one_is_read():
    assert units(notebook("%%bash\nif [ 1 ]; then ls; fi", "%%time\n" + HEAD + MODEL, "%%writefile a.py\nmodel = None")) == 3


OLD = """
print 'begins', 3
n = 7 / 2
for a in xrange(2):
    try:
        print >>log, "%d" % a
    except (ValueError, KeyError), error:
        raise ValueError, 'no'
if n <> 3L: print "odd"
"""


def test_python_2_is_read_with_its_division():
    assert units(text(f"{OLD}{MODEL.replace('3', 'n')}")) == 3
    assert refusal(f"from __future__ import division\n{OLD}{MODEL.replace('3', 'n')}")


def test_what_is_no_python_at_all_is_told_with_its_line():
    assert "not Python" in str(refusal("print 'a'\nx = = 3\n"))


TRAINED = {
    "a Lambda": "x = layers.Lambda(lambda t: t + keras.random.normal((4,)))(e)\nbig = Model(i, Dense(4)(x))\nbig.compile('adam')",
    "a function": "def f(t):\n    return t * np.random.normal()\nx = layers.Lambda(f)(e)\nbig = Model(i, x)\nbig.compile()",
    "a model that is only trained": "big = Model(i, mine(e))\nbig.fit(a, b)",
    "a model that is not even trained": "big = Model(i, mine(e))",
    "a Sequential one": "big = Sequential([small, mine()])\nbig.compile()",
    "what a library builds": "big = other.build()\nbig.compile('adam')",
    "what a library builds, trained": "big = other.build()\nhistory = big.fit(a, b, epochs=3)",
    "a class of models": "class Big(Model):\n    pass\nbig = Big(small)\nbig.compile()",
    "an attribute": "class A:\n    pass\na = A()\na.big = Model(i, mine(e))\na.big.compile()",
    "an attribute that grows": "class A: pass\na = A()\na.big = Sequential([Input((4,))])\na.big.add(mine())\na.big.fit()",
}
SMALL = "import other\nfrom other import mine\ni = Input((4,))\ne = Dense(2)(i)\nsmall = Model(i, e)\n"


@pytest.mark.parametrize("name", TRAINED)
def test_a_model_that_cannot_be_read_is_never_replaced_by_another(name):
    error = refusal(SMALL + TRAINED[name])

    assert error.line and error.line > 5


def test_another_library_may_fit_what_it_wants():
    code = "from sklearn.svm import SVC\nm = Sequential([Input((4,)), Dense(3)])\nm.compile('adam')\nsvc = SVC()\nsvc.fit(a, b)\n"

    assert units(text(code)) == 3


def test_a_model_that_is_loaded_does_not_stand_before_one_that_is_built():
    code = "m = Sequential([Input((4,)), Dense(3)])\nm.fit(a)\nm = keras.models.load_model('a.h5')\nm.compile()\n"

    assert units(text(code)) == 3
    assert "load_model" in str(refusal("model = keras.models.load_model('a.h5')\nmodel.predict(a)"))


def test_a_lambda_whose_calculation_layers_do_is_drawn_as_these():
    assert classes(text("model = Sequential([Input((4,)), layers.Lambda(lambda x: x / 127.5 - 1.0), Dense(3)])"))[1:-1] == [
        "Rescaling",
        "Rescaling",
    ]
    named = "def f(t, by):\n    return t * by\ni = Input((4,))\nmodel = Model(i, layers.Lambda(f, arguments={'by': 5})(i))"
    assert text(named).graph["nodes"][1]["config"] == {"scale": 5.0}


BUILDER = "def build(n=3):\n    return Sequential([Input((4,)), Dense(n)])\n"


@pytest.mark.parametrize(
    "code",
    [
        BUILDER,
        "def b(x, n):\n    return Model(x, Dense(n)(x))(x)\ndef net(n=3):\n    i = Input((4,))\n    return Model(i, b(i, n))\n",
        BUILDER + "def main():\n    m = build()\n    m.compile('adam')\n    m.fit(a, b)\n",
        "class Net:\n    @staticmethod\n    def build(n=3):\n        return Sequential([Input((4,)), Dense(n)])\n",
        BUILDER + "search = tuner.Search(build, trials=3)\n",
    ],
)
def test_a_builder_that_nobody_calls_is_called_with_its_defaults(code):
    reading = text(code)

    assert len(reading.graph["nodes"]) == 2
    assert "it was called with its defaults" in told(reading)


def test_a_builder_that_needs_something_or_is_one_of_several_is_told():
    assert "its n has no default" in str(refusal(BUILDER.replace("=3", "")))
    method = "class A:\n    def build(self): return Sequential([Input((4,)), Dense(3)])\n"
    assert "A.build builds a model, but nothing" in str(refusal(method))
    assert "several functions" in str(refusal(BUILDER + BUILDER.replace("build", "other")))


@pytest.mark.parametrize("name", ["resnet", "net", "autoencoder", "my_cnn"])
def test_a_model_may_have_any_name_also_when_it_cannot_be_read(name):
    assert refusal(f"n = len(os.listdir('a'))\n{name} = Sequential([Input((4,)), Dense(n)])\n").line == 1


STARS = [
    "from keras.layers import *\nfrom keras.preprocessing.sequence import *",
    "from keras.layers import *\nfrom mine import *",
    "from tensorflow.keras.layers import *\nfrom tensorflow.keras.models import *\nfrom keras.utils import *",
    "from keras.models import Model\nfrom keras.layers import *\nfrom numpy import *\nfrom math import *",
]


@pytest.mark.parametrize("stars", STARS)
def test_a_star_import_gives_names_and_hides_none(stars):
    code = f"{stars}\nfrom keras.models import Model\ni = Input(shape=(10,))\nmodel = Model(i, concatenate([Dense(3)(i), i]))\n"

    assert classes(text(code, "")) == ["InputLayer", "Dense", "Concatenate"]


SETS = {
    "mnist": ("x_train.shape[1:]", (28, 28)),
    "fashion_mnist": ("x_test[0].shape", (28, 28)),
    "cifar10": ("x_train.shape[1:]", (32, 32, 3)),
    "cifar100": ("(y_train.max() + 1, np.max(y_test) + 1)", (100, 100)),
    "imdb": ("keras.preprocessing.sequence.pad_sequences(x_train, maxlen=80).shape[1:]", (80,)),
    "reuters": ("(len(x_train), len(x_test), len(np.unique(y_train)))", (8982, 2246, 46)),
    "boston_housing": ("(x_train.shape[1],)", (13,)),
    "california_housing": ("x_train[:100].shape", (100, 8)),
}


@pytest.mark.parametrize("name", SETS)
def test_the_shapes_of_the_sets_of_keras_are_known(name):
    load = f"from keras.datasets import {name}\n(x_train, y_train), (x_test, y_test) = {name}.load_data()\n"
    expression, shape = SETS[name]

    graph = text(f"{load}model = Sequential([Dense(2, input_shape={expression})])\n").graph

    assert graph["nodes"][0]["config"]["shape"] == list(shape)


SHAPES = [
    "a.reshape(6, -1)", "np.reshape(a, (-1, 2, 2))", "a.reshape((a.shape[0], -1)).astype('float32') / 255", "a[..., None]",
    "np.expand_dims(a, -1)", "a[:, 1:]", "a[1]", "a[-2:, ::2, 0]", "a.mean(axis=0)", "a.sum(axis=(0, 2), keepdims=True)",
    "a - a.mean(axis=0)", "np.concatenate([a, a], axis=1)", "a.T", "a.flatten()", "np.squeeze(a[:1])",
    "(a - np.mean(a)) / np.std(a)",
]  # fmt: skip


@pytest.mark.parametrize("expression", SHAPES)
def test_shapes_are_computed_as_numpy_does(expression):
    import numpy as np

    expected = eval(expression, {"np": np, "a": np.zeros((10_000, 28, 28))[:6, :4, :3]})
    load = "_, (a, _) = keras.datasets.mnist.load_data()\na = a[:6, :4, :3]\n"

    graph = text(f"{load}model = Sequential([Dense(2, input_shape=(*({expression}).shape,))])\n").graph

    assert graph["nodes"][0]["config"]["shape"] == list(expected.shape)


def test_a_size_that_depends_on_the_data_is_refused():
    load = "(x, y), _ = keras.datasets.cifar10.load_data()\nx = x[y[:, 0] == 3]\n"

    assert refusal(f"{load}model = Sequential([Dense(2, input_shape=(len(x),))])").line == 3
    few = "(x, y), _ = keras.datasets.imdb.load_data(maxlen=50)\n"
    assert "depends on data" in str(refusal(f"{few}model = Sequential([Dense(2, input_shape=x.shape)])"))


OPTIONS = """
import argparse
parser = argparse.ArgumentParser(description='trains')
parser.add_argument('-n', '--num-units', type=int, default='3')
parser.add_argument('--wide', action='store_true')
parser.add_argument('--data', required=True)
args = parser.parse_args()
if args.wide:
    args.num_units = 50
"""


@pytest.mark.parametrize("value", ["args.num_units", "vars(args)['num_units']", "parser.parse_known_args()[0].num_units"])
def test_the_options_of_a_command_line_have_their_defaults(value):
    assert units(text(f"{OPTIONS}{MODEL.replace('3', value)}")) == 3


def test_an_option_without_a_default_is_told():
    assert "option data of the command line has no default" in str(refusal(f"{OPTIONS}{MODEL.replace('3', 'len(args.data)')}"))


def test_flags_have_their_defaults():
    code = "from absl import flags\nflags.DEFINE_integer('n', 3, 'units')\nFLAGS = flags.FLAGS\n"

    assert units(text(code + MODEL.replace("3", "FLAGS.n"))) == 3


GAN = """
class Pair:
    size = 4
    def __init__(self, wide=3):
        self.wide = wide
        self.left = self.build(1)
        self.right = self.build(wide)
        i = Input((self.size,))
        self.both = Model(i, [self.left(i), self.right(i)])
        self.both.compile('adam')
    def build(self, n):
        model = Sequential()
        model.add(Dense(n, input_shape=(self.size,)))
        return model
if __name__ == '__main__':
    pair = Pair(wide=5)
    pair.train(epochs=3)
"""


def test_the_models_of_a_class_are_read():
    graph = text(GAN).graph

    assert [node["class"] for node in graph["nodes"]] == ["InputLayer", "Model", "Model"]


CLASSES = {
    "static": "class A:\n    @staticmethod\n    def f(n): return n + 1\nn = A.f(2)",
    "of the class": "class A:\n    k = 2\n    @classmethod\n    def f(cls): return cls.k + 1\nn = A().f()",
    "a property": "class A(object):\n    k = 2\n    @property\n    def n(self): return self.k + 1\nn = A().n",
    "a start": "class A:\n    def __init__(self, n=2): self.n = n\nn = A(3).n",
    "counting": "class A:\n    n = 1\n    def up(self):\n        self.n += 1\n        return self\nn = A().up().up().n",
    "names around": "k = 3\nclass A:\n    k = 50\n    def f(self): return k\nn = A().f()",
}


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_computes_as_python_does(name):
    names: dict[str, Any] = {}
    exec(CLASSES[name], names)

    assert units(text(CLASSES[name] + "\n" + MODEL.replace("3", "n"))) == names["n"] == 3


def test_an_object_that_a_branch_may_have_changed_is_not_guessed():
    code = "class A:\n    n = 3\n    def up(self): self.n = 50\na = A()\nif os.getpid():\n    a.up()\n"

    assert refusal(code + MODEL.replace("3", "a.n")).line == 5


KERAS_1 = """
from keras.layers.core import Activation, Flatten, Dropout
from keras.layers.convolutional import Convolution2D, MaxPooling2D
model = Sequential()
model.add(Convolution2D(24, 5, 3, border_mode='same', subsample=(2, 2), dim_ordering='tf', input_shape=(66, 200, 3)))
model.add(MaxPooling2D(pool_size=(2, 2), border_mode='valid'))
model.add(layers.BatchNormalization(mode=0))
model.add(Dropout(p=0.3))
model.add(Flatten())
model.add(Dense(output_dim=3, init='normal', W_regularizer='l2', bias=False))
"""


def test_the_names_of_keras_1_are_read():
    nodes = text(KERAS_1).graph["nodes"]

    assert nodes[1]["config"] == {
        "filters": 24,
        "kernel_size": [5, 3],
        "strides": [2, 2],
        "padding": "same",
        "data_format": "channels_last",
    }
    assert nodes[4]["config"] == {"rate": 0.3}
    assert nodes[6]["config"]["use_bias"] is False and nodes[6]["config"]["kernel_initializer"] == "random_normal"


def test_the_merges_of_keras_1_are_read():
    code = "from keras.layers import merge\ni = Input((4,))\nx = merge([Dense(4)(i), i], mode='concat', concat_axis=1)\n"

    assert classes(text(code + "model = Model(input=i, output=merge([x, x], 'sum'))"))[1:] == [
        "Dense",
        "Concatenate",
        "Activation",
        "Add",
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("n = len(keras.preprocessing.text.Tokenizer().word_index)", "depends on data"),
        ("import pandas\nn = pandas.read_csv('a.csv').shape[1]", "depends on data"),
        ("n = int(input())", "known only when the script runs"),
        ("from helpers import count\nn = count()", "depends on data or on a library"),
        ("from helpers import *\nn = count()", "count is not defined in this script; it may come from helpers"),
        ("from .helpers import count\nn = count()", "is defined in another file"),
    ],
)
def test_a_size_that_depends_on_something_else_is_told_as_such(line, words):
    error = refusal(f"{line}\n{MODEL.replace('3', 'n')}")

    assert words in str(error) and "not a layer" not in str(error)
    assert error.line == line.count("\n") + 1


LOADED = """
if os.path.exists('a.h5'):
    print('there is one')
    model = keras.models.load_model('a.h5')
else:
    model = Sequential([Input((4,)), Dense(3)])
model.compile('adam')
"""


def test_a_model_that_is_loaded_where_there_is_a_file_is_the_one_that_is_built_where_there_is_none():
    reading = text(LOADED)

    assert units(reading) == 3 and "no file to load" in told(reading)
    assert refusal(LOADED.replace("load_model", "load_mine")).line == 2
    assert refusal(LOADED.replace("print('there is one')", "model = Sequential([Input((4,)), Dense(9)])")).line == 2


@pytest.mark.parametrize("line", ["model.load_weights('a.h5')", "model.fit(a)", "print(model.summary())"])
def test_a_branch_that_only_uses_a_model_does_not_change_it(line):
    assert units(text(f"{MODEL}if os.path.exists('a.h5'):\n    {line}\n")) == 3
    assert refusal(f"{MODEL}if os.path.exists('a.h5'):\n    {line}\n    model.add(Dense(5))\n").line == 2


WRAPPED = """
from scikeras.wrappers import KerasClassifier
def build(n=5, depth=1):
    m = Sequential([Input((4,)), Dense(n)])
    m.compile('adam')
    return m
model = KerasClassifier(build_fn=build, n=3, epochs=4)
model.fit(a, b)
"""


def test_a_wrapper_for_scikit_learn_calls_its_builder():
    assert units(text(WRAPPED)) == 3


@pytest.mark.parametrize(
    ("layer", "size"),
    [
        ("ZeroPadding2D(((1, 0), (2, 3)))", 9), ("ZeroPadding2D(2)", 12), ("Cropping2D()", 8),
        ("Cropping2D(((1, 2), (0, 0)))", 5),
        ("Conv2D(2, 3, strides=2)", 3), ("GlobalMaxPooling2D(keepdims=True)", 1),
    ],
)  # fmt: skip
def test_a_script_that_asks_for_a_size_gets_the_one_that_keras_has(layer, size):
    code = f"i = Input((8, 8, 3))\nx = layers.{layer}(i)\nmodel = Model(i, Dense(x.shape[1])(x))\n"

    assert units(text(code)) == size


def test_a_size_that_is_not_followed_is_not_taken_for_an_open_one():
    code = "i = Input((8, 8, 3))\nx = layers.Conv2DTranspose(2, 3)(i)\nn = 3 if x.shape[1] is None else 4\n"

    assert refusal(f"{code}model = Model(i, Dense(n)(x))\n").line == 3
    assert units(text("i = Input((None, 3))\nn = 3 if i.shape[1] is None else 4\nmodel = Model(i, Dense(n)(i))\n")) == 3


def test_the_layers_of_a_network_may_be_put_into_another():
    code = "from keras.applications import VGG16\nmodel = Sequential()\n"
    code += "for layer in VGG16(input_shape=(32, 32, 3), include_top=False).layers[:3]:\n    model.add(layer)\n"

    assert classes(text(code)) == ["InputLayer", "Conv2D", "Conv2D"]


SETTINGS_IN_DOUBT = [
    "setattr(args, 'num_units', 9)",
    "args = parser.parse_args(['-n', '9'])",
    "if os.getpid():\n    args.num_units = 9",
    "if os.getpid():\n    parser.set_defaults(num_units=9)\nargs = parser.parse_args()",
]


@pytest.mark.parametrize("line", SETTINGS_IN_DOUBT)
def test_an_option_that_may_have_been_changed_is_not_guessed(line):
    assert refusal(f"{OPTIONS}{line}\n{MODEL.replace('3', 'args.num_units')}")


@pytest.mark.parametrize(
    "code",
    [
        "model = Sequential([layers.Lambda(lambda x: x * 2, input_shape=(4,)), Dense(3)])",
        "def f(t):\n    return t * 2\nmodel = Sequential([layers.Activation(f, input_shape=(4,)), Dense(3)])",
    ],
)
def test_a_function_of_the_script_may_stand_first_and_say_what_comes_in(code):
    assert classes(text(code)) == ["InputLayer", "Rescaling", "Dense"]


def test_an_activation_that_is_a_function_of_the_script_is_drawn_behind_its_layer():
    swish = "def swish(x):\n    return x * keras.backend.sigmoid(x)\n"

    assert classes(text(swish + "model = Sequential([Input((4,)), Dense(3, activation=swish)])"))[1:] == [
        "Dense",
        "Activation",
        "Multiply",
    ]
    assert refusal(swish + "model = Sequential([Input((4, 2)), layers.LSTM(3, activation=swish)])").line == 3


def test_the_order_of_dimensions_is_that_of_tensorflow():
    assert units(text(f"n = 3 if keras.backend.image_dim_ordering() == 'tf' else 4\n{MODEL.replace('3', 'n')}")) == 3


def test_a_name_that_nothing_defines_is_told():
    assert "x_train is not defined" in str(refusal(f"n = len(x_train)\n{MODEL.replace('3', 'n')}"))


def test_the_other_library_for_options_gives_two_values():
    code = "import optparse\np = optparse.OptionParser()\np.add_option('-n', default=3)\n(args, rest) = p.parse_args()\n"

    assert units(text(code + MODEL.replace("3", "args.n"))) == 3


def test_the_backend_is_known():
    assert units(text(f"n = 3 if keras.backend.backend() == 'tensorflow' else 4\n{MODEL.replace('3', 'n')}")) == 3


MADE = [
    "np.zeros((7, 5))", "np.ones(3)", "np.full((2, 3), 9)", "np.random.random((4, 2))", "np.random.rand(4, 3)",
    "np.random.randn(2)",
    "np.random.normal(0, 1, (3, 2))", "np.random.normal(size=(3, 2))",
    "np.random.randint(5, size=(6, 1))", "np.array([[1, 2, 3], [4, 5, 6]])", "np.asarray([1.5, 2])",
]  # fmt: skip


@pytest.mark.parametrize("expression", MADE)
def test_arrays_that_a_script_makes_have_the_shapes_of_numpy(expression):
    import numpy as np

    graph = text(f"model = Sequential([Dense(2, input_shape=(*{expression}.shape,))])\n").graph

    assert graph["nodes"][0]["config"]["shape"] == list(eval(expression, {"np": np}).shape)


def test_an_array_of_unequal_lists_or_of_an_unknown_size_is_refused():
    assert refusal("a = np.array([[1], [2, 3]])\nmodel = Sequential([Dense(2, input_shape=a.shape)])").line == 1


def test_a_split_keeps_all_sizes_but_the_number_of_examples():
    code = "from sklearn.model_selection import train_test_split\n(x, y), _ = keras.datasets.mnist.load_data()\n"
    code += "x, v, y, w = train_test_split(x, y, test_size=0.2)\n"

    graph = text(f"{code}model = Sequential([Dense(2, input_shape=x.shape[1:])])").graph
    assert graph["nodes"][0]["config"]["shape"] == [28, 28]
    assert refusal(f"{code}model = Sequential([Dense(2, input_shape=(len(v),))])")
