"""A segmentation is scored, drawn and told as it should be, and a network learns it."""

from __future__ import annotations

import base64
import io
import json

import keras
import numpy as np
import pytest
from PIL import Image

from mhub_core.datasets import shapes
from mhub_core.errors import Invalid
from mhub_core.graphs import stock
from mhub_core.tasks.registry import require_task
from mhub_core.tasks.segmentation import color_of, mask_png
from mhub_core.training.engine import fit
from mhub_core.training.engine.tasks.segmentation import Dice
from mhub_core.ui.tasks.registry import require_view
from tests.training import real

CLASSES = ("background", "left", "right")
TASK = require_task("segmentation")


def halves(number: int = 40, side: int = 16):
    """Images whose bright half, left or right, is what the mask marks."""
    x = np.random.default_rng(1).integers(0, 60, (number, side, side, 1)).astype(np.uint8)
    y = np.zeros((number, side, side), np.uint8)
    for row in range(number):
        part = slice(0, side // 2) if row % 2 else slice(side // 2, side)
        x[row, 4:12, part] += 150
        y[row, 4:12, part] = 1 if row % 2 else 2
    return x, y


@pytest.fixture
def data(hub_home):
    return real.spec_of("images", "segmentation", *halves(), CLASSES)


def scores_of(truth: np.ndarray, drawn: np.ndarray, data) -> dict:
    scorer = TASK.scorer(data)
    for one, other in zip(truth, np.eye(len(CLASSES))[drawn]):
        scorer.add(one[None], other[None])
    return scorer.report()


def test_an_output_is_as_wrong_as_the_share_of_its_pixels_of_another_class():
    truth = halves(2)[1]
    drawn = truth.copy()
    drawn[1, :2] = 1
    assert TASK.wrongness(truth, np.eye(len(CLASSES))[drawn]).tolist() == [0, 2 / 16]


def test_dice_and_iou_are_those_of_their_definition(data):
    truth, drawn = np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2, 3), np.uint8)
    truth[0, 0], drawn[0, 0, :2], drawn[1, 1, 0] = 1, 1, 1  # 3 true, 3 drawn, 2 of them right

    report = scores_of(truth, drawn, data)

    left = report["per_class"][1]
    assert left["dice"] == pytest.approx(2 * 2 / (3 + 3)) and left["iou"] == pytest.approx(2 / 4) and left["support"] == 3
    assert report["scores"]["dice"] == left["dice"], "the background and a class that is nowhere do not count"
    assert report["scores"]["pixel_accuracy"] == pytest.approx(10 / 12)
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_a_perfect_mask_scores_one_and_an_empty_one_nothing(data):
    truth = halves()[1]
    assert scores_of(truth, truth, data)["scores"]["dice"] == pytest.approx(1)
    nothing = scores_of(truth, np.zeros_like(truth), data)
    assert nothing["scores"]["dice"] == 0 and require_view("segmentation").is_guessing(nothing)


@pytest.mark.parametrize("one_hot", [False, True])
def test_the_curve_shows_the_dice_that_the_hub_measures(data, one_hot):
    numbers = np.random.default_rng(2)
    truth, output = halves(6)[1], numbers.dirichlet(np.ones(3), (6, 16, 16)).astype(np.float32)
    metric, scorer = Dice(3, one_hot), TASK.scorer(data)
    for batch in (slice(0, 4), slice(4, 6)):
        metric.update_state(np.eye(3, dtype=np.float32)[truth[batch]] if one_hot else truth[batch], output[batch])
        scorer.add(truth[batch], output[batch])
    assert float(metric.result()) == pytest.approx(scorer.report()["scores"]["dice"], rel=1e-5)


def test_a_mask_travels_as_a_picture_with_a_clear_background():
    mask = halves(2)[1][1]
    image = Image.open(io.BytesIO(mask_png(mask)))
    assert np.array_equal(np.asarray(image), mask)
    assert np.array_equal(np.asarray(image.convert("RGBA"))[..., 3] > 0, mask > 0)


def test_an_answer_tells_the_mask_and_how_much_of_the_image_each_class_takes(data):
    output = np.eye(3)[halves(2)[1][1]]
    told = TASK.answer(output, data)
    assert told["shares"] == pytest.approx([0.75, 0.25, 0.0])
    assert base64.b64decode(told["mask"]) == mask_png(output.argmax(-1))
    assert told == TASK.truth(halves(2)[1][1], data)
    assert require_view("segmentation").caption(told, data) == "left"


@pytest.mark.slow
@pytest.mark.parametrize("loss", TASK.losses, ids=lambda loss: loss.name)
def test_a_network_learns_to_draw_masks_with_every_loss(data, loss, tmp_path):
    spec = real.run_spec("unet_small", data, epochs=12, batch_size=8, learning_rate=0.003, loss=loss.name)
    notes = real.Notes()

    outcome = fit.fit(spec, notes, tmp_path)

    assert outcome.scores["dice"] > 0.8 and notes.epochs[-1][1]["val_dice"] > 0.8
    assert [one["row"] for one in outcome.result["examples"]] and len(outcome.result["examples"]) <= TASK.num_examples
    model = keras.saving.load_model(outcome.model_path, compile=False)
    assert model.output_shape == (None, 16, 16, 3)


@pytest.mark.slow
def test_no_hidden_image_is_among_those_whose_masks_are_kept(data, tmp_path):
    outcome = fit.fit(real.run_spec("unet_small", data, epochs=1, batch_size=8), real.Notes(), tmp_path)
    split = np.load(real.storage.local_path(data.arrays["split"]))
    rows = [one["row"] for one in outcome.result["examples"]]
    assert rows and not split[rows].any()


def test_a_design_gets_a_convolution_that_answers_each_pixel(data):
    graph, said = real.fitted(stock.require_stock("unet_small").graph(), data)
    assert "3 probabilities, one for each class" in said[-1] and "each pixel" in said[-1]
    assert real.fitted(graph, data) == (graph, [])


def test_a_model_with_one_answer_for_an_image_is_refused_in_words(data):
    with pytest.raises(Invalid, match="one output for each image") as caught:
        real.fitted(stock.require_stock("small_cnn").graph(), data)
    assert "U-Net" in caught.value.mend


def test_sides_that_cannot_be_halved_are_refused_in_words(hub_home):
    x, y = halves(10)
    odd = real.spec_of("images", "segmentation", x[:, :15, :15], y[:, :15, :15], CLASSES)
    with pytest.raises(Invalid) as caught:
        real.fitted(stock.require_stock("autoencoder").graph(), odd)
    assert "pixels for an image of 15 x 15" in caught.value.happened


def test_many_classes_have_a_colour_each():
    assert len({color_of(number) for number in range(1, 40)}) == 39


@pytest.mark.slow
def test_a_run_says_whether_its_pictures_were_kept_aside(data, tmp_path):
    for share, kept_aside in ((0.0, False), (0.2, True)):
        spec = real.run_spec("unet_small", data, epochs=1, batch_size=8, validation_share=share)
        assert fit.fit(spec, real.Notes(), tmp_path).result["examples_kept_aside"] is kept_aside


def test_the_shapes_are_the_same_on_every_hub():
    images, masks, classes = shapes.generate(20)
    again = shapes.generate(20)
    assert np.array_equal(images, again[0]) and np.array_equal(masks, again[1])
    assert images.shape == (20, 64, 64, 3) and set(np.unique(masks)) == set(range(len(classes)))
