"""Images with boxes: COCO, Pascal VOC and YOLO are read, boxes move along with their images, and what is wrong is told."""

from __future__ import annotations

import io
import json
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

from mhub_core.data.records import DataSpec
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures.annotations import yolo_names
from mhub_core.kinds.pictures.annotations.partners import Partners
from mhub_core.kinds.pictures.archive import File
from mhub_core.kinds.pictures.paths import entries
from mhub_core.kinds.registry import require_kind
from mhub_core.tasks import boxes
from tests.datasets.conftest import pack

WIDTH, HEIGHT, NUMBER = 40, 20, 12
NAMES = ("cat", "dog")


def place(number: int) -> tuple[str, int, int, int, int]:
    """The class and the corners, in pixels, of the one object of an image."""
    left = 2 * number
    return NAMES[number % 2], left, 4, left + 12, 14


def photo(number: int, size: tuple[int, int] = (WIDTH, HEIGHT), orientation: int = 1) -> bytes:
    """A dark image whose object is bright."""
    pixels = np.random.default_rng(number).integers(0, 30, (size[1], size[0], 3)).astype(np.uint8)
    _, left, top, right, bottom = place(number)
    pixels[top:bottom, left:right] += 200
    image, buffer, exif = Image.fromarray(pixels), io.BytesIO(), Image.Exif()
    exif[0x0112] = orientation
    image.save(buffer, "PNG", exif=exif)
    return buffer.getvalue()


def photos(pattern: str = "images/{}.png", number: int = NUMBER) -> dict[str, bytes]:
    return {pattern.format(n): photo(n) for n in range(number)}


def around_bright(x: np.ndarray) -> np.ndarray:
    bright = np.argwhere(x.max(axis=2) > 120)
    return np.array([*bright.min(0)[::-1], *bright.max(0)[::-1] + 1])


def voc(number: int, **told: Any) -> bytes:
    name, left, top, right, bottom = told.get("box") or place(number)
    size = told.get("size", f"<size><width>{WIDTH}</width><height>{HEIGHT}</height></size>")
    corners = f"<xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax>"
    one = f"<object><name>{name}</name><bndbox>{corners}</bndbox></object>"
    return f"<annotation><filename>{number}.png</filename>{size}{one}{told.get('more', '')}</annotation>".encode()


