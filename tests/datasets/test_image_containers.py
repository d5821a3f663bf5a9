"""Images in a tar or in NumPy arrays are read as those of a zip are, and hostile ones are refused in words."""

from __future__ import annotations

import gzip
import io
import tarfile

import numpy as np
import pytest

from mhub_core.datasets import service
from mhub_core.errors import MHubError
from mhub_core.kinds.pictures.preview import preview
from mhub_core.kinds.registry import require_kind
from mhub_core.storage import service as storage
from tests.datasets.test_layouts import CATS, of


def tar(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT, more: tarfile.TarInfo | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        if more:
            archive.addfile(more)
    return buffer.getvalue()


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
@pytest.mark.parametrize("packed", [False, True])
def test_a_tar_is_read_as_a_zip_is(tmp_path, form, packed):
    long = "d" * 90
    data = tar(of(f"./{long}/train/cat", f"./{long}/train/dog", f"./{long}/test/cat", f"./{long}/test/dog"), form)
    path = tmp_path / "images.tar.gz"
    path.write_bytes(gzip.compress(data) if packed else data)
    request, _ = require_kind("images").check_request("class", "classification", {"image_size": 8})

    assert preview(path, path.name, {}).splits == {"train": CATS, "test": CATS}
    spec, report = require_kind("images").prepare(path, request, tmp_path, lambda *_: None)
    assert (spec.num_train, spec.num_test, report["refused"]) == (8, 8, 0)
    assert sorted(np.load(tmp_path / "x.npy")[:, 0, 0, 0]) == list(range(16))


def other(kind: bytes, name: str = "cat/x.png", link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (tar(of("cat", "dog"), more=other(tarfile.SYMTYPE, link="/etc/passwd")), "a link"),
        (tar(of("cat", "dog"), more=other(tarfile.LNKTYPE, link="cat/0.png")), "a link"),
        (tar(of("cat", "dog"), more=other(tarfile.CHRTYPE)), "what is no file"),
        (tar(of("cat", "dog"), more=other(tarfile.FIFOTYPE)), "what is no file"),
        (tar(of("cat", "dog") | {"/etc/x.png": b"x"}), "absolute name"),
        (tar(of("cat", "dog") | {"../x.png": b"x"}), "points outside"),
        (tar(of("cat", "dog"))[:3000], "damaged"),
        (gzip.compress(tar(of("cat", "dog")))[:-40], "damaged"),
        (gzip.compress(tar({"cat/1.png": bytes(60_000_000)})), "Unpacked, the tar would take"),
        (gzip.compress(b"a,b\n1,2\n" * 100), "not a tar"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # the bytes tell the time
)
def test_a_hostile_or_damaged_tar_is_refused_in_words(tmp_path, data, words):
    path = tmp_path / "images.tar"
    path.write_bytes(data)

    with pytest.raises(MHubError, match=words):
        preview(path, path.name, {})


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


X, Y = np.arange(20 * 8 * 8, dtype=np.uint32).reshape(20, 8, 8).astype(np.uint8), np.arange(20) % 2


def test_numpy_arrays_with_a_test_part_are_read(make_images, anna, send):
    data = npz(x_train=X[:14], y_train=Y[:14], x_test=X[14:], y_test=Y[14:, None])

    assert service.inspect_upload(anna, send(data, "mnist.npz")).splits == {"train": {"0": 7, "1": 7}, "test": {"0": 3, "1": 3}}
    spec = make_images(data, image_size=None, color="gray").ready_version.spec
    assert spec.input_shape == (8, 8, 1) and (spec.num_train, spec.num_test) == (14, 6) and spec.classes == ("0", "1")
    assert (np.load(storage.local_path(spec.arrays["x"]))[..., 0] == X).all()


def test_the_test_part_of_arrays_is_mixed_with_the_rest_where_a_person_says_so(make_images, anna, send):
    data = npz(x_train=X[:14], y_train=Y[:14], x_test=X[14:], y_test=Y[14:])
    reading, split = {"splits": "mixed"}, {"way": "random", "column": "", "share": 0.5, "seed": 1}

    version = make_images(data, image_size=None, color="gray", reading=reading, split=split).ready_version
    assert version.spec.num_test == 10 and "All images are used together" in version.report["warnings"][0]
    option = service.inspect_upload(anna, send(data, "a.npz")).options[-1]
    assert (option.name, option.value) == ("splits", "test")


@pytest.mark.parametrize(
    ("x", "words"),
    [(X / 255.0, "multiplied by 255"), (X.astype(np.uint16) * 257, "multiplied by 0.003891"), (X.astype(float), "")],
)
def test_pixels_of_other_ranges_are_brought_to_bytes_and_that_is_told(tmp_path, x, words):
    path, kind = tmp_path / "x.npz", require_kind("images")
    path.write_bytes(npz(X=x, Y=np.eye(2)[Y]))
    request, _ = kind.check_request("class", "classification", {"image_size": None, "color": "gray"})
    _, report = kind.prepare(path, request, tmp_path, lambda *_: None)

    assert words in " ".join(report["warnings"])
    assert (np.load(tmp_path / "x.npy")[..., 0] == X).all()


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": X.reshape(20, 64), "y": Y}, "A table of numbers"),
        ({"x": np.repeat(X[:, None], 3, axis=1), "y": Y}, "Move the channels to the end"),
        ({"x": X, "y": Y[:9]}, "One label for each image"),
        ({"x": X, "y": np.array(["a", None] * 10, object)}, "never Python objects"),
        ({"x": X, "y": Y + 0.5}, "not whole numbers"),
        ({"x": X, "y": np.stack([Y, Y + 1], axis=1)}, "One label for each image"),
        ({"x": X, "y": Y * 0}, "All labels are the same"),
        ({"weights": X}, "holds the arrays weights.npy"),
        ({"x": X[:4], "y": Y[:4]}, "contains 4 images"),
    ],
)
def test_arrays_that_are_no_images_are_refused_in_words(tmp_path, arrays, words):
    path = tmp_path / "x.npz"
    path.write_bytes(npz(**arrays))

    with pytest.raises(MHubError, match=words):
        require_kind("images").preview(path, path.name, {})
