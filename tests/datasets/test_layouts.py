"""The folder layouts of image sets as people have them: classes are classes, splits stay splits, the rest is told."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mhub_core.data.records import UploadPreview
from mhub_core.data.splits import TEST
from mhub_core.datasets import example_service, service
from mhub_core.errors import Invalid, MHubError
from mhub_core.kinds.pictures.preview import preview
from mhub_core.storage import service as storage
from tests.datasets.conftest import pack


def flat(color: int, side: int = 8) -> bytes:
    """A small image of one color, so that it is found again among others."""
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), (color, color // 2, 255 - color)).save(buffer, "PNG")
    return buffer.getvalue()


def images(*names: str) -> dict[str, bytes]:
    """Files of different content under these names."""
    return {name: flat(number % 250) for number, name in enumerate(names)}


def of(*folders: str, each: int = 4) -> dict[str, bytes]:
    """Images in folders."""
    return images(*(f"{folder}/{number}.png" for folder in folders for number in range(each)))


def seen(tmp_path: Path, files: dict[str, bytes], **chosen: object) -> UploadPreview:
    path = tmp_path / "images.zip"
    path.write_bytes(pack(files))
    return preview(path, path.name, chosen)


def told(found: UploadPreview) -> str:
    return " ".join(found.warnings)


def offered(found: UploadPreview, name: str) -> list[str]:
    return [str(value) for option in found.options if option.name == name for value, _ in option.choices]


CATS = {"cat": 4, "dog": 4}


@pytest.mark.parametrize("train", ["train", "Training", "training_set", "seg_train", "train_images", "train2017", "TRAIN"])
@pytest.mark.parametrize("test", ["test", "Testing", "test-set", "eval", "test1", "evaluation"])
def test_split_folders_of_any_name_keep_their_splits(tmp_path, train, test):
    found = seen(tmp_path, of(*(f"data/{split}/{name}" for split in (train, "valid", test) for name in CATS)))

    assert found.classes == {"cat": 12, "dog": 12}
    assert found.splits == {"train": CATS, "validation": CATS, "test": CATS}
    assert "The 8 images of the test folder are the hidden test set" in told(found)
    assert offered(found, "splits") == ["test", "mixed", "validation"]


@pytest.mark.parametrize(
    ("folders", "classes"),
    [
        (("cat/train", "cat/test", "dog/train", "dog/test"), {"cat": 8, "dog": 8}),
        (("x/x/train/cat", "x/x/train/dog", "x/train/cat", "x/train/dog"), {"cat": 8, "dog": 8}),
        (("images/train/cat", "images/train/dog", "images/val/cat", "images/val/dog"), {"cat": 8, "dog": 8}),
        (("train", "car", "bus"), {"train": 4, "car": 4, "bus": 4}),
        (("test", "development", "production"), {"test": 4, "development": 4, "production": 4}),
        (("with_mask", "without_mask"), {"with_mask": 4, "without_mask": 4}),
        (("mask", "no_mask"), {"mask": 4, "no_mask": 4}),
    ],
)
def test_a_class_is_told_from_a_split_and_from_a_mask(tmp_path, folders, classes):
    assert seen(tmp_path, of(*folders)).classes == classes


def test_what_lies_beside_the_splits_is_skipped_and_told(tmp_path):
    extra = {"d/single_prediction/cat_or_dog_1.png": flat(99), "d/sample_submission/x.csv": b"a,b", "d/test/flat.png": flat(98)}
    found = seen(tmp_path, of("d/train/cat", "d/train/dog", "d/test/cat", "d/test/dog") | extra)

    assert found.classes == {"cat": 8, "dog": 8}
    assert "sample_submission/x.csv" in told(found) and "cat_or_dog_1.png was skipped: it lies beside" in told(found)
    assert "d/test/flat.png was skipped: it is not in a class folder" in told(found)


def test_classes_on_one_side_of_the_split_are_told(tmp_path):
    found = seen(tmp_path, of("train/cat", "train/dog", "train/ape", "test/cat", "test/dog", "test/bee"))

    assert "without a training image, so no model can learn them: bee" in told(found)
    assert "Classes without a test image: ape" in told(found)


def test_annotations_empty_folders_and_single_images_are_told(tmp_path):
    extra = {f"annotations/{number}.xml": b"<x/>" for number in range(5)} | {
        "bird/": b"",
        "fish/notes.txt": b"x",
        "ape/1.png": flat(77),
    }
    found = seen(tmp_path, of("cat", "dog") | extra)

    assert found.classes == CATS | {"ape": 1}
    for words in (
        "5 files in annotations",
        "fish/notes.txt",
        "Empty folders, which make no class: bird",
        "ape has a single image",
    ):
        assert words in told(found)


@pytest.mark.parametrize("name", ["{}.{}.png", "{}_{}.png", "{} ({}).png", "{}-00{}.png", "{}{}.png", "{}_1_{}.png"])
def test_the_beginning_of_the_file_name_is_the_class(tmp_path, name):
    names = [f"train/{name.format(kind, number)}" for kind in ("cat", "great_dog") for number in range(4)]

    assert seen(tmp_path, images(*names)).classes == {"cat": 4, "great_dog": 4}


def test_kaggle_s_unlabelled_test_images_are_skipped(tmp_path):
    names = [f"train/{kind}.{number}.png" for kind in CATS for number in range(4)]
    found = seen(tmp_path, images(*names, *(f"test1/{number}.png" for number in range(6))))

    assert found.classes == CATS and "6 files were skipped" in told(found)


@pytest.mark.parametrize(
    "table",
    [
        "id,label\n{}",
        "image;breed\n{}".replace(",", ";"),
        "filename,width,class\n{}",
        "\ufeffpath\tlabel\n{}",
        "{}",
    ],
)
def test_a_table_beside_the_images_tells_their_classes(tmp_path, table):
    separator = ";" if ";" in table else "\t" if "\t" in table else ","
    middle = ["40"] if "width" in table else []
    ids = {"path": "images/{}.png", "filename": "{}.jpg"}
    form = next((value for key, value in ids.items() if key in table), "{}")
    rows = [separator.join([form.format(n), *middle, ("ant", "bee")[n % 2]]) for n in range(8)]
    files = images(*(f"images/{n}.png" for n in range(9))) | {
        "labels.csv": table.format("\n".join([*rows, rows[0].replace("0", "77", 1)])).encode()
    }
    found = seen(tmp_path, files)

    assert found.classes == {"ant": 4, "bee": 4}
    assert "images/8.png was skipped: it is not named in labels.csv" in told(
        found
    ) and "1 row of labels.csv names no image" in told(found)


def test_the_column_of_the_table_and_the_source_of_the_class_can_be_changed(tmp_path):
    rows = "".join(f"{n}.png,{'ab'[n % 2]},{'xyz'[n % 3]}\n" for n in range(12))
    files = images(*(f"{'left' if n < 6 else 'right'}/{n}.png" for n in range(12))) | {
        "t.csv": f"file,label,other\n{rows}".encode()
    }
    found = seen(tmp_path, files)

    assert found.classes == {"left": 6, "right": 6} and offered(found, "class_from") == ["folder 1", "file t.csv"]
    assert seen(tmp_path, files, class_from="file t.csv").classes == {"a": 6, "b": 6}
    assert seen(tmp_path, files, class_from="file t.csv", labels_column="other").classes == {"x": 4, "y": 4, "z": 4}
    with pytest.raises(Invalid, match="cannot be read from"):
        seen(tmp_path, files, class_from="prefix")


def test_classes_within_classes_are_asked_for(tmp_path):
    files = of("animals/cat", "animals/dog", "plants/oak", "plants/rose")

    assert seen(tmp_path, files).classes == {"animals": 8, "plants": 8}
    assert seen(tmp_path, files, class_from="folder 2").classes == {"cat": 4, "dog": 4, "oak": 4, "rose": 4}


def raw_zip(names: list[bytes]) -> bytes:
    """A zip whose names are these bytes, without a flag that says how they are written."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(chr(65 + number) * len(name), flat(number % 250))
    data = buffer.getvalue()
    for number, name in enumerate(names):
        data = data.replace(chr(65 + number).encode() * len(name), name)
    return data


