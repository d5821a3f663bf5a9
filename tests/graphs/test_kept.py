"""Before a run it is told which layers can keep the weights of an earlier version."""

from __future__ import annotations

import pytest

from mhub_core.graphs import adapt, answer, edit, kept, stock
from tests import factories


def adapted(graph, shape, classes, picture=False):
    given = adapt.picture(shape) if picture else adapt.row(*shape)
    return adapt.adapt(graph, given, answer.one_of(classes))[0]


def test_of_the_same_design_every_layer_with_weights_fits():
    graph = adapted(stock.require_stock("small_cnn").graph(), (28, 28, 1), 10, picture=True)

    fitting, other = kept.layers(graph, graph)

    assert (fitting, other) == (["conv2d", "conv2d_1", "dense"], [])


def test_other_classes_change_the_last_layer_only():
    before = adapted(factories.chain(8, 8, 3), (4,), 3)
    after = adapted(before, (4,), 7)

    assert kept.layers(before, after) == (["dense", "dense_1"], ["dense_2"])
    assert kept.last_layer(after) == ["dense_2"]


def test_other_columns_change_the_first_layer_only():
    before = adapted(factories.chain(8, 8, 3), (4,), 3)

    assert kept.layers(before, adapted(before, (9,), 3)) == (["dense_1", "dense_2"], ["dense"])


def test_a_convolution_keeps_its_weights_on_larger_images_but_not_on_coloured_ones():
    before = adapted(stock.require_stock("small_cnn").graph(), (28, 28, 1), 10, picture=True)

    for_large = kept.layers(before, adapted(before, (64, 64, 1), 10, picture=True))[1]
    for_coloured = kept.layers(before, adapted(before, (28, 28, 3), 10, picture=True))[1]

    assert not [name for name in for_large if name.startswith("conv")]
    assert [name for name in for_coloured if name.startswith("conv")] == ["conv2d"]


def test_a_layer_inside_of_a_sub_model_is_named_with_it():
    graph = factories.chain(8, 8, 3)
    before, _ = edit.wrap(graph, [node["id"] for node in graph["nodes"] if node["name"] in ("dense", "dense_1")], "part")

    assert kept.layers(before, adapted(before, (9,), 3)) == (["part / dense_1", "dense_2"], ["part / dense"])


@pytest.mark.parametrize(("number", "words"), [(2, "a0, a1"), (8, "a0, a1, a2, a3, a4, a5 and 2 more")])
def test_many_names_are_cut_short(number, words):
    assert kept.listed([f"a{place}" for place in range(number)]) == words
