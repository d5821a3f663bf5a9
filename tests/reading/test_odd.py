"""Configs that no Keras writes are refused in words that somebody thought of: known oddities, and many random ones."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from mhub_core.graphs import stock
from mhub_core.graphs.export import to_keras_json
from mhub_core.reading import read
from mhub_core.reading.records import Unreadable

WHOLE = {"class_name": "__slice__", "config": {}}


def tensor(*shape: int | None) -> dict[str, Any]:
    return {"class_name": "__keras_tensor__", "config": {"shape": [None, *shape], "keras_history": ["in", 0, 0]}}


def model(
    class_name: str, args: list[Any], module: str = "keras.layers", named: dict[str, Any] | None = None, **config: Any
) -> Any:
    """Return the config of a model of one layer or calculation, behind an input of (4, 3)."""
    start = {"class_name": "InputLayer", "config": {"batch_shape": [None, 4, 3], "name": "in"}, "inbound_nodes": []}
    calls = [{"args": args, "kwargs": named or {}}]
    layer = {"module": module, "class_name": class_name, "config": {**config, "name": "l"}, "name": "l", "inbound_nodes": calls}
    ends = {"input_layers": [["in", 0, 0]], "output_layers": [["l", 0, 0]]}
    return {"class_name": "Functional", "config": {"layers": [start, layer], **ends}}


X, OPS = tensor(4, 3), "keras.src.ops.numpy"
GRU = {"module": "keras.layers", "class_name": "GRU", "config": {"units": 3}}
SOUND = [
    model("Bidirectional", [X], layer=GRU, backward_layer=GRU),
    model("Dense", [X], units=3, activation={"class_name": "LeakyReLU", "config": {}}, kernel_regularizer={"class_name": "L2"}),
    model("RNN", [X], cell=GRU | {"class_name": "GRUCell"}, return_state=True),
    model("MultiHeadAttention", [X, X], num_heads=2, key_dim=3),
    model("Mean", [X], OPS, axis=[1]),
    model("GetItem", [X, [WHOLE, WHOLE | {"config": {"start": 1, "stop": 3}}]], OPS),
    model("Add", [X, 3], OPS),
    model("Concatenate", [[X, X]], OPS, axis=-1),
    model("ExpandDims", [X], OPS, axis=1),
    model("Transpose", [X], OPS, axes=[0, 2, 1]),
    model("Clip", [X, 0, 6], OPS),
    *(json.loads(to_keras_json(stock.require_stock(name).graph())) for name in ("bidirectional_gru", "unet_small")),
]
VALUES = [None, 0, -1, 1.5, "x", [], {}, [None], True, -7, 10**19, {"class_name": "L2", "config": {}}, {"config": 5}, [1, "a"],
          WHOLE, {"class_name": "__numpy__", "config": {"value": [1]}}, "GRUCell", "Model", X, ["in", 0, 0]]  # fmt: skip
NAMES = ["kwargs", "args", "axis", "x", "inputs", "class_name", "layer", "activation"]


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        (model("Dense", [X], units=2, use_bias={"class_name": "L2", "config": {}}), "use_bias"),
        (model("Dense", [X], units=2, activation={"config": 5}), "activation"),
        (model("Bidirectional", [X], layer={}, backward_layer={}), "layer"),
        (model("Mean", [X], OPS, axis=[1, "a"]), "all positions"),
        (model("GRUCell", [], named={"inputs": X}, units=2), "inputs"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_an_odd_config_is_refused_with_what_is_odd(odd, told):
    with pytest.raises(Unreadable, match=told):
        read.read_text(json.dumps(odd))


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Give every place of a config, as what it lies in and its key."""
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from places(value[key])


def mutated(rng: Random) -> Any:
    """Return a sound config with one or two random changes."""
    config = copy.deepcopy(rng.choice(SOUND))
    for _ in range(rng.choice((1, 1, 2))):
        owner, key = rng.choice(list(places(config)))
        chance = rng.random()
        if isinstance(owner, dict) and chance < 0.15:
            del owner[key]
        else:
            key = rng.choice(NAMES) if isinstance(owner, dict) and chance < 0.2 else key
            owner[key] = copy.deepcopy(rng.choice(VALUES))
    return config


def test_a_randomly_changed_config_is_read_or_refused_in_words(caplog):
    rng, num_refused = Random(5), 0
    for _ in range(700):
        config = mutated(rng)
        try:
            read.read_text(json.dumps(config))
        except Unreadable as error:
            num_refused += 1
            assert str(error) and not caplog.records, json.dumps(config)  # A record: nobody had thought of this one.
    assert 70 < num_refused < 630  # Both are common, or the changes have become too small or too large.
