"""A design becomes Keras: shapes and counts without weights, errors at their node, and a model that works."""

import numpy as np
import psutil
import pytest

from mhub_core.catalog import catalog, fields
from mhub_core.errors import Invalid
from mhub_core.graphs import design, edit
from mhub_core.graphs.engine.build import build
from mhub_core.graphs.engine.facts import facts
from mhub_core.reading import read
from tests.graphs.drawing import chain, dense, picture, row

LIMIT = 50_000_000
SHAPES = ([8, 8, 3], [6, 8], [8], [8, 8, 8, 3], [4, 8, 8, 3], [4, 6, 6, 6, 2], [16000], [16000, 1])


def _error(*layers):
    found = facts(chain(*layers), LIMIT)["nodes"]
    return next(fact["error"] for fact in found.values() if "error" in fact)


def test_facts_are_what_keras_says_of_the_built_model():
    convolution = ("Conv2D", {"filters": 8, "kernel_size": 3})
    graph = chain(picture(28, 28, 1), convolution, "BatchNormalization", "Flatten", dense(10))
    found, model = facts(graph, LIMIT), build(graph, LIMIT)
    for node, layer in zip(graph["nodes"], model.layers):
        fact = found["nodes"][node["id"]]
        assert (fact["parameters"], tuple(fact["output_shape"])) == (layer.count_params(), tuple(layer.output.shape))
    trainable = sum(weight.numpy().size for weight in model.trainable_weights)
    assert found["totals"]["parameters"] == model.count_params() and found["totals"]["trainable_parameters"] == trainable


HUGE = [dense(10**9), ("LSTM", {"units": 10**6}), ("Embedding", {"input_dim": 10**9, "output_dim": 99})]


@pytest.mark.parametrize("layer", HUGE)
def test_a_billion_units_are_refused_without_allocating(layer):
    process = psutil.Process()
    inputs = ("InputLayer", {"shape": [4, 99] if layer[0] == "LSTM" else [99]})
    facts(chain(inputs, "Flatten", dense(3)), LIMIT)
    before = process.memory_info().rss
    with pytest.raises(Invalid, match="limit of 50,000,000"):
        build(chain(inputs, layer), LIMIT)
    # The scope of Keras in which the next model is made must not bring the refused weights back.
    build(chain(row(4), dense(3)), LIMIT)
    assert process.memory_info().rss - before < 100e6


def test_many_layers_that_pass_the_limit_together_are_refused_too():
    graph = chain(row(1000), *[dense(1000)] * 5)
    assert "limit of 3,000,000" in facts(graph, 3_000_000)["nodes"]["n4"]["error"]["message"]


def test_an_output_that_would_fill_the_memory_is_refused():
    assert "200,000,000 values" in _error(picture(64, 64, 3), ("UpSampling2D", {"size": 1000}))["message"]


def test_layers_behind_a_broken_one_wait_for_it_and_the_rest_goes_on():
    graph = chain(row(4), dense(8), "Conv2D", "Flatten", dense(3))
    found = facts(graph, LIMIT)["nodes"]
    assert found["n2"]["parameters"] == 40 and "error" in found["n3"]
    assert found["n4"] == found["n5"] == {"waiting_for": "conv2d"}


def test_a_half_drawn_design_has_facts_for_what_is_connected():
    graph, loose = edit.add_node(chain(row(4), dense(3)), "Dense")
    found = facts(graph, LIMIT)
    assert found["nodes"]["n2"]["output_shape"] == [None, 3]
    assert "not connected" in found["nodes"][loose]["error"]["message"]


def test_an_empty_design_and_one_without_input_say_so():
    assert "empty" in facts(design.empty(), LIMIT)["problems"][0]["message"]
    assert "no input" in facts(chain(dense(3)), LIMIT)["problems"][0]["message"]


def test_layers_in_a_circle_are_told_and_nothing_hangs():
    graph = chain(row(4), "Add", dense(4), dense(3))
    graph["edges"].append({"source": "n3", "target": "n2", "port": "inputs", "order": 1})
    found = facts(graph, LIMIT)["nodes"]
    assert "cycle" in found["n2"]["error"]["message"] and "waiting_for" in found["n4"]


