"""Designs in which every layer is linear are noticed, and no others."""

from __future__ import annotations

import numpy as np
import pytest

from mhub_core.graphs import edit, linear, stock
from mhub_core.graphs.engine import build
from tests.graphs.drawing import chain, dense, picture, row

CONV = ("Conv2D", {"filters": 4, "kernel_size": 3})


def names(graph: dict) -> list[str]:
    return [node["name"] for node in linear.hidden_layers(graph)]


def test_layers_in_a_row_without_an_activation_are_named_whatever_linear_layers_lie_between():
    graph = chain(picture(8, 8, 1), CONV, "AveragePooling2D", "BatchNormalization", "Flatten", dense(8), "Dropout", dense(3))
    assert names(graph) == ["conv2d", "dense"]
    for ending in (dense(3, activation="softmax"), "Softmax"):
        assert names(chain(row(4), dense(8), dense(3), ending))[0] == "dense"


@pytest.mark.parametrize(
    "layers",
    [
        (row(4), dense(3)),
        (row(4), dense(3), "Softmax"),
        (row(4), dense(8, activation="relu"), dense(3)),
        (row(4), dense(8), "ReLU", dense(3)),
        (picture(8, 8, 1), CONV, "MaxPooling2D", "Flatten", dense(3)),
        (row(4),),
        (),
    ],
    ids=lambda layers: "-".join(one if isinstance(one, str) else one[0] for one in layers) or "empty",
)
def test_one_layer_alone_and_layers_with_something_not_linear_between_are_left_alone(layers):
    assert names(chain(*layers)) == []


def test_a_layer_that_is_not_connected_yet_counts_for_nothing():
    graph, _ = edit.add_node(chain(row(4), dense(3)), "Dense")
    assert names(graph) == []


def test_no_stock_architecture_is_called_linear():
    assert {item.name: names(item.graph()) for item in stock.STOCK if names(item.graph())} == {}


@pytest.mark.slow
def test_such_a_design_is_linear_and_with_activations_it_is_not():
    graph = chain(row(4), dense(8), dense(8), dense(3))
    mended = linear.with_activation(graph, linear.hidden_layers(graph))
    assert names(mended) == []
    assert [node["config"].get("activation") for node in mended["nodes"][1:]] == ["relu", "relu", None]
    given = np.random.default_rng(1).normal(size=(5, 4)).astype("float32")
    for design, is_linear in ((graph, True), (mended, False)):
        model = build.build(design, 1_000)
        assert np.allclose(model(given) + model(-given), 2 * model(0 * given), atol=1e-5) == is_linear
