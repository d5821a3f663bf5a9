"""What other rooms may know about data: frozen records without any ORM object."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Column:
    """One column of a table, as it was found. `kind` is "number", "category" or "ignored"."""

    name: str
    kind: str
    missing: int = 0
    distinct: int = 0
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    std: float | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataSpec:
    """All that training and prediction need to know about a ready dataset version.

    `x_key`, `y_key` and `split_key` name `.npy` blobs: x is float32 `(rows, features)` for a table and uint8
    `(images, height, width, channels)` for images; y is int32 classes or float32 values; split is uint8, 1 = hidden
    test row.
    """

    kind: str
    task: str
    x_key: str
    y_key: str
    split_key: str
    table_key: str | None
    input_shape: tuple[int, ...]
    classes: tuple[str, ...]
    class_counts: tuple[int, ...]
    target: str
    num_rows: int
    num_train: int
    num_test: int
    columns: tuple[Column, ...] = ()
    encoder: dict[str, Any] | None = None
    y_mean: float = 0.0
    y_std: float = 1.0

    @property
    def num_outputs(self) -> int:
        """The number of classes, or 1 for a regression."""
        return len(self.classes) if self.task == "classification" else 1

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> DataSpec:
        """Return the spec that `to_json` wrote. Unknown names are left out, so that older hubs read newer rows."""
        known = {field.name for field in fields(cls)}
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items() if name in known}
        values["columns"] = tuple(
            Column(**{**column, "categories": tuple(column.get("categories", ()))}) for column in data.get("columns", ())
        )
        return cls(**values)


@dataclass(frozen=True)
class UploadPreview:
    """What an upload looks like before a dataset is made of it. `columns` and `first_rows` are empty for images."""

    kind: str
    file_name: str
    num_bytes: int
    columns: tuple[Column, ...]
    guessed_target: str
    guessed_tasks: dict[str, str]  # the likely task for each column that may be the target
    first_rows: tuple[dict[str, Any], ...]
    classes: dict[str, int]  # images: class name -> number of files
    warnings: tuple[str, ...]
    longest_side: int | None = None  # images: of the first ones, in pixels

    @property
    def guessed_task(self) -> str:
        """The likely task for the likely target."""
        return self.guessed_tasks.get(self.guessed_target, "classification")


@dataclass(frozen=True)
class DatasetCard:
    """One line of the list of datasets. The facts are those of the newest ready version, or of the newest at all."""

    id: int
    name: str
    description: str
    owner_name: str | None
    visibility: str
    version_id: int
    state: str
    kind: str
    task: str
    num_rows: int
    num_classes: int
    licence: str
    source: str


@dataclass(frozen=True)
class DatasetVersion:
    """One immutable version. `state` is "waiting", "preparing", "ready" or "refused"."""

    id: int
    dataset_id: int
    number: int
    dataset_name: str
    state: str
    progress: dict[str, Any]  # {"done", "total", "words"} while it is prepared
    spec: DataSpec | None
    report: dict[str, Any] | None  # {"accepted", "refused", "reasons": [[what, why]], "warnings": [...], "error": {...} | None}
    created: datetime


@dataclass(frozen=True)
class Dataset:
    """A dataset as people know it, with its versions, newest first."""

    id: int
    owner_id: int | None
    owner_name: str | None
    name: str
    description: str
    licence: str
    source: str
    visibility: str
    created: datetime
    may_edit: bool
    versions: tuple[DatasetVersion, ...]

    @property
    def ready_version(self) -> DatasetVersion | None:
        """The newest version that can be trained on."""
        return next((version for version in self.versions if version.state == "ready"), None)


@dataclass(frozen=True)
class Rows:
    """A page of a table: training rows only."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    total: int


@dataclass(frozen=True)
class Picture:
    """One training image as PNG, with the name of its class."""

    png: bytes
    label: str
