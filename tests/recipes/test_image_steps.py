"""What the steps for images do to pixels, masks and boxes, to a version, and to a photo that a model is asked about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mhub_core.errors import Invalid
from mhub_core.kinds.images import Images
from mhub_core.kinds.pictures import decode, prepare
from mhub_core.kinds.pictures.truths.registry import truth_of
from mhub_core.recipes import image_run, run
from mhub_core.recipes.image_step import Window
from mhub_core.recipes.registry import IMAGE_STEPS
from mhub_core.tasks import boxes

RECIPE: list[dict[str, Any]] = [
    {"step": "crop", "params": {"left": 4, "top": 2, "right": 0, "bottom": 0}},
    {"step": "pad", "params": {"pixels": 2, "margin": "black"}},
    {"step": "resize", "params": {"width": 40, "height": 20}},
    {"step": "grayscale", "params": {}},
    {"step": "contrast", "params": {"how": "stretch"}},
    {"step": "invert", "params": {}},
]


def pictures(number: int = 40, side: int = 24) -> np.ndarray:
    """Photos of noise on a slope, in color."""
    noise = np.random.default_rng(2).integers(0, 80, (number, side, side, 3))
    return (noise + np.arange(side)[:, None] * 5).astype(np.uint8)


def version(folder: Path, y: np.ndarray, task: str) -> Any:
    folder.mkdir()
    spec = prepare.prepare_array(pictures(len(y)), y, ("one", "two"), "class", task, folder)
    return spec, {name: folder / file for name, file in spec.arrays.items()}


def checked(recipe: list[dict[str, Any]], side: int = 24, channels: int = 3) -> list[dict[str, Any]]:
    return run.check(recipe, {"height": side, "width": side, "channels": channels}, "class", (), IMAGE_STEPS)


def test_every_step_for_images_is_tried():
    assert {part["step"] for part in RECIPE} == set(IMAGE_STEPS)


def test_a_version_is_made_by_the_steps_and_a_raw_photo_passes_the_same(tmp_path):
    spec, paths = version(tmp_path / "first", np.arange(40) % 2, "classification")
    (tmp_path / "made").mkdir()

    made, report = Images().recipes.process(spec, paths, checked(RECIPE), tmp_path / "made", lambda *_: None)

    x = np.load(tmp_path / "made" / "x.npy")
    assert x.shape == (40, 20, 40, 1) and made.input_shape == (20, 40, 1) and report["accepted"] == 40
    assert (np.load(tmp_path / "made" / "split.npy") == np.load(paths["split"])).all()
    photos = [decode.to_png(image) for image in pictures()[:3]]
    decoded = Images().decode(made, Images().check_inputs(made, photos))
    assert np.array_equal(decoded.x, x[:3])
    frame = decoded.frames[0]  # of the photo: cropped by 4 and 2, with a margin of 2
    assert (frame.left, frame.top, frame.right, frame.bottom) == (2.0, 0.0, 26.0, 26.0)


def test_a_second_recipe_goes_on_from_the_first_and_photos_still_come_as_uploaded(tmp_path):
    spec, paths = version(tmp_path / "first", np.arange(40) % 2, "classification")
    for name in ("two", "three"):
        (tmp_path / name).mkdir()
    second, _ = Images().recipes.process(spec, paths, checked(RECIPE[:2]), tmp_path / "two", lambda *_: None)
    paths = {name: tmp_path / "two" / f"{name}.npy" for name in ("x", "y", "split")}
    third, _ = Images().recipes.process(second, paths, checked(RECIPE[3:], 26), tmp_path / "three", lambda *_: None)

    decoded = Images().decode(third, Images().check_inputs(third, [decode.to_png(pictures()[5])]))

    assert third.input["raw"]["shape"] == [24, 24, 3] and len(third.input["recipe"]) == 5
    assert np.array_equal(decoded.x[0], np.load(tmp_path / "three" / "x.npy")[5])


def test_masks_move_with_their_images_and_keep_their_values(tmp_path):
    masks = np.zeros((40, 24, 24), np.uint8)
    masks[:, 10:20, 12:22] = 1
    spec, paths = version(tmp_path / "first", masks, "segmentation")
    (tmp_path / "made").mkdir()

    made, _ = Images().recipes.process(spec, paths, checked(RECIPE[:3]), tmp_path / "made", lambda *_: None)

    y = np.load(tmp_path / "made" / "y.npy")
    assert y.shape == (40, 20, 40) and set(np.unique(y)) == {0, 1} and made.input_shape == (20, 40, 3)
    rows, columns = np.flatnonzero(y[0].any(1)), np.flatnonzero(y[0].any(0))
    assert (rows[0], rows[-1], columns[0], columns[-1]) == (8, 14, 17, 32)  # 10 of 26 by 20, 10 of 24 by 40


def test_boxes_move_with_their_images_are_cut_at_the_edge_and_vanish_beyond_it():
    y = boxes.padded([np.array([[1, 0.5, 0.5, 0.5, 0.5], [0, 0.05, 0.5, 0.1, 0.1], [1, 0.2, 0.2, 0.4, 0.4]])])
    crop = Window(20, 0, 100, 100, 100, 80)  # of 100 x 100

    moved = truth_of("detection").move(y, crop, {"width": 100, "height": 100, "channels": 3})[0]

    assert moved[:, 0].tolist() == [1, 1]
    assert np.allclose(boxes.corners(moved[:, 1:]), [[0.0625, 0.25, 0.6875, 0.75], [0, 0, 0.25, 0.4]], atol=1e-6)


def test_a_box_stays_after_a_crop_when_as_much_of_it_is_left_as_an_upload_asks_for():
    y = boxes.padded([np.array([[0, 0.144, 0.5, 0.2, 0.2], [1, 0.152, 0.5, 0.2, 0.2]])])  # 22 and 26 % lie right of 0.2
    crop = Window(20, 0, 100, 100, 100, 80)

    moved = truth_of("detection").move(y, crop, {"width": 100, "height": 100, "channels": 3})[0]

    assert moved[:, 0].tolist() == [1]


def test_contrast_is_evened_out_for_each_image_by_itself():
    dark, light = np.full((8, 8, 1), 10, np.uint8), np.full((8, 8, 1), 200, np.uint8)
    dark[:4], light[:4] = 30, 220
    both = image_run.apply(np.stack([dark, light]), [{"step": "contrast", "params": {"how": "stretch"}}])

    assert np.array_equal(both[0], both[1]) and both.min() == 0 and both.max() == 255


@pytest.mark.parametrize(
    ("step", "params", "told"),
    [
        ("resize", {"width": 7, "height": 20}, "from 8 to 1,024"),
        ("resize", {"width": 20.5, "height": 20}, "whole number"),
        ("crop", {"left": 0, "top": 0, "right": 0, "bottom": 0}, "cut something off"),
        ("crop", {"left": 10, "top": 0, "right": 10, "bottom": 0}, "leaves 4 x 24"),
        ("pad", {"pixels": 600, "margin": "black"}, "larger than 1,024"),
        ("log", {"columns": ["x"]}, "knows no step"),
    ],
)
def test_steps_that_cannot_be_done_are_refused_in_words(step, params, told):
    with pytest.raises(Invalid) as caught:
        checked([{"step": step, "params": params}])

    assert told in str(caught.value)
    with pytest.raises(Invalid, match="gray already"):
        checked([{"step": "grayscale", "params": {}}], channels=1)
