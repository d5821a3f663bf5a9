"""A version as files for whoever may see it: its rows or images, and a card that says what they are.

The hidden test examples go to those alone who manage the dataset, unless these open them for everyone or for nobody.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from db.engine import reading
from mhub_core.accounts.records import User
from mhub_core.data import csv_file
from mhub_core.data.records import DataSpec
from mhub_core.data.splits import TEST, TRAIN
from mhub_core.datasets import card, service
from mhub_core.datasets.records import EVERYONE, MANAGERS, Dataset, DatasetVersion
from mhub_core.errors import Invalid
from mhub_core.kinds import arrays
from mhub_core.kinds.registry import require_kind
from mhub_core.kinds.signals import fitting
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing
from mhub_core.sharing.texts import file_stem
from mhub_core.storage import service as storage
from mhub_core.tasks.registry import require_task

File = tuple[str, bytes | Path | Iterator[bytes]]
CSV, PARQUET, IMAGES = "csv", "parquet", "images"
_BATCH = 50_000
_PARTS = {"train": TRAIN, "test": TEST}


def forms(data: DataSpec) -> tuple[str, ...]:
    """Return in which forms a version can be downloaded, the usual one first."""
    if "parquet" in data.arrays:
        return (CSV, PARQUET)
    if "lengths" in data.arrays:
        return (CSV,)
    return (IMAGES,) if require_kind(data.kind).picture(np.zeros(data.input_shape, np.uint8)) is not None else ()


def gets_test_rows(viewer: User | None, dataset_id: int) -> bool:
    """Tell whether the test rows are among what somebody downloads. Raises NotFound for who may not see the dataset."""
    with reading() as session:
        row = sharing.require_row(session, viewer, policy.READ, sharing.DATASET, dataset_id)
        manages = policy.reaches(sharing.level(session, viewer, sharing.thing_of(row)), policy.MANAGE)
        return row.test_rows == EVERYONE or (row.test_rows == MANAGERS and manages)


def download(viewer: User | None, version_id: int, form: str) -> tuple[str, Iterator[File]]:
    """Return the name of a zip, and its files one after the other. Raises NotFound, Conflict while the version is not ready, and
    Invalid for a form that it does not have."""
    data, version = service.require_ready(viewer, version_id), service.require_version(viewer, version_id)
    dataset = service.require_dataset(viewer, version.dataset_id)
    if form not in forms(data):
        offered = ", ".join(forms(data)) or "nothing"
        raise Invalid(f"This version cannot be downloaded as {form[:40]!r}.", f"One of: {offered}.", "Choose another form.")
    parts = _PARTS if gets_test_rows(viewer, dataset.id) else {"train": TRAIN}
    return f"{file_stem(dataset.name)}-version-{version.number}.zip", _files(dataset, version, data, form, parts)


def _files(dataset: Dataset, version: DatasetVersion, data: DataSpec, form: str, parts: dict[str, int]) -> Iterator[File]:
    yield "data_card.md", card.text(dataset, version, data, has_test=TEST in parts.values()).encode()
    split = np.load(storage.local_path(data.arrays["split"]))
    if form == IMAGES and data.classes and _has_files(data):
        yield "classes.txt", "".join(f"{' '.join(name.split())}\n" for name in data.classes).encode()
    for name, part in parts.items():
        shown = split == part
        if form == IMAGES:
            yield from _images(data, name, np.flatnonzero(shown))
        elif form == CSV:
            yield f"{name}.csv", _series(data, np.flatnonzero(shown)) if "lengths" in data.arrays else _csv(data, shown)
        else:
            with tempfile.TemporaryDirectory(prefix="download-", dir=storage.incoming()) as folder:
                yield f"{name}.parquet", _parquet(data, shown, Path(folder) / "rows.parquet")


def _batches(data: DataSpec, shown: np.ndarray) -> Iterator[pa.RecordBatch]:
    """Give the rows of a table that are shown, some at a time, so that memory stays flat."""
    start = 0
    with pq.ParquetFile(storage.local_path(data.arrays["parquet"])) as file:
        for batch in file.iter_batches(_BATCH):
            yield batch.filter(pa.array(shown[start : start + batch.num_rows]))
            start += batch.num_rows


def _csv(data: DataSpec, shown: np.ndarray) -> Iterator[bytes]:
    for number, batch in enumerate(_batches(data, shown)):
        frame = pl.DataFrame(pl.from_arrow(batch))
        safe = frame.with_columns(csv_file.plain_texts(frame[name]) for name in frame.columns if frame[name].dtype == pl.String)
        safe.columns = [csv_file.plain(name) for name in frame.columns]
        yield safe.write_csv(include_header=number == 0).encode()


def _series(data: DataSpec, rows: np.ndarray) -> Iterator[bytes]:
    """Give series step by step, as they were prepared, in their own unit."""
    x, lengths, y = (np.load(storage.local_path(data.arrays[name]), mmap_mode="r") for name in ("x", "lengths", "y"))
    task, target = require_task(data.task), data.target["name"]
    names = [csv_file.plain(name) for name in _distinct(["series", "step", *data.input["channels"], target])]
    yield csv_file.csv_text(names, ()).encode()
    for row in rows.tolist():
        values = fitting.in_own_unit(x[row], int(lengths[row]), data.input)
        truth = next(iter(task.truth(y[row], data).values()))
        places = [np.full(len(values), row), np.arange(len(values)), *values.T]
        frame = pl.DataFrame([*places, [csv_file.plain(truth) if isinstance(truth, str) else truth] * len(values)], schema=names)
        yield frame.write_csv(include_header=False).encode()


def _distinct(names: list[str]) -> list[str]:
    """Return names of which no two are the same."""
    return [name if names.index(name) == place else f"{name} {place}" for place, name in enumerate(names)]


def _parquet(data: DataSpec, shown: np.ndarray, path: Path) -> Path:
    schema = pq.read_schema(storage.local_path(data.arrays["parquet"]))
    with pq.ParquetWriter(path, schema) as writer:
        for batch in _batches(data, shown):
            writer.write_batch(batch)
    return path


def _images(data: DataSpec, part: str, rows: np.ndarray) -> Iterator[File]:
    """Give images in a folder for each class; or beside files of the same names that tell what is true of each."""
    kind, task = require_kind(data.kind), require_task(data.task)
    x, y = (np.load(arrays.path_of(data, name), mmap_mode="r") for name in ("x", "y"))
    folders = _folders(data.classes)
    for row in rows.tolist():
        png = kind.picture(x[row]) or b""
        if told := task.truth_file(y[row], data):
            folder, ending, content = told
            yield f"{part}/images/{row}.png", png
            yield f"{part}/{folder}/{row}{ending}", content
        else:
            yield f"{part}/{folders[int(y[row])] if folders else 'images'}/{row}.png", png


def _has_files(data: DataSpec) -> bool:
    """Tell whether what is true of an image is a file of its own, in which classes are numbers."""
    y = np.load(arrays.path_of(data, "y"), mmap_mode="r")
    return require_task(data.task).truth_file(y[0], data) is not None


def _folders(classes: Sequence[str]) -> list[str]:
    """Return a folder name for each class, no two the same."""
    stems = [file_stem(name) for name in classes]
    return [stem if stems.count(stem) == 1 else f"{stem}-{number}" for number, stem in enumerate(stems)]
