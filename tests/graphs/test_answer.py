"""What a model answers with, as the builder tells of it while one draws."""

from __future__ import annotations

from mhub_core.graphs import answer, edit
from mhub_core.graphs.engine.facts import facts
from tests.graphs.drawing import chain, dense, picture, row

LIMIT = 1_000_000


def test_a_forgotten_flatten_is_noticed_and_goes_before_the_first_dense_layer():
    graph = chain(picture(8, 8, 1), ("Conv2D", {"filters": 4, "kernel_size": 3}), dense(16), "Dropout", dense(10))

    last, first = answer.for_each_point(graph, facts(graph, LIMIT))

    assert (last["id"], first["id"]) == ("n5", "n3")
    mended, _ = edit.add_node(graph, "Flatten", before=first["id"])
    assert answer.for_each_point(mended, facts(mended, LIMIT)) is None
    assert facts(mended, LIMIT)["nodes"]["n5"]["output_shape"] == [None, 10]


def test_rows_and_images_that_are_meant_as_an_answer_are_left_alone():
    image = chain(picture(8, 8, 1), ("Conv2D", {"filters": 3, "kernel_size": 1}))

    for graph in (chain(row(4), dense(3)), image, chain(picture(20, 8), dense(3))):
        assert answer.for_each_point(graph, facts(graph, LIMIT)) is None
