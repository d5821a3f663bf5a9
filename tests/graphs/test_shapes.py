"""Shapes that are followed without Keras are those of Keras: a size may be open, but none that is told is wrong."""

import pytest

from mhub_core.catalog import catalog
from mhub_core.graphs import edit, ports, shapes
from mhub_core.graphs.engine.facts import facts
from tests.graphs.drawing import chain

LIMIT = 50_000_000
# Layers of words and of sound make of nearly any shape something of their own.
OTHERS = {"CutMix", "MixUp", "MaxNumBoundingBoxes", "MelSpectrogram", "TextVectorization"}
LAYERS = [block for block in catalog.list_layers() if not block.no_form and block.role not in ("input", "part")]
GIVEN = ([6, 8], [8, 8, 3], [8], [8, 8, 8, 3], [4, 8, 8, 3], [4, 6, 6, 6, 2])
# A second setting of what changes a shape.
CHANGED = {
    "strides": 2, "return_sequences": True, "return_state": True, "data_format": "channels_first",
    "keepdims": True, "output_shape": [5], "output_mode": "one_hot", "depth_multiplier": 2, "axis": 1, "groups": 1,
}  # fmt: skip


def _fed(arriving, class_name, config=None):
    """One layer that each of several inputs feeds."""
    block = catalog.require_layer(class_name)
    taken = ports.of({"class": class_name, "config": {}})
    graph, layer = edit.add_node(chain(), class_name, config={**catalog.first_config(block), **(config or {})})
    for place, shape in enumerate(arriving):
        graph, node_id = edit.add_node(graph, "InputLayer", config={"shape": shape})
        graph = edit.connect(graph, node_id, layer, taken[0 if taken[0].many else place].name)
    return graph


def _assert_true(graph):
    """Every size told of a design that builds must be that of Keras. Return whether it builds."""
    exact = facts(graph, LIMIT)["nodes"]
    if any("output_shape" not in fact for fact in exact.values()):
        return False
    for node_id, told in shapes.trace(graph).items():
        real = [shape[1:] for shape in exact[node_id].get("outputs", [exact[node_id]["output_shape"]])]
        assert [len(shape) for shape in told] == [len(shape) for shape in real]
        assert all(size in (None, other) for mine, its in zip(told, real) for size, other in zip(mine, its)), (told, real)
    return True


@pytest.mark.slow
@pytest.mark.parametrize("block", [block for block in LAYERS if block.name not in OTHERS], ids=lambda block: block.name)
def test_no_size_of_any_layer_is_told_wrong(block):
    inputs = max(block.min_inputs, 2 if block.role == "merge" or block.family == "attention" else 1)
    settings = [{}] + [{item.name: CHANGED[item.name]} for item in block.arguments if item.name in CHANGED]
    if block.argument("padding") and block.argument("padding").choices:
        settings.append({"padding": "same"})
    assert any([_assert_true(_fed([shape] * inputs, block.name, config)) for shape in GIVEN for config in settings])


HEADS = {"num_heads": 2, "key_dim": 4}
DENSE = {"class": "Dense", "config": {"units": 5}}
LSTM = {"class": "LSTM", "config": {"units": 4, "return_state": True, "return_sequences": True}}
MIXED = [
    ([[4, 1], [4, 8]], "Add", {}),
    ([[1, 1, 8], [4, 4, 8]], "Multiply", {}),
    ([[8], [6, 8]], "Subtract", {}),
    ([[8], [1, 8], [5, 1]], "Maximum", {}),
    ([[6, 3], [6, 5], [6, 2]], "Concatenate", {}),
    ([[4, 3], [5, 3]], "Concatenate", {"axis": 1}),
    ([[5, 8], [6, 7], [6, 8]], "Attention", {}),
    ([[5, 4], [6, 7], [6, 4]], "AdditiveAttention", {}),
    ([[5, 3], [6, 7]], "MultiHeadAttention", HEADS),
    ([[5, 3], [6, 7]], "MultiHeadAttention", {**HEADS, "output_shape": [9]}),
    ([[5, 3], [6, 3]], "GroupQueryAttention", {"head_dim": 4, "num_query_heads": 2, "num_key_value_heads": 1}),
    ([[8]], "SpectralNormalization", {"layer": DENSE}),
    ([[6, 8]], "TimeDistributed", {"layer": DENSE}),
    ([[6, 4, 4, 2]], "TimeDistributed", {"layer": "Flatten"}),
    ([[6, 8]], "Bidirectional", {"layer": LSTM}),
    ([[6, 8]], "Bidirectional", {"layer": LSTM, "merge_mode": None}),
    ([[6, 8]], "RNN", {"cell": {"class": "GRUCell", "config": {"units": 3}}, "return_state": True}),
    ([[4, 3, 8, 8]], "ConvLSTM2D", {"filters": 5, "kernel_size": 3, "data_format": "channels_first", "return_state": True}),
    ([[None, None, 3]], "Conv2DTranspose", {"filters": 5, "kernel_size": 3, "strides": 2, "padding": "same"}),
    ([[None, 3]], "Conv1D", {"filters": 5, "kernel_size": 3, "dilation_rate": 2}),
    ([[None, 3]], "EinsumDense", {"equation": "abc,cd->abd", "output_shape": [None, 7]}),
    ([[None, 4]], "Reshape", {"target_shape": [-1, 2]}),
]


@pytest.mark.parametrize("given, class_name, config", MIXED, ids=[f"{name} {given}" for given, name, _ in MIXED])
def test_no_size_of_mixed_inputs_and_nested_layers_is_told_wrong(given, class_name, config):
    assert _assert_true(_fed(given, class_name, config))


def test_what_is_known_for_sure_is_told():
    for given, class_name, config, told in (
        ([[1, 1, 8], [4, 4, 8]], "Multiply", {}, [4, 4, 8]),
        ([[5, 8], [6, 7], [6, 8]], "Attention", {}, [5, 7]),
        ([[6, 4, 4, 2]], "TimeDistributed", {"layer": "Flatten"}, [6, 32]),
    ):
        assert shapes.trace(_fed(given, class_name, config))["n1"] == [told]
