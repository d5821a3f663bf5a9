"""Designs on texts: what takes the numbers of words follows the vocabulary, others get a layer for words or are refused."""

from __future__ import annotations

import pytest

from mhub_core.errors import Invalid
from mhub_core.graphs import adapt, answer, edit, stock, walk
from mhub_core.graphs.walk import Graph
from tests.graphs.drawing import chain, dense, row

TEXT, TWO = adapt.text(40, 900), answer.one_of(2)


def fitted(graph: Graph) -> tuple[Graph, list[str]]:
    return adapt.adapt(graph, TEXT, TWO)


def layers(graph: Graph) -> list[str]:
    nodes = walk.nodes_by_id(graph)
    return [nodes[node_id]["class"] for node_id in walk.topological(graph)]


def config(graph: Graph, class_name: str) -> dict[str, object]:
    return next(node["config"] for node in graph["nodes"] if node["class"] == class_name)


@pytest.mark.parametrize("item", stock.list_stock("text", "classification"), ids=lambda item: item.name)
def test_a_design_for_texts_gets_the_vocabulary_and_whole_numbers(item):
    graph, said = fitted(item.graph())
    assert layers(graph) == layers(item.graph()) and config(graph, "Embedding")["input_dim"] == 900
    assert config(graph, "InputLayer") == {"shape": [40], "dtype": "int32"}
    assert "embedding has 900 words, those of this dataset, instead of 5,000." in said


def test_a_design_for_a_table_gets_a_mean_over_learned_words():
    graph, said = fitted(stock.require_stock("dense_classifier").graph())
    assert layers(graph)[:4] == ["InputLayer", "Embedding", "GlobalAveragePooling1D", "Dense"]
    assert config(graph, "Embedding") == {"input_dim": 900, "output_dim": 32}
    assert any("takes the mean over the words" in one for one in said)


def test_a_design_for_signals_gets_its_steps_from_the_words_and_one_for_images_a_picture_of_them():
    assert layers(fitted(stock.require_stock("signal_cnn").graph())[0])[:3] == ["InputLayer", "Embedding", "Conv1D"]
    graph, said = fitted(stock.require_stock("small_cnn").graph())
    assert layers(graph)[:4] == ["InputLayer", "Embedding", "Reshape", "Conv2D"] and "Rescaling" not in layers(graph)
    assert "rescaling was removed: it is for images, and texts have no pixels." in said


def test_words_inside_of_a_sub_model_get_the_vocabulary_too():
    graph = chain(row(64), ("Embedding", {"input_dim": 10, "output_dim": 4}), "GlobalAveragePooling1D", dense(2))
    graph, _ = edit.wrap(graph, [node["id"] for node in graph["nodes"][1:3]], "reader")
    done, said = fitted(graph)
    inside = next(found for node in done["nodes"] if (found := walk.inner(node)))
    assert config(inside, "Embedding")["input_dim"] == 900 and any("has 900 words" in one for one in said)


def test_a_layer_that_takes_texts_as_they_are_written_is_refused_in_words():
    graph = chain(row(1), ("TextVectorization", {"max_tokens": 50}), dense(2))
    with pytest.raises(Invalid, match="takes texts as they are written.*Remove"):
        fitted(graph)


def test_a_design_for_texts_on_other_data_says_what_it_needs():
    graph = stock.require_stock("word_average").graph()
    for given in (adapt.row(5), adapt.picture((28, 28, 1))):
        with pytest.raises(Invalid, match="This model reads texts.*Choose a dataset of texts or a model for this kind"):
            adapt.adapt(graph, given, TWO)


def test_a_design_that_draws_is_refused_for_texts():
    with pytest.raises(Invalid, match="outputs an image"):
        fitted(stock.require_stock("unet_small").graph())