@pytest.mark.parametrize(
    "layers, message, mend",
    [
        ((row(13), "Conv2D"), "needs images", "Reshape"),
        ((picture(8, 8, 1), "Flatten", "LSTM"), "needs a sequence", "Reshape"),
        ((picture(6, 8), "LSTM", "LSTM"), "needs a sequence", "return_sequences"),
        ((picture(4, 4, 1), ("Conv2D", {"filters": 2, "kernel_size": 7})), "window larger", "same"),
        ((picture(2, 2, 1), ("MaxPooling2D", {"pool_size": 3})), "window larger", "same"),
        ((row(10), ("Reshape", {"target_shape": [3, 4]})), "target shape", "-1"),
        ((picture(None, None, 3), "Flatten", "Dense"), "open", "fixed size"),
        ((picture(4, 4, 3), ("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 2})), "equal groups", "divides"),
    ],
)
def test_frequent_mistakes_are_explained_in_plain_words(layers, message, mend):
    error = _error(*layers)
    assert message in error["message"] and mend in error["mend"]


def test_every_activation_that_is_offered_gives_what_is_said():
    graph = chain(row(6))
    for name in fields.ACTIVATIONS:
        graph, node_id = edit.add_node(graph, "Activation", config={"activation": name})
        graph = edit.connect(graph, "n1", node_id)
    assert [answer.shape for answer in build(graph, LIMIT)(np.ones((2, 6)))] == [(2, 6)] * len(fields.ACTIVATIONS)


@pytest.mark.parametrize("name", ["glu", "threshold"])
def test_an_activation_that_no_layer_can_carry_is_refused_also_in_a_script(name):
    script = "import keras\nmodel = keras.Sequential([keras.Input((8,)), keras.layers.Dense(8, activation={})])"
    with pytest.raises(Invalid, match=f"cannot be {name}: it"):
        chain(row(8), dense(8, activation=name))
    for written in (f"'{name}'", f"keras.activations.{name}"):
        with pytest.raises(Invalid, match=f"cannot be {name}: it"):
            read.read_text(script.format(written))


def test_words_that_reach_a_layer_for_numbers_are_told():
    graph = chain(("InputLayer", {"shape": [4], "dtype": "string"}), ("Reshape", {"target_shape": [2, 2]}), dense(3))
    found = facts(graph, LIMIT)["nodes"]
    assert "output_shape" in found["n2"] and "works on numbers, but receives words" in found["n3"]["error"]["message"]


def test_a_merge_of_different_shapes_is_explained():
    graph = edit.connect(chain(row(4), dense(8), "Add"), "n1", "n3")
    assert "different shapes: 8 and 4" in facts(graph, LIMIT)["nodes"]["n3"]["error"]["message"]


def test_building_a_broken_design_names_every_node_at_fault():
    with pytest.raises(Invalid) as caught:
        build(chain(row(4), dense(3), "Conv2D"), LIMIT)
    assert list(caught.value.problems) == ["n3"] and "needs images" in caught.value.happened


def test_several_inputs_and_outputs_become_one_model():
    graph = chain(row(4), dense(8), "Concatenate", dense(3))
    graph, other = edit.add_node(graph, "InputLayer", config={"shape": [2]})
    graph, second = edit.add_node(edit.connect(graph, other, "n3"), "Dense", config={"units": 1})
    model = build(edit.connect(graph, "n3", second), LIMIT)
    answers = model.predict([np.zeros((5, 4)), np.zeros((5, 2))], verbose=0)
    assert [answer.shape for answer in answers] == [(5, 3), (5, 1)]


def test_attention_takes_one_tensor_at_several_ports():
    graph = chain(("InputLayer", {"shape": [6, 8]}), "MultiHeadAttention")
    model = build(edit.connect(graph, "n1", "n2", "value"), LIMIT)
    assert model.output_shape == (None, 6, 8)


def test_nested_layers_are_built_with_their_own_settings():
    inner = {"class": "GRU", "config": {"units": 5, "return_sequences": True}}
    graph = chain(picture(7, 3), ("Bidirectional", {"layer": inner, "merge_mode": "sum"}))
    assert build(graph, LIMIT).output_shape == (None, 7, 5)


# Layers that need more than one picture, sequence or row: labels beside images, words, boxes.
SPECIAL = {"CutMix", "MixUp", "MaxNumBoundingBoxes", "StringLookup", "TextVectorization", "HashedCrossing", "Hashing"}
FORMS = [block for block in catalog.list_layers() if not block.no_form and block.role != "part"]


def _designs(block):
    """Yield the layer as it comes fresh from the palette, behind inputs of several shapes."""
    for shape in SHAPES:
        graph = chain(("InputLayer", {"shape": shape}), block.name)
        ports = block.ports[1:] or (("inputs",) if block.role == "merge" else ())
        for port in ports:
            graph = edit.connect(graph, "n1", "n2", port)
        yield graph


@pytest.mark.slow
@pytest.mark.parametrize(
    "block", [block for block in FORMS if block.role != "input" and block.name not in SPECIAL], ids=lambda block: block.name
)
def test_every_layer_builds_fresh_from_the_palette(block):
    built = ["output_shape" in facts(graph, LIMIT)["nodes"]["n2"] for graph in _designs(block)]
    assert any(built)
