"""What other people's programs write about a model is read as data: exactly when it can be, in words when it cannot."""

from __future__ import annotations

import io
import json
import struct
import time
import tracemalloc
import zipfile
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from mhub_core.graphs import walk
from mhub_core.graphs.engine import build
from mhub_core.reading import read
from mhub_core.reading.records import Reading, Unreadable
from tests import applications

MOST = 10_000_000


def through(model: keras.Model) -> tuple[keras.Model, Reading]:
    """Return a model after it was written as JSON, read and built, with the same weights; and what reading told."""
    reading = read.read("model.json", model.to_json().encode())
    made = build.build(reading.graph, MOST)
    made.set_weights(model.get_weights())
    return made, reading


def config(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the config of a Sequential model of these layers behind an input of 4 numbers."""
    start = {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [None, 4], "name": "i"}}
    return {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [start, *entries]}, **more}


def entry(class_name: str = "Dense", module: Any = "keras.layers", **settings: Any) -> dict[str, Any]:
    return {"module": module, "class_name": class_name, "config": {"name": "l", **settings}, "registered_name": None}


def refusal(value: Any, name: str = "model.json") -> Unreadable:
    with pytest.raises(Unreadable) as refused:
        read.read(name, value if isinstance(value, bytes) else json.dumps(value).encode())
    assert refused.value.mend
    return refused.value


def zipped(packing: int = zipfile.ZIP_DEFLATED, **members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return file.getvalue()


@pytest.mark.slow
def test_a_network_of_keras_applications_goes_through_the_hub_and_stays_equal(tmp_path):
    model = applications.original("MobileNetV2", input_shape=(32, 32, 3), alpha=0.35, classes=10)

    found = applications.round_trip(model, tmp_path)

    assert found["layers"] == 156
    assert [found[way] for way in ("in", "json out", "python out")] == [0, 0, 0]


def test_pieces_of_convnext_become_public_layers_that_do_the_same():
    from keras.src.applications.convnext import LayerScale, StochasticDepth

    inputs = keras.Input((6, 6, 4))
    branch = StochasticDepth(0.3)(LayerScale(0.5, 4)(layers.Conv2D(4, 3, padding="same")(inputs)))
    model = keras.Model(inputs, inputs + branch)

    made, reading = through(model)

    images = np.random.default_rng(0).random((3, 6, 6, 4), dtype="float32")
    assert np.abs(model(images) - made(images)).max() < 1e-6
    assert [node["class"] for node in reading.graph["nodes"]] == ["InputLayer", "Conv2D", "EinsumDense", "Dropout", "Add"]
    assert len(reading.notes) == 3
    assert made.output_shape == (None, 6, 6, 4)  # EinsumDense forgets sizes that it is not told.


CALCULATIONS = {
    "sums": lambda x: (1 - x) * 2 / 3 + x - (x - 1),
    "powers": lambda x: -(x**2) + ops.square(x),
    "absolutes": lambda x: ops.absolute(x - 0.5) + ops.abs(x),
    "extremes": lambda x: ops.maximum(x, 0) + ops.minimum(x, 0.5 * x),
    "activations": lambda x: (
        ops.gelu(x, approximate=False) + ops.leaky_relu(x, 0.3) + ops.softmax(x, axis=1) + ops.exp(ops.silu(x))
    ),
    "shapes": lambda x: ops.squeeze(ops.expand_dims(ops.transpose(ops.reshape(x, (-1, 12, 2)), (0, 2, 1)), 1), 1),
    "pools": lambda x: ops.mean(x, axis=(1, 2), keepdims=True) * ops.max(x, axis=[1, 2], keepdims=True),
    "positions": lambda x: ops.mean(x, axis=(2, 3)),
    "parts": lambda x: ops.concatenate([x[:, 1:-1, 2:], x[:, :2, -1:]], axis=-2),
    "rows": lambda x: x[:, -1] * x[:, 0, ...] - x[:, 1:2, :][:, 0],
    "padded": lambda x: ops.pad(x, [[0, 0], [1, 0], [0, 2], [0, 0]]),
    "products": lambda x: ops.matmul(ops.reshape(x, (-1, 4, 6)), ops.reshape(x, (-1, 6, 4))),
    "clipped": lambda x: ops.clip(x, 0, 0.5) + ops.relu6(x) * x[:, :, 1:2, :],
}


@pytest.mark.parametrize("name", CALCULATIONS)
def test_a_calculation_on_tensors_gives_the_same_numbers_as_its_layers(name):
    inputs = keras.Input((4, 3, 2))
    calculated = inputs * 1.0
    model = keras.Model(inputs, CALCULATIONS[name](calculated))

    made, _ = through(model)

    images = np.random.default_rng(0).normal(size=(5, 4, 3, 2)).astype("float32")
    assert model(images).shape == made(images).shape
    assert np.abs(model(images) - made(images)).max() < 1e-5


@pytest.mark.parametrize(
    "calculate",
    [lambda x: x[:, None], lambda x: x[:, ::2], lambda x: ops.sum(x), lambda x: 1 / x,
     lambda x: ops.concatenate([x, x], axis=0), lambda x: ops.reshape(x, (6, -1)), lambda x: ops.mean(x, axis=0),
     lambda x: x + ops.mean(x, axis=(1, 2)), lambda x: ops.transpose(x), lambda x: ops.mean(x, axis=(1, 3))],
    ids=range(10),
)  # fmt: skip
def test_a_calculation_that_no_layer_does_is_refused_by_its_name(calculate):
    inputs = keras.Input((2, 3, 2))

    error = refusal(json.loads(keras.Model(inputs, calculate(inputs)).to_json()))

    assert "has no layer that does the same" in str(error)


def test_states_shared_layers_attention_masks_and_several_outputs_are_read():
    words = keras.Input((5,), name="words")
    embedded = layers.Embedding(10, 4, mask_zero=True)(words)
    sequence, *states = layers.LSTM(4, return_sequences=True, return_state=True)(embedded)
    attended, scores = layers.MultiHeadAttention(2, 2)(sequence, embedded, return_attention_scores=True, use_causal_mask=True)
    dense, kind = layers.Dense(3), layers.Bidirectional(layers.GRU(2, recurrent_initializer=keras.initializers.Orthogonal(0.5)))
    model = keras.Model(
        words, [dense(attended), dense(sequence), scores, layers.LSTM(4)(sequence, initial_state=states), kind(attended)]
    )

    made, _ = through(model)

    rows = np.array([[1, 2, 3, 0, 0], [4, 5, 6, 7, 8]])
    assert max(np.abs(a - b).max() for a, b in zip(model(rows), made(rows), strict=True)) < 1e-6


def test_a_model_in_a_model_becomes_a_node_that_opens():
    tower = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation=layers.LeakyReLU(0.1))], name="tower")
    left, right = keras.Input((4,)), keras.Input((4,))
    model = keras.Model([left, right], ops.concatenate([tower(left), tower(right)], axis=-1))

    made, reading = through(model)

    towers = [node for node in reading.graph["nodes"] if node["class"] == walk.SUB_MODEL]
    assert [node["class"] for node in walk.inner(towers[0])["nodes"]] == ["InputLayer", "Dense", "LeakyReLU"]
    assert [node.get("shares") for node in towers] == [None, towers[0]["id"]]
    rows = np.random.default_rng(0).random((2, 3, 4), dtype="float32")
    assert np.abs(model([*rows]) - made([*rows])).max() < 1e-6


def test_a_name_that_no_diagram_takes_is_changed_and_told():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2, name="1st <b>layer")])

    _, reading = through(model)

    assert reading.graph["nodes"][1]["name"] == "layer_1st_b_layer"
    assert "<b>" in reading.notes[0].words


def test_what_keras_2_wrote_is_read_too():
    old = [
        {"class_name": "InputLayer", "name": "a", "config": {"batch_input_shape": [None, 4], "name": "a"}, "inbound_nodes": []},
        {"class_name": "Dense", "name": "d", "config": {"units": 3, "name": "d"}, "inbound_nodes": [[["a", 0, 0, {}]]]},
        {"class_name": "Add", "name": "s", "config": {"name": "s"}, "inbound_nodes": [[["d", 0, 0, {}], ["e", 0, 0, {}]]]},
        {"class_name": "Dense", "name": "e", "config": {"units": 3, "name": "e"}, "inbound_nodes": [[["a", 0, 0, {}]]]},
    ]
    ends = {"input_layers": [["a", 0, 0]], "output_layers": [["s", 0, 0]]}

    reading = read.read(
        "old.json", json.dumps({"class_name": "Functional", "config": {"name": "m", "layers": old, **ends}}).encode()
    )

    assert sorted(node["class"] for node in reading.graph["nodes"]) == ["Add", "Dense", "Dense", "InputLayer"]


def test_a_design_of_the_hub_comes_back_as_it_was():
    graph = read.read("m.json", json.dumps(config(entry(units=2))).encode()).graph

    assert read.read("mine.json", json.dumps(graph).encode()).graph == graph


DENSE = entry(units=2)
LAMBDA = entry("Lambda", function={"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}})


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (config(LAMBDA), "Lambda"),
        (config(entry("Evil", None) | {"registered_name": "Custom>Evil"}), "Custom>Evil"),
        (config(entry("Dense", "os", units=2)), "not part of Keras"),
        (config(entry("Dense", "my.keras.layers", units=2)), "not part of Keras"),
        (config(entry("Nothing")), "Nothing"),
        (config(entry(units="many")), "units"),
        (config(entry(units=2, shell="rm")), "shell"),
        (config(entry(units=2, activation={"module": "os", "class_name": "function", "config": "system"})), "system"),
        (config(entry(units=2, kernel_initializer={"module": "os", "class_name": "system", "config": {}})), "system"),
        (config(entry(kernel_initializer={"module": "keras", "class_name": "nope", "config": {}})), "kernel_initializer"),
        (config(entry("StringLookup", vocabulary="/etc/passwd")), "vocabulary"),
        (config(entry("TFSMLayer", filepath="/etc")), "TFSMLayer"),
        (config(entry(units=2, dtype={"class_name": "DTypePolicyMap", "config": {}})), "dtype"),
        (config(*[DENSE] * 5_100), "5,000 layers"),
        (config(*[entry(units=2) | {"config": {"units": 2}} for _ in range(1_200)]), "1000 layers|1,000 layers"),
        ({"module": "keras", "class_name": "Sequential", "config": {"layers": []}}, "list of layers"),
        ({"class_name": "Sequential", "config": {"layers": [DENSE]}}, "shape"),
        (config(DENSE)["config"]["layers"][1], "not of a model"),
        ([1, 2], "not a model"),
        ({"format": 1, "nodes": 7, "edges": []}, "list"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_hostile_config_is_refused_with_what_is_wrong(value, told):
    error = refused_soon(value)

    assert any(word in str(error) + str(error.problems) for word in told.split("|")), error


def refused_soon(value: Any) -> Exception:
    """Return why a config is refused, which must not take long."""
    began = time.process_time()
    with pytest.raises(Unreadable) as refused:
        read.read("model.json", json.dumps(value).encode())
    assert time.process_time() - began < 3
    return refused.value


def test_models_inside_models_without_end_are_refused():
    model = config(DENSE)
    for _ in range(8):
        model = config(model | {"name": "deeper"})

    assert "deep" in str(refusal(model))


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 5_000 + "1" + "}" * 5_000, '{"class_name": NaN}', '{"a": 1e999}', '{"a": ' + "9" * 5_000 + "}",
     "{]", "", '{"class_name": "Sequential", "config": {"layers": [' + "1," * 2_000_000 + "1]}}", "\ufffe",
     json.dumps(config(DENSE) | {"name": "\ud800"}), json.dumps(config(DENSE) | {"\udfff": 1})],
    ids=range(11),
)  # fmt: skip
def test_broken_json_is_refused_in_words(text):
    assert refusal(text.encode("utf-8", "surrogatepass"))


def test_a_cycle_is_refused():
    tensor = {"class_name": "__keras_tensor__", "config": {"shape": [None, 4], "dtype": "float32", "keras_history": ["l", 0, 0]}}
    looped = entry(units=4) | {"name": "l", "inbound_nodes": [{"args": [tensor], "kwargs": {}}]}
    ends = {"input_layers": [["l", 0, 0]], "output_layers": [["l", 0, 0]]}

    assert "cycle" in str(refusal({"class_name": "Functional", "config": {"layers": [looped], **ends}}))


CONFIG = json.dumps(config(DENSE)).encode()
WEIGHTS = {"metadata_dot_json": b"{}", "model_dot_weights_dot_h5": b"not even HDF5"}


def test_only_the_config_of_a_keras_file_is_read_and_the_rest_is_told():
    reading = read.read("mine.keras", zipped(config_dot_json=CONFIG, **WEIGHTS))

    assert [node["class"] for node in reading.graph["nodes"]] == ["InputLayer", "Dense"]
    assert "weights" in reading.notes[0].words


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (zipped(config_dot_json=CONFIG, assets__words_dot_txt=b"a"), "vocabulary"),
        (zipped(config_dot_json=CONFIG, **{"..__evil_dot_py": b"a"}), "points outside it: '../evil.py'"),
        (zipped(config_dot_json=CONFIG, evil_dot_py=b"a"), "evil.py"),
        (zipped(config_dot_json=b" " * 7_000_000), "larger"),
        (zipped(config_dot_json=b"\0" * 100_000_000), "would take 100 MB"),
        (zipped(metadata_dot_json=b"{}"), "config.json"),
        (zipped(config_dot_json=b"\xff"), "damaged"),
        (zipped(config_dot_json=CONFIG, **{f"f{number}": b"" for number in range(2_000)}), "list of files takes 0.1 MB"),
        (zipped(config_dot_json=CONFIG)[:-30], "not a zip"),
        (b"PK\x03\x04" + b"\0" * 100, "not a zip"),
        (b"", "not a zip"),
    ],
    ids=range(11),
)  # fmt: skip
def test_a_hostile_keras_file_is_refused(data, told):
    assert told in str(refusal(data, "model.keras"))


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED])
def test_a_keras_file_that_lies_about_its_size_takes_little_memory(packing):
    size, told = 50_000_000, 60_000
    data = zipped(packing, config_dot_json=b" " * size).replace(struct.pack("<I", size), struct.pack("<I", told))

    tracemalloc.start()
    error = refusal(data, "model.keras")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "not a .keras file" in str(error) and peak < 30_000_000


def test_notes_without_end_end():
    unused = [entry() | {"config": {"name": f"u{number}", "units": 2}} for number in range(5_000)]
    value = json.loads(keras.Model(i := keras.Input((4,), name="i"), layers.Dense(2, name="d")(i)).to_json())
    value["config"]["layers"] += unused

    notes = read.read_text(json.dumps(value)).notes

    assert len(notes) == 201 and "more" in notes[-1].words


MODELS_OF_MODELS = """
import keras
i = keras.Input((4,))
def use(ms):
    x = i
    for m in ms:
        x = m(x)
    return keras.Model(i, x)
ms = [keras.Model(i, keras.layers.Dense(4)(i))]
for depth in range(4):
    ms = [use(ms) for _ in range(30)]
model = use(ms)
"""


def test_models_that_use_models_are_not_drawn_without_end():
    began = time.process_time()

    with pytest.raises(Unreadable, match="1,000 layers"):
        read.read_text(MODELS_OF_MODELS)
    assert time.process_time() - began < 3


def test_a_file_of_another_kind_is_refused_with_what_is_read():
    assert ".keras, .json, .py, .ipynb" in str(refusal(b"", "weights.pt"))
    assert "HDF5" in str(refusal(b"", "model.h5"))


@pytest.mark.parametrize("class_name", ["BatchNormalization", "LayerNormalization", "GroupNormalization", "Softmax"])
def test_an_axis_in_a_list_as_keras_2_wrote_it_is_read(class_name):
    settings = {"groups": 1} if class_name == "GroupNormalization" else {}
    nodes = read.read_text(json.dumps(config(entry(class_name, axis=[1], **settings)))).graph["nodes"]

    assert nodes[1]["config"]["axis"] in (1, [1])


@pytest.mark.parametrize("inside", [{"model_config": config(DENSE)}, config(DENSE), {"model_config": json.dumps(config(DENSE))}])
def test_a_layers_model_of_tensorflow_js_is_read(inside):
    browser = {"format": "layers-model", "modelTopology": {**inside, "keras_version": "2.4.0"}, "weightsManifest": []}

    reading = read.read("model.json", json.dumps(browser).encode())

    assert [node["class"] for node in reading.graph["nodes"]] == ["InputLayer", "Dense"]
    assert reading.notes[0].words == read.NO_WEIGHTS


def test_a_graph_model_of_tensorflow_js_is_refused_as_what_it_is():
    assert "graph model" in str(refusal({"format": "graph-model", "modelTopology": {"node": [{"op": "Const"}]}}))


def old_model(**layers: Any) -> Reading:
    """Read a Functional model as Keras 2 wrote it: of layers (class, config, inbound nodes) behind inputs a and b."""
    start = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 4, 6]}, "inbound_nodes": []}
    entries = [{**start, "name": name} for name in "ab"]
    entries += [{"class_name": kind, "name": name, "config": c, "inbound_nodes": n} for name, (kind, c, n) in layers.items()]
    ends = {"input_layers": [["a", 0, 0], ["b", 0, 0]], "output_layers": [[entries[-1]["name"], 0, 0]]}
    return read.read_text(json.dumps({"class_name": "Functional", "config": {"layers": entries, **ends}}))


PLUS = ("TFOpLambda", {"function": "__operators__.add"}, [["a", 0, 0, {"y": ["b", 0, 0], "name": None}]])
HEADS = {"num_heads": 2, "key_dim": 3}
CUT = {"slice_spec": [{"start": None, "stop": None, "step": None}, {"start": 1, "stop": None, "step": None}]}


@pytest.mark.parametrize(
    ("layers", "drawn"),
    [
        ({"s": PLUS}, ["Add"]),
        ({"s": PLUS, "r": ("TFOpLambda", {"function": "nn.relu"}, [["s", 0, 0, {"name": None}]])}, ["Add", "Activation"]),
        ({"s": PLUS, "t": ("TFOpLambda", {"function": "math.multiply"}, [["s", 0, 0, {"y": 2.0}]])}, ["Add", "Rescaling"]),
        ({"c": ("TFOpLambda", {"function": "concat"}, [[["a", 0, 0, {"axis": -1}], ["b", 0, 0, {}]]])}, ["Concatenate"]),
        ({"s": PLUS, "g": ("SlicingOpLambda", {"function": "__operators__.getitem"}, [["s", 0, 0, CUT]])}, ["Add", "Cropping1D"]),
        ({"m": ("Attention", {}, [[["a", 0, 0, {}], ["b", 0, 0, {}]]])}, ["Attention"]),
        ({"m": ("MultiHeadAttention", HEADS, [[["a", 0, 0, {"value": ["b", 0, 0]}]]])}, ["MultiHeadAttention"]),
    ],
)  # fmt: skip
def test_calculations_and_named_tensors_of_keras_2_are_read(layers, drawn):
    assert [node["class"] for node in old_model(**layers).graph["nodes"]][2:] == drawn


def test_the_json_of_keras_1_is_read():
    settings = {"nb_filter": 3, "nb_row": 2, "nb_col": 3, "border_mode": "same", "subsample": [1, 2], "dim_ordering": "tf"}
    first = {"class_name": "Convolution2D", "config": {"batch_input_shape": [None, 8, 8, 1], "name": "c", **settings}}
    dense = {"class_name": "Dense", "config": {"output_dim": 2, "init": "glorot_uniform", "bias": True, "input_dim": None}}
    layers = [first, {"class_name": "Flatten", "config": {}}, dense]

    nodes = read.read_text(json.dumps({"class_name": "Sequential", "config": layers, "keras_version": "1.2.2"})).graph["nodes"]

    assert [node["class"] for node in nodes] == ["InputLayer", "Conv2D", "Flatten", "Dense"]
    assert nodes[1]["config"]["kernel_size"] == [2, 3] and nodes[3]["config"]["units"] == 2
