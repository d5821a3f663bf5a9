"""The catalogue as people and pages use it."""

import re

import pytest

from mhub_core.catalog import catalog, fields
from mhub_core.errors import Invalid, NotFound

HOSTILE = [
    ("Dense", {"units": 10, "kernel": 3}, "kernel"),
    ("Dense", {"units": "10"}, "units"),
    ("Dense", {"units": 0}, "units"),
    ("Dense", {"units": True}, "units"),
    ("Dense", {"units": 1.5}, "units"),
    ("Dense", {"units": float("nan")}, "units"),
    ("StringLookup", {"vocabulary": ["a\ud800"]}, "vocabulary"),
    ("EinsumDense", {"equation": "ab\0", "output_shape": [2]}, "equation"),
    ("Dense", {"units": 10**18}, "units"),
    ("Dense", {}, "units"),
    ("Dense", {"units": None}, "units"),
    ("Dense", {"units": 3, "activation": "__import__"}, "activation"),
    ("Dense", {"units": 3, "activation": ["relu"]}, "activation"),
    ("Dense", {"units": 3, "kernel_initializer": "os.system"}, "kernel_initializer"),
    ("Dense", {"units": 3, "bias_regularizer": {"class": "L2", "config": {"l2": float("inf")}}}, "bias_regularizer"),
    ("Dense", {"units": 3, "kernel_regularizer": {"class": "L2", "module": "os"}}, "kernel_regularizer"),
    ("Dense", {"units": 3, "dtype": "float1"}, "dtype"),
    ("Dropout", {"rate": 1.5}, "rate"),
    ("Dropout", {"rate": float("-inf")}, "rate"),
    ("Conv2D", {"filters": 3, "kernel_size": [3, [3, [3]]]}, "kernel_size"),
    ("Conv2D", {"filters": 3, "kernel_size": []}, "kernel_size"),
    ("Conv2D", {"filters": 3, "kernel_size": 3, "padding": "<script>"}, "padding"),
    ("StringLookup", {"vocabulary": "/etc/passwd"}, "vocabulary"),
    ("IntegerLookup", {"vocabulary": "/etc/passwd"}, "vocabulary"),
    ("StringLookup", {"vocabulary": [["/etc/passwd"]]}, "vocabulary"),
    ("InputLayer", {"shape": [-1]}, "shape"),
    ("InputLayer", {"shape": [1] * 9}, "shape"),
    ("InputLayer", {"shape": "28"}, "shape"),
    ("Bidirectional", {"layer": {"class": "Lambda", "config": {}}}, "layer"),
    ("Bidirectional", {"layer": {"class": "LSTM", "config": {"units": -1}}}, "layer"),
    ("Pipeline", {"layers": []}, "layers"),
]


@pytest.mark.parametrize("class_name, config, field", HOSTILE)
def test_a_hostile_form_is_refused_with_the_name_of_its_field(class_name, config, field):
    with pytest.raises(Invalid) as caught:
        catalog.check_config(class_name, config)
    assert field in caught.value.problems


@pytest.mark.parametrize("config", [None, [], "x", 3, {1: 2}, {"units": 3, "x" * 10_000: 1}])
def test_what_is_no_form_at_all_is_refused(config):
    with pytest.raises(Invalid):
        catalog.check_config("Dense", config)


def test_nesting_without_end_is_refused():
    layer = {"class": "Dense", "config": {"units": 1}}
    for _ in range(20):
        layer = {"class": "TimeDistributed", "config": {"layer": layer}}
    with pytest.raises(Invalid):
        catalog.check_config("TimeDistributed", {"layer": layer})


@pytest.mark.parametrize("name", ["Lambda", "TFSMLayer", "Layer"])
def test_a_layer_without_form_says_why(name):
    with pytest.raises(Invalid) as caught:
        catalog.require_layer(name)
    assert caught.value.expected.endswith(".")