def yolo(number: int, scale: tuple[float, float] = (WIDTH, HEIGHT)) -> bytes:
    name, left, top, right, bottom = place(number)
    (width, height), sides = scale, ((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
    shares = [value / (width, height)[i % 2] for i, value in enumerate(sides)]
    return " ".join(map(str, [NAMES.index(name), *shares])).encode() + b"\n"


def coco(numbers: range = range(NUMBER), **more: Any) -> dict[str, Any]:
    boxes_of = {n: place(n) for n in numbers}
    return {
        "images": [{"id": n, "file_name": f"{n}.png", "width": WIDTH, "height": HEIGHT} for n in numbers]
        + more.get("images", []),
        "categories": [{"id": 7 + i, "name": name} for i, name in enumerate(NAMES)],
        "annotations": [
            {
                "id": n,
                "image_id": n,
                "category_id": 7 + NAMES.index(c),
                "bbox": [x, y, right - x, bottom - y],
                "segmentation": [[1]],
            }
            for n, (c, x, y, right, bottom) in boxes_of.items()
        ]
        + more.get("annotations", []),
    }


def packed(style: str) -> dict[str, bytes]:
    if style == "coco":
        return photos() | {"annotations/instances.json": json.dumps(coco()).encode()}
    if style == "voc":
        return photos("JPEGImages/{}.png") | {f"Annotations/{n}.xml": voc(n) for n in range(NUMBER)}
    return photos() | {f"labels/{n}.txt": yolo(n) for n in range(NUMBER)} | {"data.yaml": b"nc: 2\nnames: ['cat', \"dog\"]\n"}


class Made(NamedTuple):
    """What preparation makes of an archive."""

    spec: DataSpec
    report: dict
    x: np.ndarray
    y: np.ndarray
    folder: Path

    @property
    def told(self) -> str:
        return " ".join(self.report["warnings"])

    def corners(self) -> list[np.ndarray]:
        """The boxes of each image in pixels of what the model sees."""
        height, width = self.x.shape[1:3]
        return [boxes.corners(y[boxes.there(y)][:, 1:]) * [width, height, width, height] for y in self.y]


@pytest.fixture
def look(tmp_path):
    def do(files, **chosen):
        (tmp_path / "set.zip").write_bytes(pack(files))
        return require_kind("images").preview(tmp_path / "set.zip", "set.zip", chosen)

    return do


@pytest.fixture
def boxed(tmp_path):
    def do(files, size: int | None = 32, **choices: Any) -> Made:
        kind, folder = require_kind("images"), Path(tempfile.mkdtemp(dir=tmp_path))
        (folder / "set.zip").write_bytes(pack(files))
        request, problems = kind.check_request("box", "detection", {"image_size": size, **choices})
        assert not problems
        spec, report = kind.prepare(folder / "set.zip", request, folder, lambda *_: None)
        return Made(spec, report, np.load(folder / "x.npy"), np.load(folder / "y.npy"), folder)

    return do


@pytest.mark.parametrize("style", ["coco", "voc", "yolo"])
def test_boxes_of_every_format_lie_around_their_objects(look, boxed, style):
    found = look(packed(style))
    assert found.guessed_tasks == {"box": "detection"} and found.classes == {"cat": 6, "dog": 6} and found.num_examples == NUMBER

    for fit in ("pad", "crop", "stretch"):
        made = boxed(packed(style), fit=fit)
        assert made.spec.classes == NAMES and made.y.shape == (NUMBER, 1, 5) and made.y.dtype == np.float32
        assert made.report["refused"] == 0, made.report
        for x, corners in zip(made.x, made.corners()):
            if len(corners) or fit != "crop":  # which cuts off objects at the sides
                assert np.abs(around_bright(x) - corners[0]).max() < 1.6, fit


def test_an_image_keeps_its_size_where_that_is_chosen(boxed):
    made = boxed(packed("yolo"), size=None)
    assert made.x.shape[1:] == (HEIGHT, WIDTH, 3)
    assert np.allclose([corners[0] for corners in made.corners()], [place(n)[1:] for n in range(NUMBER)], atol=0.01)


@pytest.mark.parametrize("orientation", (1, 5, 6, 7, 8))
def test_boxes_turn_with_an_image_that_is_stored_on_its_side(boxed, orientation):
    files = packed("voc") | {"JPEGImages/1.png": photo(1, orientation=orientation)}
    made = boxed(files, fit="stretch", size=40)
    assert np.abs(around_bright(made.x[1]) - made.corners()[1][0]).max() < 2
    assert ("1 box was changed: it lies in an image that is stored on its side" in made.told) == (orientation > 4)


def test_splits_of_folders_are_kept_and_images_without_a_file_are_background(look, boxed):
    files = {"data.yaml": b"names:\n  0: cat\n  1: dog\ntrain: x\n"}
    for split, numbers in (("train", range(10)), ("valid", range(10, 11)), ("test", range(11, 14))):
        files |= {f"{split}/images/{n}.png": photo(n) for n in numbers}
        files |= {f"{split}/labels/{n}.txt": yolo(n) for n in numbers if n != 3}
    made = boxed(files)
    assert (made.spec.num_train, made.spec.num_test) == (11, 3) and made.spec.input["split"] == "given"
    assert "1 image has no annotation: taken for background" in made.told and "1 image has no object" in made.told
    assert look(files, no_boxes="left out").num_examples == 13


@pytest.mark.parametrize("style", ["voc", "yolo"])
def test_splits_of_lists_are_kept(boxed, style):
    line = {"voc": "{}", "yolo": "data/images/{}.png"}[style]
    lists = {"trainval": range(8), "test": range(8, 12), "cat_test": range(3)}
    folder = {"voc": "ImageSets/Main/", "yolo": ""}[style]
    files = {f"{folder}{name}.txt": "\n".join(line.format(n) for n in rows).encode() for name, rows in lists.items()}
    made = boxed(packed(style) | files)
    assert (made.spec.num_train, made.spec.num_test) == (8, 4) and made.spec.input["split"] == "given"
    assert np.load(made.folder / "split.npy").tolist() == [0] * 8 + [1] * 4


def test_every_box_that_cannot_be_used_is_told_with_its_reason(boxed):
    wrong = [
        {"image_id": 1, "category_id": 7, "bbox": [100, 4, 5, 5]},
        {"image_id": 2, "category_id": 7, "bbox": [4, 4, 0, 5]},
        {"image_id": 3, "category_id": 99, "bbox": [4, 4, 5, 5]},
        {"image_id": 99, "category_id": 7, "bbox": [4, 4, 5, 5]},
        {"image_id": 4, "category_id": 7, "bbox": [4, "x", 5, 5]},
        {"image_id": 4, "category_id": 7, "bbox": [4, float("nan"), 5, 5]},
        {"image_id": 5, "category_id": 7, "bbox": [4, 4, 5, 5], "iscrowd": 1},
        {"image_id": 6, "category_id": 7, "bbox": [-5, 4, 15, 10]},
        {"image_id": 0, "category_id": 7, "bbox": [0, 4, 12, 10]},
        {"image_id": 7, "category_id": 8, "bbox": [34, 4, 12, 10]},
        "nonsense",
    ]
    files = photos() | {"a.json": json.dumps(coco(annotations=wrong, images=[{"id": 50, "file_name": "gone.png"}])).encode()}
    made = boxed(files)
    for words in (
        "1 box was left out: it lies outside of its image (images/1.png)",
        "1 box was left out: it has no area",
        "1 box was left out: it has a class that the file does not list (3.png)",
        "1 box was left out: it belongs to an image that the file does not list",
        "2 boxes were left out: each has a place that is not four numbers (4.png)",
        "1 box was left out: it marks a crowd",
        "2 boxes were changed: each reaches beyond its image, and was cut at the edge (images/6.png, images/7.png)",
        "1 box was left out: it is there twice",
        "lists 1 image that the archive does not contain, with 0 boxes: gone.png",
    ):
        assert words in made.told, (words, made.report["warnings"])
    kept = json.loads((made.folder / made.report["refused_rows"]).read_text())
    assert len(kept) == 8 and all(len(row) == 3 for row in kept) and (made.y[..., 0] >= 0).sum() == NUMBER + 2


def test_a_yolo_text_with_nonsense_loses_those_lines_alone(boxed):
    bad = b"0 0.5 0.5 0.2 0.2\n0 a b c d\n7 0.5 0.5 0.1 0.1\n0 0.5 0.5\n1.5 .5 .5 .1 .1\n0 nan 0.5 0.1 0.1\n\n"
    bad += b"0 0.1 0.1 0.4 0.1 0.4 0.4\n"  # an outline
    made = boxed(packed("yolo") | {"labels/0.txt": bad, "labels/1.txt": b"", "labels/zz.txt": yolo(1)})
    assert "2 boxes were left out: each has a place or a class that is not a number" in made.told
    assert "2 boxes were left out: each has a class that is not listed" in made.told
    assert "1 box was left out: it is not a class and four numbers" in made.told
    assert boxes.there(made.y)[:2].sum(axis=1).tolist() == [2, 0]
    assert ["labels/zz.txt", "is about an image that the archive does not contain"] in [
        list(one) for one in made.report["reasons"]
    ]


def test_without_names_classes_are_called_by_their_numbers(look):
    files = packed("yolo")
    del files["data.yaml"]
    found = look(files)
    assert list(found.classes) == ["class 0", "class 1"] and any("No file names the classes" in words for words in found.warnings)
    assert list(look(files | {"labels/classes.txt": b"katze\nhund\n"}).classes) == ["katze", "hund"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names: [a, 'b c', \"it's\"]", ["a", "b c", "it's"]),
        ("path: x\nnames:\n- a\n- b\nnc: 2", ["a", "b"]),
        ("names:\n  0: a\n  2: c # third\ntrain: y", ["a", "class 1", "c"]),
        ("names: {0: a, 1: 'b'}", ["a", "b"]),
        ("names: [\n  a,\n  b,\n]", ["a", "b"]),
        ("nc: 2", []),
        ("names: [" + "a" * 90_000 + "'", ["a" * 80]),
    ],
)
def test_names_are_read_out_of_yaml(text, names):
    class Only:
        folders = ()
        files = (File(0, "data.yaml", len(text)),)

        def read(self, wanted):
            return [(file, text.encode()) for file in wanted]

    assert yolo_names.find(Only(), entries(Only.files))[1] == names


BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]>
<annotation>&y;</annotation>"""


def test_hostile_and_broken_xml_is_refused_file_by_file(boxed):
    files = packed("voc") | photos("JPEGImages/{}.png", 17)
    files |= {
        "Annotations/0.xml": BOMB,
        "Annotations/1.xml": voc(1)[:60],
        "Annotations/2.xml": b"<annotation>" + b"<a>" * 100_000,
        "Annotations/3.xml": voc(3, more="<object><name>cat</name></object><object><bndbox/></object>"),
        "Annotations/4.xml": b'<annotation><x href="file:///etc/passwd"/></annotation>',
        "more/5.xml": voc(5),
        "Annotations/99.xml": voc(99, box=("cat", 1, 1, 5, 5)),
        "Annotations/6.xml": voc(6, size="<size><width>400</width><height>400</height></size>"),
        "Annotations/7.xml": voc(7, box=("dog", 26, 14, 14, 4)),
        "Annotations/8.xml": voc(8, more="<object><name>dog</name><part><name>head</name><bndbox/></part><bndbox/></object>"),
    }
    made = boxed(files)
    why = {name: words for name, words in made.report["reasons"]}
    assert "definitions of its own" in why["Annotations/0.xml"] and "damaged XML" in why["Annotations/1.xml"]
    assert "too deep" in why["Annotations/2.xml"] and "second file of boxes" in why["more/5.xml"]
    assert "1 boxes of an image that the archive does not contain" in why["Annotations/99.xml"]
    assert "has 40 x 20 pixels, but its boxes are measured in 400 x 400" in why["JPEGImages/6.png"]
    assert "2 boxes were left out: each has a place that is not four numbers" in made.told and "has no class" in made.told
    assert "it has its corners in another order" in made.told
    assert np.allclose(made.corners()[3][0], [11.2, 11.2, 20.8, 19.2], atol=0.1)
    assert all("cannot be read" in why[f"JPEGImages/{n}.png"] for n in range(3)), "what is not known is no background"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (json.dumps(coco()).encode()[:-40], "damaged or incomplete"),
        (b'{"images": [], "categories": [], "annotations": ' + b"[" * 100_000, "too deep in each other"),
        (b'{"images": [], "categories": [], "annotations": [\xff]}', "damaged or incomplete"),
        (b'{"images": [{"id": ' + b"9" * 6_000 + b'}], "categories": [], "annotations": []}', "damaged or incomplete"),
    ],
)
def test_a_broken_coco_file_is_refused_in_words(look, content, words):
    with pytest.raises(Invalid, match=words) as caught:
        look(photos() | {"a.json": content})
    assert caught.value.mend


def test_json_that_is_no_coco_leaves_the_images_as_they_are(look):
    for content in (b"[]", b'{"images": 1, "annotations": 2, "categories": 3}', b'{"a": 1}'):
        found = look({f"{kind}/{n}.png": photo(n) for kind in "ab" for n in range(5)} | {"a.json": content})
        assert found.guessed_tasks == {"class": "classification"}


def test_two_descriptions_of_one_image_are_told(boxed):
    once = coco(images=[{"id": 60, "file_name": "3.png"}], annotations=[{"image_id": 60, "category_id": 7, "bbox": [2, 2, 4, 4]}])
    made = boxed(photos() | {"a.json": json.dumps(once).encode(), "b.json": json.dumps(coco()).encode()})
    assert "lists these images twice; their boxes were put together: images/3.png" in made.told
    assert "b.json was not used for 12 images that another file of boxes describes already" in made.told
    assert boxes.there(made.y)[3].sum() == 2


def test_an_image_with_a_hundred_thousand_boxes_is_refused_and_the_others_are_not(boxed):
    lines = b"".join(b"0 0.5 0.5 0.%05d1 0.5\n" % n for n in range(100_000))
    made = boxed(packed("yolo") | {"labels/0.txt": lines})
    assert dict(made.report["reasons"])["images/0.png"] == "has 100,000 boxes; at most 300 in an image"
    assert made.report["accepted"] == NUMBER - 1 and len(made.x) == len(made.y) == NUMBER - 1


def test_boxes_that_a_crop_cuts_off_and_tiny_ones_are_told(boxed):
    made = boxed(packed("yolo") | {"labels/0.txt": b"0 0.05 0.5 0.1 0.5\n0 0.5 0.5 0.02 0.5\n"}, fit="crop")
    assert "each lies mostly in a part of its image that is cut off" in made.told or "it lies mostly in a part" in made.told
    assert "narrower than 3 pixels" in made.told


def test_boxes_that_are_all_wrong_make_no_dataset(boxed, look):
    files = photos() | {f"labels/{n}.txt": b"0 5 5 0.1 0.1\n" for n in range(NUMBER)}
    assert "12 boxes were left out: each lies outside of its image" in " ".join(look(files).warnings)
    with pytest.raises(Invalid, match="No box can be used"):
        boxed(files)
    with pytest.raises(Invalid, match="contains no boxes"):
        boxed({f"{kind}/{n}.png": photo(n) for kind in "ab" for n in range(5)})


def test_masks_beside_boxes_are_no_images_of_objects(look):
    files = packed("voc") | {f"SegmentationClass/{n}.png": photo(n) for n in range(2)}
    found = look(files)
    assert found.num_examples == NUMBER and any("2 masks" in words for words in found.warnings)


def test_captions_beside_images_are_no_boxes(look):
    files = {f"{kind}/{n}.png": photo(n) for kind in "ab" for n in range(5)}
    files |= {f"{kind}/{n}.txt": b"a dog runs over the grass" for kind in "ab" for n in range(5)}
    assert look(files).guessed_tasks == {"class": "classification"}


def test_images_of_one_last_name_are_told_apart_by_their_folders_in_no_time():
    images = entries(File(n, f"all/{('train', 'val')[n % 2]}/{n // 2}/a.jpg", 1) for n in range(8_000))
    beside = entries([File(8_000, "all/instances_val.json", 1)])[0]
    partners, began = Partners(images), time.process_time()

    exact = [partners.named(f"train/{n}/a.jpg", beside) for n in range(4_000)]
    by_split = [partners.named(f"{n}\\a.jpg", beside) for n in range(4_000)]
    unknown = {partners.named(f"gone/{n}/a.jpg", beside) for n in range(4_000)}

    assert exact == images[::2] and by_split == images[1::2] and unknown == {images[1]}
    assert time.process_time() - began < 5  # it took a minute
