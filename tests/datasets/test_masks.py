"""Images with masks: what goes together, what values mean, and what cannot be used is told; a network learns from them."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from mhub_core.data.records import DataSpec
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures import mask_names
from mhub_core.kinds.registry import require_kind
from mhub_core.training.engine import fit
from tests.datasets.conftest import pack
from tests.training import real

SIDE = 16


def png(pixels: np.ndarray, mode: str | None = None, file_format: str = "PNG") -> bytes:
    image, buffer = Image.fromarray(pixels), io.BytesIO()
    if mode == "P":
        image.putpalette([part for number in range(256) for part in (number * 37 % 256, number * 91 % 256, 50)])
    image.save(buffer, file_format)
    return buffer.getvalue()


def one(number: int, values: tuple[int, ...] = (0, 1, 2), side: int = SIDE) -> tuple[np.ndarray, np.ndarray]:
    """An image whose bright half is what its mask marks, left or right; the mask has one of the values there."""
    image = np.random.default_rng(number).integers(0, 60, (side, side, 3)).astype(np.uint8)
    mask = np.full((side, side), values[0], np.uint8)
    part = slice(0, side // 2) if number % 2 else slice(side // 2, side)
    image[4:12, part] += 150
    mask[4:12, part] = values[1 + number % (len(values) - 1)]
    return image, mask


def pairs(image: str = "images/{}.png", mask: str = "masks/{}.png", number: int = 12, turn=lambda mask: png(mask), **told):
    files = {}
    for n in range(number):
        pixels, marked = one(n, **told)
        files[image.format(n)], files[mask.format(n)] = png(pixels), turn(marked)
    return files


class Made(NamedTuple):
    """What preparation makes of an archive."""

    spec: DataSpec
    report: dict
    x: np.ndarray
    y: np.ndarray


@pytest.fixture
def look(tmp_path):
    def do(files, **chosen):
        (tmp_path / "set.zip").write_bytes(pack(files))
        return require_kind("images").preview(tmp_path / "set.zip", "set.zip", chosen)

    return do


@pytest.fixture
def masked(tmp_path):
    def do(files, size=SIDE, **choices) -> Made:
        kind, folder = require_kind("images"), Path(tempfile.mkdtemp(dir=tmp_path))
        (folder / "set.zip").write_bytes(pack(files))
        request, problems = kind.check_request("mask", "segmentation", {"image_size": size, **choices})
        assert not problems
        spec, report = kind.prepare(folder / "set.zip", request, folder, lambda *_: None)
        return Made(spec, report, np.load(folder / "x.npy"), np.load(folder / "y.npy"))

    return do


@pytest.mark.parametrize(
    ("image", "mask"),
    [
        ("images/{}.png", "masks/{}.png"),
        ("set/JPEGImages/{}.jpg", "set/SegmentationClass/{}.png"),
        ("train/{}.png", "train_masks/{}_mask.gif"),
        ("{}.png", "{}_mask.png"),
        ("train/image/{}.png", "train/label/{}.png"),
        ("images/a/{}.png", "annotations/trimaps/a/{}.png"),
    ],
)
def test_masks_are_found_by_their_names(look, image, mask):
    found = look(pairs(image, mask))

    assert found.guessed_tasks == {"mask": "segmentation"} and found.guessed_target == "mask"
    assert list(found.classes) == ["background", "value 1", "value 2"] and set(found.classes.values()) == {12}


def color(mask: np.ndarray) -> bytes:
    return png(np.array([(0, 0, 0), (255, 0, 0), (0, 0, 255)], np.uint8)[mask])


@pytest.mark.parametrize(
    ("turn", "names", "classes"),
    [
        (png, {}, ("background", "value 1", "value 2")),
        (lambda mask: png(mask, "P"), {"labels.txt": b"ground\ncat\ndog\n"}, ("ground", "cat", "dog")),
        (png, {"classes.csv": b"id,name\n0,nothing\n1,cat\n2,dog\n"}, ("nothing", "cat", "dog")),
        (color, {}, ("background", "color #0000ff", "color #ff0000")),
        (color, {"class_dict.csv": b"name,r,g,b\nvoid,0,0,0\ncat,255,0,0\ndog,0,0,255\n"}, ("void", "dog", "cat")),
        (
            color,
            {"labelmap.txt": b"# label:color_rgb:parts:actions\nbackground:0,0,0::\ncat:255,0,0::\ndog:0,0,255::\n"},
            ("background", "dog", "cat"),
        ),
    ],
)
def test_values_become_classes_whatever_they_are_written_in(masked, turn, names, classes):
    version = masked(pairs(turn=turn) | names)

    assert version.spec.classes == classes and version.spec.task == "segmentation"
    order = [0, 2, 1] if turn is color else [0, 1, 2]
    assert (version.y == [np.array(order)[one(n)[1]] for n in range(12)]).all()
    assert sum(version.spec.target["pixels"]) == version.spec.num_train * SIDE**2


def test_black_and_white_masks_mark_an_object_also_where_jpeg_blurred_them(masked):
    sharp = masked(pairs(values=(0, 255)))
    blurred = masked(pairs(mask="masks/{}.jpg", turn=lambda mask: png(mask, file_format="JPEG"), values=(0, 255)))

    assert sharp.spec.classes == blurred.spec.classes == ("background", "object")
    assert (sharp.y == [one(n)[1] == 1 for n in range(12)]).mean() < 1  # the value is 255, not 1
    assert (sharp.y == [one(n, (0, 255))[1] // 255 for n in range(12)]).all()
    assert (blurred.y != sharp.y).mean() < 0.02
    assert any("blurred, as JPEG makes them" in words for words in blurred.report["warnings"])


def test_the_edge_value_of_pascal_is_background_unless_it_is_to_be_a_class(look, masked):
    files = pairs(values=(0, 1, 2, 255))
    found = look(files)

    assert list(found.classes) == ["background", "value 1", "value 2"]
    assert [option.name for option in found.options] == ["class_from", "mask_void", "mask_background", "mask_names"]
    assert list(look(files, mask_void=False).classes) == ["background", "value 1", "value 2", "value 255"]
    assert masked(files).spec.classes == tuple(found.classes)


def test_background_and_names_can_be_chosen(masked):
    chosen = {"mask_background": "2", "mask_names": "2 = sky, 0 = cat, 1 = dog"}
    version = masked(pairs(), reading=chosen)

    assert version.spec.classes == ("sky", "cat", "dog")
    assert (version.y == [np.array([1, 2, 0])[one(n)[1]] for n in range(12)]).all()


def test_masks_are_sized_as_their_images_are_and_never_mixed(masked):
    wide = {}
    for n in range(12):
        image, mask = np.zeros((10, 40, 3), np.uint8) + n, np.zeros((20, 80), np.uint8)  # a mask of twice the size
        image[:, 20:] += 100
        mask[:, 40:] = 7
        wide[f"images/{n}.png"], wide[f"masks/{n}.png"] = png(image), png(mask)
    padded, cut = masked(wide, 20), masked(wide, 20, fit="crop")

    expected = np.zeros((20, 20), np.uint8)
    expected[7:12, 10:] = 1
    assert (padded.y == expected).all()
    expected[:, 10:] = 1
    assert (cut.y == expected).all()


def test_what_has_no_partner_or_no_fitting_mask_is_refused_one_by_one(masked):
    files = pairs(number=20)
    photo = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)
    del files["masks/0.png"], files["images/1.png"]
    files |= {
        "masks/2.png": png(np.zeros((SIDE, 9), np.uint8)),
        "masks/3.png": png(photo),
        "masks/4.png": b"x",
        "images/5.png": b"x",
    }
    files["masks/6.png"] = png(one(6)[1])[:45]
    version = masked(files)
    why = {name: words for name, words in version.report["reasons"]}

    assert version.report["accepted"] == 13, version.report["reasons"]
    assert len(version.y) == version.spec.num_rows == 13
    assert why["images/0.png"] == "has no mask" and why["masks/1.png"] == "is a mask without an image"
    assert "has 9 x 16 pixels, the image has 16 x 16" in why["images/2.png"] and "a photo" in why["images/3.png"]
    assert "not an image" in why["images/4.png"] and "not an image" in why["images/5.png"] and "damaged" in why["images/6.png"]
    left = [n for n in range(7, 20)]
    assert (version.x == [one(n)[0] for n in left]).all() and (version.y == [one(n)[1] for n in left]).all()


@pytest.mark.parametrize(
    "turn",
    [lambda mask: png(mask * 0), lambda mask: png(np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8))],
)
def test_masks_that_mark_nothing_are_refused_in_words(look, turn):
    with pytest.raises(Invalid, match="single value|a photo"):
        look(pairs(turn=turn))


def test_a_person_may_want_classes_instead_and_masks_only_where_there_are_some(look, masked):
    files = pairs("images/{}.png", "masks/{}.png")
    assert look(files, class_from="folder 1").guessed_tasks == {"class": "classification"}

    with pytest.raises(Invalid, match="contains no masks"):
        masked({f"{kind}/{n}.png": png(one(n)[0]) for kind in "ab" for n in range(5)})


def test_given_splits_are_kept_with_masks_too(masked):
    files = pairs("train/images/{}.png", "train/masks/{}.png") | pairs("test/images/{}.png", "test/masks/{}.png", 4)

    version = masked(files)

    assert (version.spec.num_train, version.spec.num_test) == (12, 4)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a\nb\n", {0: "a", 1: "b"}),
        ("0 a\n1 b c\n", {0: "a", 1: "b c"}),
        ("a: 3\nb: 7", {3: "a", 7: "b"}),
        ("name,r,g,b\nred cat,255,0,0\n", {0xFF0000: "red cat"}),
        ("64 128 64\tAnimal\n192 0 128\tArchway\n", {0x408040: "Animal", 0xC00080: "Archway"}),
    ],
)
def test_texts_that_name_values_are_read(text, names):
    assert mask_names.parse_text(text)[0] == names


@pytest.mark.slow
def test_a_network_learns_from_uploaded_masks(make_images, tmp_path):
    files = pack(pairs(number=48, values=(0, 255)))
    data = make_images(files, task="segmentation", image_size=SIDE, color="gray").ready_version.spec

    outcome = fit.fit(real.run_spec("unet_small", data, epochs=12, batch_size=8, learning_rate=0.003), real.Notes(), tmp_path)

    assert outcome.scores["dice"] > 0.8
