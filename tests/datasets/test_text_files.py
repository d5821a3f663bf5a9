"""A zip or tar of text files: the folder is the label, folders of splits are kept, a table beside them may tell the labels."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mhub_core.datasets import addition_service, service, worker_service
from mhub_core.kinds import registry
from mhub_core.kinds.tables.formats.registry import format_of
from tests.datasets.conftest import picture

Files = dict[str, bytes]
MOODS = ("good", "bad")


def texts(folder: str = "", number: int = 24, first: int = 0) -> Files:
    return {
        f"{folder}{MOODS[n % 2]}/{n}.txt": f"A {MOODS[n % 2]} film about number {n} and the sea".encode()
        for n in range(first, first + number)
    }


def zipped(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: Files) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def prepared(path: Path, data: bytes, name: str, **reading):
    """Look at an archive and prepare it as the form does."""
    path.mkdir(exist_ok=True)
    file = path / name
    file.write_bytes(data)
    seen = registry.preview(file, name, reading)
    kind = registry.require_kind(seen.kind)
    choices = {"text": seen.roles["text"][0], "reading": reading}
    request, problems = kind.check_request(seen.guessed_target, seen.guessed_tasks[seen.guessed_target], choices)
    assert not problems
    return seen, *kind.prepare(file, {**request, "file_name": name}, path, lambda *_: None)


@pytest.mark.parametrize("pack, name", [(zipped, "reviews.zip"), (tarred, "reviews.tar.gz")])
def test_folders_of_text_files_become_texts_with_labels(tmp_path, pack, name):
    files = {**texts("reviews/"), "reviews/README.txt": b"about", "__MACOSX/reviews/._0.txt": b"\0", "reviews/names.json": b"{}"}

    seen, spec, report = prepared(tmp_path, pack(files), name)

    assert (seen.kind, seen.guessed_target, spec.classes, spec.num_rows) == ("text", "label", ("bad", "good"), 24)
    table = pl.read_parquet(tmp_path / "table.parquet")
    assert table.columns == ["text", "label", "file"] and table["file"][0] == "reviews/good/0.txt"
    assert any("Not used, because they are no .txt files: 1 files" in one for one in report["warnings"])


def test_folders_of_splits_are_kept_unless_somebody_mixes_them(tmp_path):
    files = {**texts("data/train/"), **texts("data/test/", 12, 100), **texts("data/val/", 8, 200)}

    seen, spec, report = prepared(tmp_path / "kept", tarred(files), "a.tgz")
    _, mixed, _ = prepared(tmp_path / "mixed", tarred(files), "a.tgz", splits="mixed")
    _, other, _ = prepared(tmp_path / "other", tarred(files), "a.tgz", splits="validation")

    assert [option.value for option in seen.options if option.name == "splits"] == ["test"]
    assert np.load(tmp_path / "kept" / "split.npy").tolist() == [0] * 24 + [1] * 12 + [0] * 8
    assert (spec.num_test, mixed.num_test, other.num_test) == (12, 8, 8)
    assert any("The 12 texts of the test folder are the hidden test set" in one for one in report["warnings"])


def test_a_table_beside_them_tells_the_labels(tmp_path):
    flat = {f"texts/{n}.txt": f"Some words about number {n} of a day".encode() for n in range(20)}
    labels = "file,label\n" + "".join(f"{n}.txt,{('spam', 'ham')[n % 2]}\n" for n in range(19))

    _, spec, report = prepared(tmp_path, zipped({**flat, "labels.csv": labels.encode()}), "a.zip")

    assert spec.classes == ("ham", "spam") and (spec.num_rows, report["refused"]) == (19, 1)


def test_files_that_are_no_texts_are_refused_by_name(tmp_path):
    odd = {"good/binary.txt": b"\x89PNG\r\n\x1a\n" + bytes(200), "good/empty.txt": b"", "bad/long.txt": b"word " * 900_000}
    files = {
        **texts(),
        **odd,
        "bad/latin.txt": "Ein schöner Tag für alle, naïve Gäste".encode("cp1252"),
        "loose.txt": b"no folder",
    }

    _, spec, report = prepared(tmp_path, zipped(files), "a.zip")

    assert spec.num_rows == 25 and report["refused"] == 4
    assert "Ein schöner Tag für alle, naïve Gäste" in pl.read_parquet(tmp_path / "table.parquet")["text"].to_list()


@pytest.mark.parametrize(
    "files",
    [
        {**{f"images/{n}.png": picture() for n in range(8)}, **{f"labels/{n}.txt": b"0 0.5 0.5 0.2 0.2" for n in range(8)}},
        {"a/sales.txt": b"x,y\n1,2\n" * 20, "b/costs.txt": b"x,y\n3,4\n" * 20},
        {f"{n}.txt": b"no label anywhere" for n in range(20)},
    ],
)
def test_other_archives_are_not_taken_for_texts(tmp_path, files):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(files))

    assert format_of(path, "a.zip").name != "text_files"


def test_further_archives_are_added_to_the_sides_that_their_folders_say(anna, make, send):
    files = {**texts("train/"), **texts("test/", 12, 100)}
    choices = {"kind": "text", "text": "text", "target": "label", "task": "classification"}
    first = service.create(anna, send(tarred(files), "a.tgz"), "Texts", "", **choices)
    first = service.require_dataset(anna, first).versions[0]
    worker_service.prepare(first.id)

    more = {**texts("train/", 10, 300), **texts("test/", 6, 400), "train/good/again.txt": files["test/good/100.txt"]}
    new = addition_service.add(anna, first.id, send(tarred(more), "more.tgz"))
    worker_service.prepare(new)

    second = service.require_version(anna, new)
    assert second.state == "ready", second.report
    assert (second.spec.num_rows, second.spec.num_test) == (36 + 17, 12 + 6 + 1)