@pytest.mark.parametrize("name", ["Nothing", "os.system", "", None, 3, ["Dense"], "<b>Dense</b>"])
def test_an_unknown_layer_is_not_found(name):
    with pytest.raises(NotFound):
        catalog.require_layer(name)


def test_all_problems_of_a_form_are_told_at_once():
    with pytest.raises(Invalid) as caught:
        catalog.check_config("Conv2D", {"filters": 0, "padding": "no", "strides": 0})
    assert set(caught.value.problems) == {"filters", "padding", "strides", "kernel_size"}


def test_only_what_differs_from_the_default_is_kept():
    config = {"filters": 8, "kernel_size": 3, "strides": 1, "padding": "valid", "kernel_initializer": "GlorotUniform"}
    assert catalog.check_config("Conv2D", config) == {"filters": 8, "kernel_size": 3}


def test_a_nested_form_without_own_settings_becomes_its_name():
    config = {"units": 3, "kernel_regularizer": {"class": "L2", "config": {"l2": 0.01}}}
    assert catalog.check_config("Dense", config) == {"units": 3, "kernel_regularizer": "l2"}


def test_a_nested_form_keeps_its_own_settings():
    chosen = {"class": "HeNormal", "config": {"seed": 3}}
    assert catalog.check_config("Dense", {"units": 3, "kernel_initializer": chosen})["kernel_initializer"] == chosen


def test_a_learning_rate_is_a_number_or_a_schedule():
    schedule = {"class": "CosineDecay", "config": {"initial_learning_rate": 0.1, "decay_steps": 9}}
    assert catalog.check_config("Adam", {"learning_rate": schedule}, "optimizer") == {"learning_rate": schedule}
    assert catalog.check_config("Adam", {"learning_rate": 0.01}, "optimizer") == {"learning_rate": 0.01}


def test_search_finds_names_first_and_then_explanations():
    found = [block.name for block in catalog.search("dropout")]
    assert found[0] == "Dropout" and "SpatialDropout2D" in found
    assert "MaxPooling2D" in [block.name for block in catalog.search("pooling 2d")]
    assert [catalog.search(words)[0].name for words in ("fully connected", "convolution image")] == ["Dense", "Conv2D"]
    assert catalog.search("zebra") == []


def test_every_layer_lies_on_a_shelf_and_the_usual_ones_stand_first():
    shelves = [family.name for family in catalog.list_families()]
    assert {block.family for block in catalog.list_layers()} == set(shelves)
    assert [catalog.list_layers(shelf)[0].name for shelf in ("convolutional", "rnn")] == ["Conv2D", "LSTM"]
    assert catalog.list_layers("core")[1].name == "Dense" and catalog.list_layers("core")[-1].no_form


def test_every_class_and_argument_is_explained_in_one_plain_sentence():
    assert len(catalog.groups()) == 9 and all(catalog.list_blocks(group) for group in catalog.groups())
    mark_up = re.compile(r"`|://|\bDefaults? |\*\*|[Bb]oolean|\binteger|\btensor|[Pp]icture|e\.g\.")
    for group in catalog.groups():
        for block in catalog.list_blocks(group):
            for thing in (block, *block.arguments):
                name = f"{block.name} {thing.name}: {thing.help}"
                assert thing.help[:1].isupper() and thing.help.endswith(".") and len(thing.help) <= 200, name
                assert not mark_up.search(thing.help), name


def test_every_argument_is_of_a_known_type():
    blocks = [block for group in catalog.groups() for block in catalog.list_blocks(group)]
    assert len(blocks) > 200
    for block in blocks:
        for argument in block.arguments:
            assert argument.type in fields.TYPES or argument.type in fields.NESTED
            assert argument.type != "enum" or len(argument.choices) >= 1


def test_a_fresh_layer_passes_its_own_form():
    for block in catalog.list_layers():
        if not block.no_form:
            first = catalog.first_config(block)
            assert catalog.check_config(block.name, first).items() <= first.items()
