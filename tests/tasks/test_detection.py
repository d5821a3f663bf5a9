"""A detection is scored, drawn and told as it should be, and networks learn it."""

from __future__ import annotations

import io
import json

import keras
import numpy as np
import pytest
from PIL import Image

from mhub_core.data.records import Frame
from mhub_core.datasets import shapes
from mhub_core.errors import Invalid
from mhub_core.exploring.images import profile
from mhub_core.graphs import stock
from mhub_core.tasks import boxes
from mhub_core.tasks.average_precision import average_precision
from mhub_core.tasks.registry import require_task
from mhub_core.training.engine import fit
from mhub_core.training.engine.tasks.registry import require_engine
from mhub_core.ui.tasks.registry import require_view
from tests.training import real

CLASSES = ("ball", "door")
TASK = require_task("detection")


def rooms(number: int = 60, side: int = 32):
    """Dark images with a bright square ball or a gray upright door, of several sizes; every tenth is empty."""
    numbers = np.random.default_rng(4)
    x, drawn = numbers.integers(0, 40, (number, side, side, 3)).astype(np.uint8), []
    for row in range(number):
        name, height = row % 2, int(numbers.integers(8, 15))
        width = height // (1 + name)
        left, top = int(numbers.integers(0, side - width)), int(numbers.integers(0, side - height))
        x[row, top : top + height, left : left + width] += (200, 110)[name] if row % 10 else 0
        box = [name, (left + width / 2) / side, (top + height / 2) / side, width / side, height / side]
        drawn.append(np.array([box] if row % 10 else np.zeros((0, 5))))
    return x, boxes.padded(drawn)


@pytest.fixture
def data(hub_home):
    return real.spec_of("images", "detection", *rooms(), CLASSES)


def grid_of(y: np.ndarray, size: int = 8) -> np.ndarray:
    """The output of a network that knows the boxes of an image."""
    grid = np.zeros((size, size, len(CLASSES) + 4))
    for number, *place in y[boxes.there(y)]:
        left, top, right, bottom = boxes.corners(np.array(place))
        row, column = int(place[1] * size), int(place[0] * size)
        middle = (column + 0.5) / size, (row + 0.5) / size
        grid[row, column, int(number)] = 0.9
        grid[row, column, -4:] = middle[0] - left, middle[1] - top, right - middle[0], bottom - middle[1]
    return grid


def report_of(data, y: np.ndarray, grids) -> dict:
    scorer = TASK.scorer(data)
    for truth, grid in zip(y, grids):
        scorer.add(truth[None], grid[None])
    return scorer.report()


def test_average_precision_is_the_area_under_its_curve():
    confidences, right = np.array([0.9, 0.8, 0.7, 0.6]), np.array([1, 0, 1, 0])
    assert average_precision(confidences, right, 3) == pytest.approx((1 + 2 / 3) / 3)
    assert average_precision(confidences, np.ones(4), 4) == 1
    assert average_precision(np.zeros(0), np.zeros(0), 3) == 0


def test_a_network_that_knows_all_boxes_scores_one_and_one_that_knows_nothing_none(data):
    y = rooms()[1]
    perfect = report_of(data, y, map(grid_of, y))
    assert perfect["scores"] == pytest.approx({"map50": 1, "box_precision": 1, "box_recall": 1, "found_iou": 1}, abs=1e-4)
    assert [row["support"] for row in perfect["per_class"]] == np.bincount(y[boxes.there(y)][:, 0].astype(int)).tolist()
    assert json.loads(json.dumps(perfect, allow_nan=False)) == perfect
    nothing = report_of(data, y, [np.zeros((8, 8, 6))] * len(y))
    assert nothing["scores"]["map50"] == 0 and require_view("detection").is_guessing(nothing)


def test_a_box_of_the_wrong_class_or_far_off_is_wrong_and_an_object_is_found_once(data):
    y = rooms(2)[1][1:]
    grid = grid_of(y[0])
    assert report_of(data, y, [grid[:, :, [1, 0, 2, 3, 4, 5]]])["scores"]["map50"] == 0
    shrunk = np.concatenate([grid[:, :, :2], grid[:, :, 2:] / 2], axis=2)
    assert report_of(data, y, [shrunk])["scores"]["box_recall"] == 0
    twice = np.stack([boxes.corners(y[0][0, 1:])] * 2)
    assert boxes.suppressed(np.zeros(2, int), twice).tolist() == [0]
    assert boxes.suppressed(np.array([0, 1]), twice).tolist() == [0, 1], "boxes of two classes are two objects"


def test_an_output_is_as_wrong_as_the_boxes_that_a_person_sees(data):
    y = rooms(2)[1][[1, 1, 1, 0]]
    doubtful = grid_of(y[0])
    doubtful[..., 0] = doubtful[..., 1] * 0.8  # less sure of another class at the same place: only the surest is shown
    swapped = grid_of(y[0])[:, :, [1, 0, 2, 3, 4, 5]]

    outputs = np.stack([doubtful, swapped, np.zeros((8, 8, 6)), grid_of(y[0])])
    assert TASK.wrongness(y, outputs).tolist() == [0, 2, 1, 1] and len(TASK.answer(doubtful, data)["boxes"]) == 1


