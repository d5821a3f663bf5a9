"""A zip of images becomes a dataset, or is refused in words; hostile ones before anything is unpacked."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from mhub_core.datasets import example_service, service
from mhub_core.errors import Invalid, MHubError
from mhub_core.kinds.pictures import archive
from mhub_core.kinds.pictures import decode as images
from mhub_core.kinds.pictures.prepare import fitting_size
from mhub_core.kinds.pictures.preview import preview
from mhub_core.kinds.registry import require_kind
from mhub_core.storage import service as storage
from tests.datasets.conftest import animals, pack, picture


def array(key: str) -> np.ndarray:
    return np.load(storage.local_path(key), mmap_mode="r")


def header_only_png(width: int, height: int) -> bytes:
    """Return a PNG that claims a size and holds hardly a pixel."""
    chunks = (b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), b"IDAT" + zlib.compress(bytes(100)))
    framed = [struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


@pytest.mark.slow
@pytest.mark.parametrize("top", ["", "animals/"])
def test_folders_are_classes_also_within_one_common_folder(make_images, top):
    spec = make_images(pack(animals(top=top))).ready_version.spec

    assert spec.classes == ("cat", "dog") and spec.target["counts"] == [6, 6]
    assert spec.input_shape == (28, 28, 3) and (spec.num_train, spec.num_test) == (10, 2)
    assert array(spec.arrays["x"]).shape == (12, 28, 28, 3) and array(spec.arrays["x"]).dtype == np.uint8


@pytest.mark.slow
def test_gray_images_that_keep_their_size(make_images):
    spec = make_images(pack(animals()), image_size=None, color="gray").ready_version.spec

    assert spec.input_shape == (30, 40, 1)


def test_what_is_no_image_is_refused_one_by_one_with_reasons(make_images):
    extra = {
        "cat/notes.txt": b"hello",
        "cat/cut.png": picture()[:300],
        "readme.md": b"x",
        "index.csv": b"x",
        "dog/huge.png": header_only_png(30_000, 30_000),
    }
    version = make_images(pack({**animals(), **extra})).ready_version

    assert version.report["accepted"] == 12 and version.report["refused"] == 3
    assert any("readme.md, index.csv" in warning for warning in version.report["warnings"])
    reasons = dict(version.report["reasons"])
    assert "not an image" in reasons["cat/notes.txt"] and "damaged" in reasons["cat/cut.png"]
    assert "too many pixels" in reasons["dog/huge.png"]


@pytest.mark.slow
def test_hidden_files_are_left_out_silently(make_images):
    version = make_images(
        pack({**animals(), "__MACOSX/cat/._1.png": b"x", "cat/.DS_Store": b"x", "dog/Thumbs.db": b"x"})
    ).ready_version

    assert version.report["refused"] == 0 and version.spec.num_rows == 12


JUNK = ("README.md", "LICENSE", ".DS_Store", "cat/desktop.ini", "dog/Thumbs.db", "docs/readme.txt", "docs/manual.pdf")


@pytest.mark.parametrize("top", ["", "animals/", "animals-main/images/"])
@pytest.mark.parametrize("splits", [("",), ("train/", "test/"), ("train/", "val/", "test/")])
def test_classes_are_found_within_wrapper_folders_splits_and_files_about_the_data(tmp_path, top, splits):
    files = {name: data for split in splits for name, data in animals(3, f"{top}{split}").items()}
    files |= {f"{top}{name}": b"x" for name in JUNK} | {"__MACOSX/animals/._README.md": b"x", "README.md": b"x"}
    path = tmp_path / "images.zip"
    path.write_bytes(pack(files))

    seen = preview(path, path.name, {})

    assert seen.classes == {"cat": 3 * len(splits), "dog": 3 * len(splits)}
    assert any("README.md" in warning and "LICENSE" in warning for warning in seen.warnings)
    assert (len(splits) > 1) == any("hidden test set" in warning for warning in seen.warnings)


def test_test_images_without_classes_are_left_out(tmp_path):
    path = tmp_path / "images.zip"
    path.write_bytes(pack({**animals(3, "data/train/"), **{f"data/test/{n}.png": picture() for n in range(20)}}))

    seen = preview(path, path.name, {})

    assert seen.classes == {"cat": 3, "dog": 3} and any(warning.startswith("20 files") for warning in seen.warnings)


def test_a_class_with_a_folder_inside_stays_one(tmp_path):
    path = tmp_path / "images.zip"
    path.write_bytes(pack({**animals(4), "cat/old/1.png": picture()}))

    assert preview(path, path.name, {}).classes == {"cat": 5, "dog": 4}


def test_one_class_with_folders_inside_is_not_taken_for_two(tmp_path):
    path = tmp_path / "images.zip"
    path.write_bytes(pack({f"cat/{name}.png": picture() for name in ("1", "2", "3", "old/1", "new/2")}))

    with pytest.raises(Invalid, match="one class"):
        preview(path, path.name, {})


def linked() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        info = zipfile.ZipInfo("cat/link.png")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(info, "/etc/passwd")
    return buffer.getvalue()


def encrypted() -> bytes:
    data = bytearray(pack(animals()))
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"no zip at all", "not a zip"),
        (pack(animals())[:-200], "not a zip"),
        (pack({**animals(), "../../etc/cron.d/x": b"x"}), "points outside it"),
        (pack({**animals(), "cat\\..\\..\\x.png": b"x"}), "points outside it"),
        (pack({**animals(), "/etc/passwd": b"x"}), "absolute name"),
        (pack({**animals(), "C:/x.png": b"x"}), "absolute name"),
        (linked(), "a link"),
        (encrypted(), "encrypted"),
        (pack({"cat/1.png": picture(), "cat/2.png": picture()}), "one class"),
        (pack({"1.png": picture(), "2.png": picture()}), "no class folder"),
        (pack({"[Content_Types].xml": b"x", "word/document.xml": b"x"}), "office document"),
        (
            pack({f"{kind}/{n}.png": bytes(30_000_000) for kind in "ab" for n in range(2)}),
            "Unpacked, the zip would take 120 MB",
        ),
    ],
)
def test_a_hostile_or_useless_zip_is_refused_at_once(anna, send, data, words):
    with pytest.raises(MHubError, match=words):
        service.inspect_upload(anna, send(data, "images.zip"))


def test_the_web_process_opens_no_zip_itself(anna, send, monkeypatch):
    receipt = send(pack(animals()), "images.zip")
    monkeypatch.setattr(zipfile, "ZipFile", None)  # of this process; the sandbox has its own

    assert service.inspect_upload(anna, receipt).classes == {"cat": 6, "dog": 6}


def test_a_zip_with_too_many_members_is_refused_from_its_last_bytes(tmp_path, monkeypatch):
    path = tmp_path / "images.zip"
    path.write_bytes(pack(animals(20)))
    monkeypatch.setenv("MHUB_MAX_IMAGES", "10")
    monkeypatch.setattr(zipfile, "ZipFile", None)  # its table of contents must not be read

    with pytest.raises(MHubError, match="contains 40 files"):
        preview(path, path.name, {})


def lying(num_entries: int) -> bytes:
    """A zip of many entries that tells of one; its zip64 locator holds what looks like a record of few."""
    name = b"a/1.png"
    table = (b"PK\x01\x02" + bytes(24) + struct.pack("<H", len(name)) + bytes(16) + name) * num_entries
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(table), 0)
    locator = struct.pack("<4sL4sLL", b"PK\x06\x07", 0, b"PK\x06\x06", 0, 1)
    return table + record + locator + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 53, 0, 64) + bytes(64)


def test_a_zip_that_lies_about_the_number_of_its_members_is_refused_too(tmp_path, monkeypatch):
    monkeypatch.setenv("MHUB_MAX_IMAGES", "100")
    path = tmp_path / "images.zip"
    path.write_bytes(lying(5_000))
    monkeypatch.setattr(zipfile, "ZipFile", None)  # its table of contents must not be read

    with pytest.raises(MHubError, match="At most 100 images"):
        preview(path, path.name, {})


def test_a_zip_whose_images_are_all_bad_is_refused_with_examples(make_images):
    [version] = make_images(pack({f"{kind}/{n}.png": b"x" for kind in "ab" for n in range(9)})).versions

    assert version.state == "refused"
    assert "a/0.png: This is not an image." in version.report["error"]["happened"]


def test_the_gallery_shows_training_images_of_a_class(make_images, anna):
    version = make_images(pack(animals())).ready_version

    pictures = example_service.gallery(anna, version.id, group=1)

    assert len(pictures) == 5 and {one.truth["class"] for one in pictures} == {"dog"}
    assert Image.open(io.BytesIO(pictures[0].png)).size == (28, 28)


def test_an_image_is_turned_upright_before_it_is_resized():
    white_left = Image.fromarray(np.repeat([[255] * 20 + [0] * 20], 20, axis=0).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise: what was left comes to the top
    buffer = io.BytesIO()
    white_left.save(buffer, "JPEG", exif=exif)

    array = images.decode(buffer.getvalue(), (20, 10, 1), images.STRETCH)

    assert array[:8].mean() > 240 and array[12:].mean() < 15


def test_transparency_becomes_white():
    buffer = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(buffer, "PNG")

    assert images.decode(buffer.getvalue(), (8, 8, 3), images.PAD).min() == 255


@pytest.mark.parametrize("data", [b"", b"hello", picture()[:500], header_only_png(30_000, 30_000)])
def test_a_bad_image_is_refused_in_words(data):
    with pytest.raises(Invalid):
        images.decode(data, (28, 28, 3), images.PAD)


def test_a_member_larger_than_any_image_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_FILE", 100)
    (tmp_path / "x.zip").write_bytes(pack(animals()))

    with archive.opened(tmp_path / "x.zip") as opened:
        assert all("larger than" in str(content) for _, content in opened.read(opened.files))


@pytest.mark.parametrize(
    ("usual", "size"), [(None, 224), (5, 8), (8, 8), (28, 28), (32, 32), (33, 48), (120, 128), (150, 160), (160, 160), (300, 224)]
)
def test_the_offered_size_is_near_that_of_the_images(usual, size):
    assert fitting_size(usual) == size


def test_the_usual_size_is_found_among_many_and_not_only_among_the_first(tmp_path):
    path = tmp_path / "images.zip"
    small = {f"cat/{n}.png": picture((20, 10)) for n in range(10)}
    path.write_bytes(pack({**small, **{f"dog/{n}.png": picture((120, 160)) for n in range(40)}}))

    seen = preview(path, path.name, {})

    assert (seen.usual_side, seen.longest_side) == (160, 160)


def marked() -> bytes:
    """An image of 40 x 20 pixels: red, with a green column at each end and a blue square in its middle."""
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:] = (200, 0, 0)
    pixels[:, :8] = pixels[:, -8:] = (0, 200, 0)
    pixels[5:15, 15:25] = (0, 0, 200)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_margin_keeps_the_whole_image_and_its_proportions():
    array = images.decode(marked(), (40, 40, 3), images.PAD)

    assert (array[10:30] == images.decode(marked(), (20, 40, 3), images.STRETCH)).all()
    assert (array[:10] == array[0, 0]).all() and (array[30:] == array[0, 0]).all()  # the color of the edges
    assert tuple(array[0, 0]) in ((200, 0, 0), (0, 200, 0))


def test_cutting_off_keeps_the_middle_and_its_proportions():
    array = images.decode(marked(), (20, 20, 3), images.CROP)

    assert (array[5:15, 5:15] == (0, 0, 200)).all() and (array == (0, 200, 0)).all(-1).sum() == 0


def test_stretching_distorts_as_release_0_1_did():
    array = images.decode(marked(), (20, 20, 3), images.STRETCH)

    assert (array[:, :3] == (0, 200, 0)).all() and (array[:, -3:] == (0, 200, 0)).all()


@pytest.mark.parametrize("fit", images.FITS)
def test_an_image_that_fits_already_is_not_changed(fit):
    whole = images.decode(marked(), (20, 40, 3), fit)

    assert (whole == np.asarray(Image.open(io.BytesIO(marked())))).all()


@pytest.mark.parametrize("fit", images.FITS)
def test_images_for_a_prediction_are_decoded_as_those_of_the_dataset(make_images, fit):
    spec = make_images(pack({f"{kind}/{n}.png": marked() for kind in "ab" for n in range(6)}), fit=fit).ready_version.spec
    kind = require_kind("images")

    seen = kind.decode(spec, kind.check_inputs(spec, [marked()])).x

    assert spec.input["fit"] == fit and (seen[0] == array(spec.arrays["x"])[0]).all()


def test_a_dataset_of_release_0_1_goes_on_stretching(make_images):
    spec = make_images(pack(animals())).ready_version.spec
    old = replace(spec, input={"shape": [20, 20, 3]})
    kind = require_kind("images")

    seen = kind.decode(old, kind.check_inputs(old, [marked()])).x

    assert (seen[0] == images.decode(marked(), (20, 20, 3), images.STRETCH)).all()


@pytest.mark.parametrize("wrong", [{"image_size": 7}, {"image_size": 2_000}, {"image_size": "28"}, {"fit": "zoom"}, {"color": 1}])
def test_a_wrong_choice_is_refused_in_words(anna, send, wrong):
    with pytest.raises(Invalid) as refused:
        service.create(anna, send(pack(animals())), "Mine", "", "images", "class", "classification", **wrong)

    assert refused.value.problems.keys() == wrong.keys()
