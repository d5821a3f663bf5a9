"""The catalogue agrees with the installed Keras, and Keras takes what the forms allow."""

import re

import keras
import pytest

from mhub_core.catalog import catalog, fields, generate
from mhub_core.catalog.__main__ import main
from tests import arguments

pytestmark = pytest.mark.slow


def test_keras_json_is_what_the_installed_keras_generates():
    told = "run `python -m mhub_core.catalog generate`, and look at what changed"
    assert catalog.PATH.read_text(encoding="utf-8") == generate.text(), told


def test_a_layer_that_a_new_keras_brings_is_named_until_somebody_explains_it(monkeypatch):
    class Telepathy(keras.layers.Layer):
        """Reads minds."""

        def __init__(self, strength, **common):
            super().__init__(**common)

    monkeypatch.setattr(keras.layers, "Telepathy", Telepathy, raising=False)
    with pytest.raises(generate.Unexplained) as caught:
        generate.generate()
    assert "layer Telepathy has no sentence in words/; Keras says: Reads minds." in str(caught.value)
    assert "Telepathy.strength has no type" in str(caught.value)


def test_an_argument_that_a_new_keras_brings_or_takes_away_is_named(monkeypatch):
    class Dense(keras.layers.Dense):
        def __init__(self, units, mood=True, **others):
            super().__init__(units, **others)

    monkeypatch.setattr(keras.layers, "Dense", Dense)
    monkeypatch.delattr(keras.layers, "GaussianDropout")
    with pytest.raises(generate.Unexplained) as caught:
        generate.generate()
    assert "Dense.mood has no sentence" in str(caught.value)
    assert "words/ explains GaussianDropout.rate, which Keras does not have" in str(caught.value)


def test_nearly_all_layers_have_a_form():
    layers = catalog.list_layers()
    assert len(layers) >= 143 and sum(not block.no_form for block in layers) >= 136


@pytest.mark.parametrize("group", catalog.groups())
def test_every_argument_set_in_a_form_arrives_in_what_keras_builds(group):
    count, lost = arguments.lost(group)
    assert lost == [] and count > 0


def test_the_report_counts_what_keras_takes(capsys):
    assert main(["report", "regularizer"]) == 0
    assert re.search(r"regularizer +5 +4 +6 +6 +0 +6 +0\n", capsys.readouterr().out)


def test_the_activations_are_those_of_keras():
    assert {"relu", "softmax"} <= set(fields.ACTIVATIONS)
    assert all(callable(getattr(keras.activations, name)) for name in fields.ACTIVATIONS)


def test_every_dtype_is_known_to_keras():
    assert "float32" in fields.DTYPES
    for name in fields.DTYPES:
        assert keras.dtype_policies.get(name).name == name