def test_boxes_that_are_predicted_are_told_in_pixels_of_the_photo(data):
    y = np.array([[0, 0.5, 0.5, 0.5, 0.25]], np.float32)
    frame = Frame(200, 100, 0, -50, 200, 150)  # a wide photo, seen in a square with margins above and below

    [told] = TASK.answer(grid_of(y), data, frame)["boxes"]

    assert told["class"] == "ball" and told["pixels"] == [50, 25, 150, 75]
    assert told["box"] == pytest.approx([0.25, 0.375, 0.75, 0.625])
    assert require_view("detection").csv_cells({"boxes": [told]}, data) == ("1", "ball 0.9000 50 25 150 75")
    assert "pixels" not in TASK.answer(grid_of(y), data)["boxes"][0]


def test_boxes_are_drawn_in_the_color_of_their_class_on_a_clear_ground(data):
    told = TASK.truth(np.array([[1, 0.5, 0.5, 0.5, 0.5], [-1, 0, 0, 0, 0]], np.float32), data)
    image = Image.open(io.BytesIO(require_view("detection").overlay(told, data))).convert("RGBA")
    assert image.getpixel((320, 320))[3] == 0 and image.getpixel((165, 400))[3] == 255
    assert require_view("detection").caption(told, data) == "door"
    assert require_view("detection").overlay({"boxes": []}, data)


def test_every_class_gives_its_share_to_the_test(data):
    y = rooms(200)[1]
    groups = TASK.strata(y)
    assert set(groups) == {0, 1, 2} and (groups == 2).sum() == 20
    assert TASK.truth_file(y[1], data)[2].startswith(b"1 0.")


def test_classes_with_few_boxes_are_warned_of(hub_home):
    few = real.spec_of("images", "detection", *rooms(20), CLASSES)
    arrays = {name: real.storage.local_path(key) for name, key in few.arrays.items()}
    found = profile(arrays, few, lambda *_: None)
    assert any("classes have fewer than 10 boxes in the training images: ball" in one.words for one in found.findings)
    assert [name for name, _ in found.pictures["means"]] == ["All training images"]


def test_the_loss_of_the_right_answer_is_near_nothing_and_the_curve_shows_a_perfect_overlap(data):
    y = rooms(10)[1]
    right = np.stack([grid_of(one) for one in y]).astype(np.float32)
    for loss in TASK.losses:
        measure = require_engine("detection").loss(data, loss)
        assert float(measure(y, np.where(right == 0.9, 1, right))) < 1.5, "the cells around a middle tell no box here"
        assert float(measure(y, np.full_like(right, 0.5))) > 5
    metric = require_engine("detection").metric(data, TASK.losses[0])
    metric.update_state(y, right)
    assert float(metric.result()) == pytest.approx(1, abs=1e-3)


def test_a_batch_without_any_object_has_a_loss_too(data):
    empty = boxes.padded([np.zeros((0, 5))] * 4)
    loss = require_engine("detection").loss(data, TASK.losses[0])
    assert 0 < float(loss(empty, np.full((4, 8, 8, 6), 0.5, np.float32))) < np.inf


@pytest.mark.slow
def test_a_network_learns_to_find_objects_with_every_loss(hub_home, tmp_path):
    data = real.spec_of("images", "detection", *rooms(240), CLASSES)
    for loss in TASK.losses:
        spec = real.run_spec("grid_detector", data, epochs=18, batch_size=8, loss=loss.name)
        notes = real.Notes()
        outcome = fit.fit(spec, notes, tmp_path)
        assert outcome.scores["map50"] > 0.7 and notes.epochs[-1][1]["val_box_iou"] > 0.5, loss.name
        assert 0 < len(outcome.result["examples"]) <= TASK.num_examples
        assert keras.saving.load_model(outcome.model_path, compile=False).output_shape == (None, 4, 4, 6)


@pytest.mark.parametrize("name", ["small_cnn", "resnet20", "mobilenet_v2_small", "inception_small", "vgg_small"])
def test_a_convolutional_classifier_finds_objects_by_its_last_feature_map(data, name):
    graph, said = real.fitted(stock.require_stock(name).graph(), data)
    assert "removed: the boxes come from the feature map" in " ".join(said) and "for each cell of a grid" in said[-1]
    assert real.fitted(graph, data) == (graph, [])


@pytest.mark.parametrize(
    ("name", "words", "side"),
    [
        ("dense_classifier", "no convolutional layer", 32),
        ("vision_transformer", "comes", 32),
        ("unet_small", "as fine as the image: 32 x 32 pixels", 32),
        ("grid_detector", "a grid of 2 x 2 cells", 16),
    ],
)
def test_designs_that_cannot_find_objects_are_refused_in_words(hub_home, name, words, side):
    x, y = rooms(10)
    small = real.spec_of("images", "detection", x[:, :side, :side], y, CLASSES)
    with pytest.raises(Invalid, match=words) as caught:
        real.fitted(stock.require_stock(name).graph(), small)
    assert "grid detector" in caught.value.mend


def test_the_shapes_with_boxes_are_the_same_on_every_hub():
    images, y, classes = shapes.generate_boxes(20)
    again = shapes.generate_boxes(20)
    assert np.array_equal(images, again[0]) and np.array_equal(y, again[1]) and classes == ("circle", "square", "triangle")
    left, top, right, bottom = np.moveaxis(boxes.corners(y[boxes.there(y)][:, 1:]), -1, 0)
    assert (left >= 0).all() and (top >= 0).all() and (right <= 1).all() and (bottom <= 1).all()