@pytest.mark.parametrize("spelled", ["Ka\u0308tzchen", "K\u00e4tzchen"])
def test_names_from_windows_and_macos_are_read(tmp_path, spelled):
    names = [f"Tiere{slash}{kind}{slash}bild-{n}.png".encode() for slash in "/\\" for kind in (spelled, "Hund") for n in range(4)]
    path = tmp_path / "finder.zip"
    path.write_bytes(raw_zip([*names, "__MACOSX/Tiere/Ka\u0308tz/._bild-0.png".encode()]))

    assert preview(path, path.name, {}).classes == {"K\u00e4tzchen": 8, "Hund": 8}


def test_names_that_hardly_differ_are_told_and_made_one_where_chosen(tmp_path):
    files = of("cat ", "Cat", "cat", "dog")
    found = seen(tmp_path, files)

    assert found.classes == {"cat": 8, "Cat": 4, "dog": 4}
    assert "Cat, cat differ only in capital letters" in told(found) and "differ only by blanks" in told(found)
    assert seen(tmp_path, files, same_case=True).classes == {"Cat": 12, "dog": 4}


def test_copies_are_told_and_left_out_where_chosen(tmp_path):
    files = of("train/cat", "train/dog", "test/cat", "test/dog") | {"train/cat/copy.png": flat(8), "train/dog/copy.png": flat(9)}
    found = seen(tmp_path, files)

    assert "2 images are exact copies of others, 1 of them in another class" in told(found)
    once = seen(tmp_path, files, copies="one")
    assert once.splits["train"] == CATS and "2 files were skipped: each is an exact copy" in told(once)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"labels.csv": b"a,b\n1,2\n", "README.md": b"x"}, "contains no image, but labels.csv"),
        ({"a/.hidden/1.png": flat(1), "__MACOSX/1.png": flat(1)}, "contains no image"),
        (images("1.png", "2.png"), "no class folder"),
        (images("cat/1.png", "cat/2.png"), "only one class"),
        (images(*(f"{n}/1.png" for n in range(1001))), "1,001 classes. At most 1,000"),
    ],
)
def test_what_names_no_classes_is_refused_in_words(tmp_path, files, words):
    with pytest.raises(MHubError, match=words):
        seen(tmp_path, files)


