"""Many images are kept as the files they came as: who reads their pixels gets those that would have been stored."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

from mhub_core.data.records import DataSpec
from mhub_core.datasets import (
    addition_service,
    compare_service,
    download_service,
    example_service,
    preview_service,
    service,
    version_service,
    worker_service,
)
from mhub_core.datasets.child import APPEND
from mhub_core.errors import Invalid
from mhub_core.exploring import worker_service as profiles
from mhub_core.kinds import arrays
from mhub_core.kinds.kind import Addition
from mhub_core.kinds.pictures import decode, jpeg, keepers, kept
from mhub_core.kinds.registry import require_kind
from mhub_core.storage import service as storage
from tests.datasets import test_boxes, test_masks
from tests.datasets.conftest import pack, picture

SIZES = ((40, 30), (24, 24), (33, 57), (24, 24), (24, 24))
STEPS = [{"step": "crop", "params": {"left": 4, "top": 0, "right": 0, "bottom": 2}}, {"step": "invert", "params": {}}]


def photo(number: int, size: tuple[int, int] | None = None, file_format: str = "JPEG", **options: Any) -> bytes:
    """A photo of its own, in one of several sizes."""
    width, height = size or SIZES[number % len(SIZES)]
    coarse = np.random.default_rng(number).integers(0, 256, (6, 6, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC).save(buffer, file_format, **options)
    return buffer.getvalue()


def photos(start: int = 0, number: int = 24) -> dict[str, bytes]:
    """Photos of two classes in several formats, one turned on its side, one damaged."""
    turned = Image.Exif()
    turned[0x0112] = 6
    numbers = range(start, start + number)
    files = {f"{('cat', 'dog')[n % 2]}/{n:03}.jpg": photo(n, file_format="PNG" if n % 5 == 0 else "JPEG") for n in numbers}
    return files | {"cat/turned.jpg": photo(900 + start, exif=turned), "dog/damaged.jpg": photo(901, (60, 60))[:600]}


class Made(NamedTuple):
    """A version in a folder: kept as files, or as pixels."""

    spec: DataSpec
    report: dict
    paths: dict[str, Path]

    @property
    def x(self) -> np.ndarray:
        return np.asarray(kept.opened(self.spec, self.paths)[:])

    def array(self, name: str) -> np.ndarray:
        return np.load(self.paths[name])


@pytest.fixture
def both(tmp_path, monkeypatch) -> Any:
    """Do the same while pixels are kept, and while files are."""

    def do(work: Any, *before: Made) -> tuple[Made, Made]:
        found = []
        for place, (most, worth) in enumerate(((1 << 30, 2), (0, 0))):
            folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            monkeypatch.setattr(kept, "KEPT_BYTES", most)
            monkeypatch.setattr(keepers, "_WORTH_IT", worth)
            spec, report = work(folder, *before[place : place + 1])
            old = {file.name: file for one in before[place : place + 1] for file in one.paths.values()}
            paths = {name: folder / file if (folder / file).exists() else old[file] for name, file in spec.arrays.items()}
            found.append(Made(spec, report, paths))
        pixels, files = found
        assert "x" not in files.spec.arrays and {"files", "ends"} <= set(files.spec.arrays)
        return pixels, files

    return do


def same(pixels: Made, files: Made) -> None:
    assert np.array_equal(pixels.x, files.x) and pixels.report == files.report
    assert np.array_equal(pixels.array("y"), files.array("y")) and np.array_equal(pixels.array("split"), files.array("split"))
    assert (pixels.spec.input, pixels.spec.target) == (files.spec.input, files.spec.target)


def prepared(files: dict[str, bytes], task: str = "classification", **choices: Any) -> Any:
    def work(folder: Path) -> Any:
        kind = require_kind("images")
        request, problems = kind.check_request("class", task, {"image_size": 24, **choices})
        (folder / "set.zip").write_bytes(pack(files))
        assert not problems
        return kind.prepare(folder / "set.zip", request, folder, lambda *_: None)

    return work


def extended(files: dict[str, bytes], replaces: bool = False, steps: Any = ()) -> Any:
    def work(folder: Path, made: Made) -> Any:
        (folder / "more.zip").write_bytes(pack(files))
        request = {"target": "class", "task": "classification", "image_size": 24, "color": "rgb", "fit": "pad", "reading": {}}
        addition = Addition(folder / "more.zip", request, steps, replaces)
        return require_kind("images").recipes.extend(made.spec, made.paths, addition, folder, lambda *_: None)

    return work


def processed(recipe: list[dict[str, Any]]) -> Any:
    def work(folder: Path, made: Made) -> Any:
        return require_kind("images").recipes.process(made.spec, made.paths, recipe, folder, lambda *_: None)

    return work


@pytest.mark.parametrize(
    "choices", [{}, {"fit": "crop"}, {"fit": "stretch"}, {"color": "gray"}, {"image_size": 8}, {"image_size": None}]
)
def test_images_that_are_kept_as_files_have_the_pixels_that_would_have_been_stored(both, choices):
    pixels, files = both(prepared(photos(), **choices))

    same(pixels, files)
    assert any("damaged" in name for name, _ in files.report["reasons"]) and len(files.x) > 10


def test_images_whose_mask_or_boxes_cannot_be_used_are_left_out_of_the_files(both):
    masked = test_masks.pairs(number=14) | {"masks/3.png": b"no image", "images/5.png": b"no image either"}
    boxed = test_boxes.packed("voc") | {"JPEGImages/4.png": picture((9, 9))}

    for work in (prepared(masked, "segmentation", image_size=16), prepared(boxed, "detection", image_size=32)):
        pixels, files = both(work)
        same(pixels, files)
        assert files.report["refused"] and len(files.x) == files.report["accepted"]


def test_steps_are_carried_out_on_what_is_kept_of_the_upload(both):
    first = both(prepared(photos()))
    second = both(processed(STEPS[:1]), *first)
    third = both(processed(STEPS[1:]), *second)

    same(*second), same(*third)
    pixels, files = third
    assert files.spec.arrays["files"] == first[1].spec.arrays["files"] and "raw_x" not in files.spec.arrays
    assert not list(files.paths["y"].parent.glob("*x.npy"))
    photos_given = require_kind("images").check_inputs(files.spec, [photo(3), photo(4)])
    one, other = (require_kind("images").decode(made.spec, photos_given).x for made in third)
    assert np.array_equal(one, other)


@pytest.mark.parametrize("steps", [(), STEPS])
@pytest.mark.parametrize("replaces", [False, True])
def test_further_images_come_to_the_files_and_a_copy_of_a_test_image_stays_hidden(both, steps, replaces):
    first = both(prepared(photos()))
    again = dict(list(photos().items())[:12]) | photos(100, 12)

    pixels, files = both(extended(again, replaces, steps), *first)

    same(pixels, files)
    num = 0 if replaces else len(first[1].x)
    hidden = {one.tobytes() for one in first[1].x[first[1].array("split") == 1]}
    before = np.asarray(kept.uploaded(files.spec, files.paths)[num:])
    assert hidden and all(
        part == 1 for one, part in zip(before, files.array("split")[num:], strict=True) if one.tobytes() in hidden
    )


def test_images_that_were_stored_as_pixels_and_files_come_together_without_a_loss(both, tmp_path):
    pixels, files = both(prepared(photos()))
    _, more = both(prepared(photos(100)))
    (tmp_path / "joined").mkdir()

    joined = kept.join(
        [kept.opened(pixels.spec, pixels.paths), kept.opened(more.spec, more.paths)], tmp_path / "joined", "pad", lambda *_: None
    )

    assert "x" not in joined.arrays and np.array_equal(joined.images[:], np.concatenate([pixels.x, more.x]))


def test_a_few_images_are_kept_as_pixels_and_so_are_files_that_take_as_much_as_these(make_images):
    assert "x" in make_images(pack(photos())).versions[0].spec.arrays


def test_what_the_quick_look_finds_sound_is_decoded_and_what_it_does_not_is_looked_at_closely():
    draw, taken = np.random.default_rng(0), 0
    for number in range(400):
        data = bytearray(photo(number, (48, 40), subsampling=number % 3, progressive=number % 4 == 0))
        for place in draw.integers(2, len(data), number % 3):
            data[place] = draw.integers(0, 256)
        cut = bytes(data[: len(data) - number % 2 * int(draw.integers(0, 60))])
        if (found := jpeg.sound(cut, (40, 48), 10**6)) is not None:
            pixels = jpeg.pixels(cut, (40, 48), 10**6)
            assert pixels is not None and pixels.shape[:2] == found
            taken += 1
    assert 100 < taken < 400
    with pytest.raises(Invalid):
        decode.checked(photo(1)[:200], (24, 24, 3), "pad")


def test_small_files_of_more_pixels_than_a_machine_holds_are_refused_with_both_sizes(make_images, monkeypatch):
    monkeypatch.setenv("MHUB_CACHE_MB", "17")
    buffer = io.BytesIO()
    Image.new("RGB", (512, 512), "red").save(buffer, "PNG")
    files = {f"{('cat', 'dog')[n % 2]}/{n}.png": buffer.getvalue() for n in range(24)}

    version = make_images(pack(files), image_size=512).versions[0]

    told = version.report["error"]
    assert "19 MB" in told["happened"] and told["expected"] == "At most 17 MB."


@pytest.fixture
def many(make_images) -> tuple[Any, dict[str, bytes], np.ndarray]:
    """A version of more images than are kept as pixels, made in the sandbox; its files, and what these are decoded to."""
    files = {f"{('cat', 'dog')[n % 2]}/{n:03}.jpg": photo(n, (128, 128)) for n in range(350)}
    version = make_images(pack(files), image_size=128).versions[0]
    assert set(version.spec.arrays) == {"files", "ends", "y", "split"}
    return version, files, np.stack([decode.decode(one, (128, 128, 3), "pad") for one in files.values()])


def pixels_of(version: Any) -> np.ndarray:
    return np.load(arrays.verified(version.spec, "x"))


@pytest.mark.slow
def test_a_few_images_are_shown_at_once_and_all_are_decoded_when_they_are_looked_through(anna, many):
    version, _, expected = many

    shown = example_service.gallery(anna, version.id, limit=3)

    assert [one.png for one in shown] == [decode.to_png(expected[one.row]) for one in shown]
    assert storage.made_before(*arrays.made_name(version.spec, "x")) is None
    profiles.make_profile(version.id)
    assert storage.made_before(*arrays.made_name(version.spec, "x")) and np.array_equal(pixels_of(version), expected)
    assert example_service.gallery(anna, version.id, limit=3) == shown
    assert service.require_version(anna, version.id).report["profile"].keys() >= {"key"}


@pytest.mark.slow
def test_versions_of_many_images_are_previewed_made_compared_and_downloaded(anna, many):
    version, _, expected = many
    before, after = preview_service.preview(anna, version.id, STEPS).pictures[0]

    second = next_version(anna, version_service.process(anna, version.id, STEPS))

    row = next(row for row, image in enumerate(expected) if decode.to_png(image) == before)
    assert decode.to_png(pixels_of(second)[row]) == after
    assert np.array_equal(pixels_of(second), 255 - expected[:, :-2, 4:])
    assert compare_service.compare(anna, version.id, second.id).test == "same"
    _, parts = download_service.download(anna, second.id, "images")
    assert sum(name.endswith(".png") for name, _ in parts) == len(expected)
    version_service.delete_version(anna, version.id)
    assert np.array_equal(pixels_of(second), 255 - expected[:, :-2, 4:])


@pytest.mark.slow
def test_images_are_appended_to_many(anna, many, send):
    version, files, expected = many
    more = pack({name.replace("/", "/new"): photo(1000 + n, (128, 128)) for n, name in enumerate(files)})

    second = next_version(anna, addition_service.add(anna, version.id, send(more, "more.zip"), APPEND))

    assert second.spec.num_rows == 700 and np.array_equal(pixels_of(second)[:350], expected)


def next_version(user: Any, version_id: int) -> Any:
    worker_service.prepare(version_id)
    version = service.require_version(user, version_id)
    assert version.state == "ready"
    return version
