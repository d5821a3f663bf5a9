"""Only networks that look at each example by itself answer several people with one call."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from mhub_core.graphs import stock
from mhub_core.graphs.engine import build
from mhub_core.training.engine import by_row
from tests.training import real


def network(*middle: keras.layers.Layer, shape: tuple[int, ...] = (4,), **call: object) -> keras.Model:
    begin = end = keras.Input(shape)
    for layer in middle:
        end = layer(end, **call)
    return keras.Model(begin, end)


@pytest.mark.parametrize("name", ["dense_classifier", "softmax_regression", "wide_and_deep"])
def test_the_stock_models_for_tables_answer_by_row(database, name):
    graph, _ = real.fitted(stock.require_stock(name).graph(), real.iris())

    assert by_row.is_by_row(build.build(graph, 1_000_000))


@pytest.mark.parametrize(
    "model",
    [
        network(layers.Dense(3), layers.Softmax(axis=0)),
        network(layers.Dense(3), layers.Softmax(axis=-2)),
        network(layers.Dense(3), layers.BatchNormalization(), training=True),
        network(layers.Lambda(lambda x: x - keras.ops.mean(x, axis=0))),
        keras.Model(begin := keras.Input((4,)), begin - keras.ops.mean(begin, axis=0)),
        network(network(layers.Dense(3), layers.Softmax(axis=0))),
        network(layers.TimeDistributed(layers.Softmax(axis=0)), shape=(5, 4)),
        keras.Sequential([keras.Input((3, 2), batch_size=2), layers.LSTM(4, stateful=True)]),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_network_that_may_mix_examples_does_not(model):
    assert not by_row.is_by_row(model)


def test_what_counts_as_by_row_is():
    model = network(
        layers.Conv2D(4, 3), layers.BatchNormalization(), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(3, "softmax"),
        shape=(8, 8, 1),
    )  # fmt: skip
    x = np.random.default_rng(1).normal(size=(5, 8, 8, 1)).astype(np.float32)

    assert by_row.is_by_row(model)
    alone = np.concatenate([model.predict_on_batch(one[None]) for one in x])
    assert np.allclose(model.predict_on_batch(x), alone, atol=1e-6)