def split_of(version) -> np.ndarray:
    return np.load(storage.local_path(version.spec.arrays["split"]))


def test_given_splits_are_kept_and_no_image_of_the_test_folder_is_ever_shown(make_images, anna):
    files = of("train/cat", "train/dog", "val/cat", "val/dog", "test/cat", each=4) | {"test/dog/0.png": flat(200)}
    version = make_images(pack(files), image_size=8).ready_version
    x = np.load(storage.local_path(version.spec.arrays["x"]))

    assert (version.spec.num_train, version.spec.num_test) == (16, 5)
    assert set(x[split_of(version) == TEST][:, 0, 0, 0]) == {16, 17, 18, 19, 200}
    assert version.spec.target["open"] == [8, 8] and version.spec.target["counts"] == [12, 9]
    assert version.spec.input["split"] == "given" and "validation folder are used for training" in " ".join(
        version.report["warnings"]
    )
    shown = example_service.gallery(anna, version.id, group=1)
    assert len(shown) == 8


def test_splits_can_be_mixed_or_the_validation_be_the_test(make_images):
    files = of("train/cat", "train/dog", "val/cat", "val/dog", each=5)

    mixed = make_images(pack(files), image_size=8).ready_version
    kept = make_images(pack(files), image_size=8, reading={"splits": "validation"}).ready_version

    assert (mixed.spec.num_train, mixed.spec.num_test) == (16, 4) and mixed.spec.input["split"] != "given"
    assert (kept.spec.num_train, kept.spec.num_test) == (10, 10)


def test_what_was_chosen_in_the_preview_is_what_is_prepared(make_images, anna, send):
    files = of("animals/cat", "animals/dog", "plants/oak", "plants/rose")
    chosen = {"class_from": "folder 2"}

    before = service.inspect_upload(anna, send(pack(files), "a.zip"), chosen)
    spec = make_images(pack(files), image_size=8, reading=chosen).ready_version.spec

    assert tuple(before.classes) == spec.classes == ("cat", "dog", "oak", "rose")
