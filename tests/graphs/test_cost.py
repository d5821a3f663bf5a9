"""Multiply-adds: of single layers as counted by hand, and of whole networks as their papers give them."""

import keras
import pytest

from mhub_core.graphs import edit
from mhub_core.graphs.engine import cost, layers
from mhub_core.graphs.engine.facts import facts
from tests.graphs.drawing import chain, picture

LSTM = {"class": "LSTM", "config": {"units": 4}}
DENSE = {"class": "Dense", "config": {"units": 5}}
WINDOW = {"filters": 6, "kernel_size": 3, "padding": "same"}
BY_HAND = [
    ((8, 8, 4), "Conv2D", WINDOW, 64 * 9 * 4 * 6),
    ((8, 8, 4), "Conv2D", WINDOW | {"strides": 2}, 16 * 9 * 4 * 6),
    ((8, 8, 4), "Conv2D", WINDOW | {"groups": 2}, 64 * 9 * 2 * 6),
    ((8, 8, 4), "Conv2DTranspose", WINDOW | {"strides": 2}, 64 * 9 * 4 * 6),
    ((8, 8, 4), "DepthwiseConv2D", {"kernel_size": 3, "padding": "same"}, 64 * 9 * 4),
    ((8, 8, 4), "SeparableConv2D", WINDOW, 64 * (9 * 4 + 4 * 6)),
    ((7, 3), "Dense", {"units": 5}, 7 * 3 * 5),
    ((7, 3), "EinsumDense", {"equation": "abc,cd->abd", "output_shape": [None, 5]}, 7 * 3 * 5),
    ((7, 3), "EinsumDense", {"equation": "...x,xy->...y", "output_shape": [5]}, 7 * 3 * 5),
    ((7, 3), "LSTM", {"units": 4}, 7 * 4 * (3 + 4) * 4),
    ((7, 3), "GRU", {"units": 4}, 7 * 3 * (3 + 4) * 4),
    ((7, 3), "Bidirectional", {"layer": LSTM}, 2 * 7 * 4 * (3 + 4) * 4),
    ((7, 3), "RNN", {"cell": {"class": "SimpleRNNCell", "config": {"units": 4}}}, 7 * (3 + 4) * 4),
    ((7, 3), "TimeDistributed", {"layer": DENSE}, 7 * 3 * 5),
    ((5, 8, 8, 4), "ConvLSTM2D", WINDOW, 5 * 64 * 4 * 9 * (4 + 6) * 6),
    ((7,), "Embedding", {"input_dim": 100, "output_dim": 8}, 0),
    ((8, 8, 4), "BatchNormalization", {}, 0),
    ((None, None, 4), "Conv2D", WINDOW, 9 * 4 * 6),
]


@pytest.mark.parametrize("shape, class_name, config, count", BY_HAND)
def test_a_layer_is_counted_as_by_hand(shape, class_name, config, count):
    fact = facts(chain(picture(*shape), (class_name, config)), 10**6)["nodes"]["n2"]
    assert fact["multiply_adds"] == count


@pytest.mark.parametrize(
    "class_name, config, count",
    [
        # 6 positions of 8 numbers, 2 heads of 3: four projections, then query x key and scores x value.
        ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, 4 * 6 * 8 * 6 + 2 * 6 * 6 * (3 + 3)),
        ("GroupQueryAttention", {"num_query_heads": 2, "num_key_value_heads": 1, "head_dim": 3},
         2 * 6 * 8 * 6 + 2 * 6 * 8 * 3 + 2 * 6 * 6 * 6),
        ("Attention", {}, 6 * 6 * (8 + 8)),
        ("Dot", {"axes": 2}, 6 * 6 * 8),
    ],
)  # fmt: skip
def test_layers_of_several_inputs_are_counted_as_by_hand(class_name, config, count):
    graph = edit.connect(chain(picture(6, 8), (class_name, config)), "n1", "n2")
    assert facts(graph, 10**6)["nodes"]["n2"]["multiply_adds"] == count


# In millions, from the papers: arXiv:1801.04381 table 4, and 3.8 * 10^9 for ResNet-50 in arXiv:1512.03385 table 1.
@pytest.mark.parametrize("name, published", [("MobileNetV2", 300), ("ResNet50", 3_800)])
def test_a_published_network_costs_what_its_paper_says(name, published):
    with layers.weightless():
        model = getattr(keras.applications, name)(weights=None)
    counted = sum(cost.multiply_adds(layer, _shapes(layer.input), _shapes(layer.output)) for layer in model.layers)
    assert counted / 1e6 == pytest.approx(published, rel=0.03)


def _shapes(tensors):
    return [tuple(tensor.shape) for tensor in keras.tree.flatten(tensors)]
