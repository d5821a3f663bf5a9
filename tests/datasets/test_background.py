"""Digit-like images share a background; an image on the opposite one is inverted before a model sees it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from mhub_core.data.records import DataSpec
from mhub_core.datasets.builtins import BUILT_INS
from mhub_core.kinds.pictures import background
from mhub_core.kinds.registry import require_kind
from tests.datasets.conftest import animals, pack

SHOWN = """
from mhub_core.data.records import DataSpec
from mhub_core.evaluation.records import Prediction
from mhub_core.ui import answer
from mhub_core.ui.kinds.view import Given
target = {"name": "class", "classes": ["a", "b"]}
data = DataSpec("images", "classification", {}, {"shape": [8, 8, 1]}, target, 10, 8, 2)
told = tuple({"probabilities": [0.5, 0.5]} for _ in range(%d))
answer.show(Prediction(data, told, 1.0, notes={0: "It was inverted."}), Given(("",) * len(told), ("7.png", "8.png")[:len(told)]))
"""


def built_in(slug: str) -> tuple[np.ndarray, np.ndarray]:
    return next(one for one in BUILT_INS if one.slug == slug).load()[:2]


def png(image: np.ndarray, scale: int = 1) -> bytes:
    buffer = io.BytesIO()
    large = np.kron(image[..., 0], np.ones((scale, scale), np.uint8))
    Image.fromarray(large).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("slug", "found"), [("mnist-5000", "dark"), ("digits-8x8", "dark"), ("animal-silhouettes", "dark"), ("shapes-64", None)]
)
def test_the_background_of_the_built_in_images_is_found(slug, found):
    x, _ = built_in(slug)

    assert background.of_dataset(x) == found
    assert background.of_dataset(255 - x) == (found and "light")


def test_gray_images_that_are_stored_in_color_count_as_gray_and_large_or_mixed_ones_have_no_background():
    x, _ = built_in("digits-8x8")
    mixed = x.copy()
    mixed[::2] = 255 - mixed[::2]

    assert background.of_dataset(np.repeat(x, 3, axis=-1)) == "dark"
    assert background.of_dataset(mixed) is None
    assert background.of_dataset(np.zeros((20, 65, 65, 1), np.uint8)) is None


def digits_with(background_of_data: str | None) -> DataSpec:
    given = {"shape": [28, 28, 1], "fit": "pad", "background": background_of_data}
    return DataSpec("images", "classification", {}, given, {"name": "class"}, 10, 8, 2)


@pytest.mark.parametrize("scale", [1, 5])
def test_a_dark_digit_on_white_is_inverted_and_said(scale):
    x, _ = built_in("mnist-5000")
    kind, data = require_kind("images"), digits_with("dark")

    decoded = kind.decode(data, kind.check_inputs(data, [png(255 - x[7], scale), b"broken", png(x[8], scale), png(255 - x[9])]))

    as_usual = kind.decode(data, kind.check_inputs(data, [png(x[7], scale), png(x[8], scale), png(x[9])]))
    assert np.abs(decoded.x.astype(int) - as_usual.x).max() <= 1 and decoded.problems.keys() == {1}
    assert decoded.notes.keys() == {0, 3}
    assert decoded.notes[0] == "The image has a light background; the dataset's images have a dark one, so it was inverted."


@pytest.mark.parametrize("known", [None, "light"])
def test_nothing_is_inverted_without_a_known_background_or_on_the_same(known):
    x, _ = built_in("mnist-5000")
    kind, data = require_kind("images"), digits_with(known)

    decoded = kind.decode(data, kind.check_inputs(data, [png(255 - x[7])]))

    assert (decoded.x[0] == 255 - x[7]).all() and not decoded.notes


def test_an_uploaded_dataset_knows_its_background(make_images):
    x, _ = built_in("digits-8x8")
    files = {f"{'ab'[n % 2]}/{n}.png": png(255 - x[n], 4) for n in range(20)}

    assert make_images(pack(files), color="gray").ready_version.spec.input["background"] == "light"
    assert make_images(pack(animals())).ready_version.spec.input["background"] is None


@pytest.mark.parametrize(("number", "words"), [(1, "It was inverted."), (2, "7.png: It was inverted.")])
def test_the_page_says_what_was_changed(number, words):
    app = AppTest.from_string(SHOWN % number, default_timeout=60).run()

    assert not app.exception and [one.value.replace("\\", "") for one in app.info] == [words]
