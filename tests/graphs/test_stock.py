"""Every stock model is explained, has the size it tells, learns from real data of its kind, and reads well as Python."""

import re

import keras
import numpy as np
import pytest
from sklearn import datasets

from mhub_core import settings
from mhub_core.errors import NotFound
from mhub_core.graphs import design, export, shapes, stock
from mhub_core.graphs.engine.build import build
from mhub_core.graphs.engine.facts import facts
from mhub_core.training.fits import trains_here
from tests.graphs.drawing import adapted

LIMIT = 50_000_000
STOCK = pytest.mark.parametrize("item", stock.list_stock(), ids=lambda item: item.name)
OF_MEASUREMENTS = [item for item in stock.list_stock() if item.kind != "text" and item.task in ("classification", "regression")]
TRAINED_HERE = [item for item in OF_MEASUREMENTS if trains_here(item)]
OF_TEXTS = stock.list_stock("text")
STEPS, ROWS = 4, 16


@STOCK
def test_a_stock_model_is_a_valid_design_with_a_paragraph_and_a_paper(item):
    graph = item.graph()
    assert design.check(graph) == [] and len(item.help) > 80 and re.search(r"\b(18|19|20)\d\d\. \w", item.paper)
    assert len({tuple(node["position"]) for node in graph["nodes"]}) == len(graph["nodes"])


@pytest.mark.slow
@STOCK
def test_a_stock_model_is_as_large_as_it_says_and_its_shapes_are_those_of_keras(item):
    graph = item.graph()
    found, known = facts(graph, LIMIT), shapes.trace(graph)
    assert found["totals"]["parameters"] == item.weights
    assert known.keys() == found["nodes"].keys()
    for node_id, (shape, *_) in known.items():
        exact = found["nodes"][node_id]["output_shape"][1:]
        assert len(shape) == len(exact) and all(guess in (None, size) for guess, size in zip(shape, exact))


@pytest.mark.slow
@pytest.mark.parametrize("item", TRAINED_HERE, ids=lambda item: item.name)
def test_a_stock_model_learns_from_real_data_that_it_was_adapted_to(item):
    x, y = {"table": lambda: _table(item.task), "series": lambda: _waves(item.task)}.get(item.kind, _digits)()
    kind = item.kind if item.kind in ("table", "series") else "images"
    classes = len(set(y)) if item.task == "classification" else 1
    graph, _ = adapted(item.graph(), x.shape[1:], kind, item.task, classes)
    _assert_learns(graph, x, y, "mse" if item.task == "regression" else "sparse_categorical_crossentropy")


@pytest.mark.slow
@pytest.mark.parametrize("item", OF_TEXTS, ids=lambda item: item.name)
def test_a_stock_model_for_texts_learns_which_file_a_line_is_from(item):
    x, y = _lines()
    classes = 2 if item.task == "classification" else 1
    graph, _ = adapted(item.graph(), x.shape[1:], "text", item.task, classes, num_words=5_000)
    _assert_learns(graph, x, y, "mse" if item.task == "regression" else "sparse_categorical_crossentropy")


@pytest.mark.slow
@pytest.mark.parametrize("name, size", [("unet_small", 64), ("autoencoder", 28)])
def test_a_stock_model_that_draws_learns_to_find_the_ink_or_to_draw_the_image_anew(name, size):
    images = np.kron(_digits()[0], np.ones((1, 8, 8, 1)))[:, :size, :size]
    answer = images / 255 if name == "autoencoder" else (images > 127).astype("float32")
    _assert_learns(stock.require_stock(name).graph(), images, answer, "binary_crossentropy")


def _assert_learns(graph, x, y, loss):
    """A few steps on one batch: the loss must fall."""
    keras.utils.set_random_seed(1)
    model = build(graph, LIMIT)
    model.compile(keras.optimizers.Adam(0.003), loss, run_eagerly=True)
    losses = model.fit(x, y, batch_size=ROWS, epochs=STEPS, verbose=0).history["loss"]
    assert min(losses[-2:]) < losses[0]


def _digits():
    """Handwritten digits, 8 x 8, as the hub keeps them: bytes from 0 to 255."""
    data = datasets.load_digits()
    return (data.images[:ROWS, ..., None] * 255 / 16).astype("uint8"), data.target[:ROWS]


def _table(task):
    """Patients: what a tumour is, or how a disease went on. Numbers are standardised."""
    data = datasets.load_breast_cancer() if task == "classification" else datasets.load_diabetes()
    x, y = data.data[::9][:ROWS], data.target[::9][:ROWS]
    y = y if task == "classification" else (y - y.mean()) / y.std()
    return ((x - x.mean(axis=0)) / (x.std(axis=0) + 1e-9)).astype("float32"), y


def _waves(task):
    """Waves of two forms, 40 steps each; or how high they are."""
    at, number = np.linspace(0, 9, 40), np.arange(ROWS)
    waves = np.where((number % 2 == 0)[:, None], np.sin(at), np.sign(np.sin(at))) * (1 + number[:, None] / ROWS)
    return waves[..., None].astype("float32"), number % 2 if task == "classification" else number / ROWS


def _lines():
    """Lines of the README and of a Python file as the numbers of their words, 64 each."""
    texts = [(settings.ROOT / name).read_text().split() for name in ("README.md", "mhub_core/settings.py")]
    numbers = {word: place % 5_000 for place, word in enumerate(sorted(set(texts[0] + texts[1])))}
    rows = [[numbers[word] for word in text[start : start + 64]] for text in texts for start in range(0, ROWS // 2 * 12, 12)]
    return np.array(rows, "int32"), np.repeat([0, 1], ROWS // 2)


@pytest.mark.slow
@STOCK
def test_the_python_of_a_stock_model_runs_and_builds_the_same(item):
    graph = item.graph()
    namespace: dict[str, object] = {}
    exec(compile(export.to_python(graph), item.name, "exec"), namespace)
    made, drawn = namespace["model"], build(graph, LIMIT)
    assert [weight.shape for weight in made.weights] == [weight.shape for weight in drawn.weights]


def test_an_unknown_stock_model_is_not_found():
    with pytest.raises(NotFound):
        stock.require_stock("../etc")
