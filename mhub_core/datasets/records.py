"""What other rooms may know about datasets: frozen records without any ORM object."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mhub_core.data.records import Column, DataSpec
from mhub_core.errors import MHubError

MANAGERS, EVERYONE, NOBODY = "managers", "everyone", "nobody"
TEST_ROWS = (MANAGERS, EVERYONE, NOBODY)  # who downloads the test rows


@dataclass(frozen=True)
class DatasetCard:
    """One line of the list of datasets. The facts are those of the newest ready version, or of the newest at all."""

    id: int
    name: str
    description: str
    owner_id: int | None
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
    num_comments: int


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
    report: dict[str, Any] | None  # {"accepted", "refused", "reasons": [[what, why]], "refused_rows": key, "warnings", "error"}
    created: datetime
    author_id: int | None = None
    author_name: str | None = None
    note: str = ""
    parent_number: int | None = None  # from which it was made; that one may be deleted
    done: tuple[str, ...] = ()  # in words how it was made

    has_recipe: bool = False  # whether steps made it of another one

    @property
    def is_ready(self) -> bool:
        """Whether it can be trained on."""
        return self.state == "ready"


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
    faults: str  # what people know to be wrong with it
    visibility: str
    test_rows: str  # who downloads them: one of `TEST_ROWS`
    created: datetime
    may_edit: bool  # what is said about it
    may_manage: bool  # what it is called, and who may see it
    versions: tuple[DatasetVersion, ...]

    @property
    def ready_version(self) -> DatasetVersion | None:
        """The newest version that can be trained on."""
        return next((version for version in self.versions if version.is_ready), None)


@dataclass(frozen=True)
class Rows:
    """A page of a table: training rows only. `truths` tells of each what is true of it, as its task does."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    total: int
    truths: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Picture:
    """One open example as PNG, with its row and what is true of it, as its task tells it."""

    row: int
    png: bytes
    truth: dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One open series, its values by channel in their own unit, None where one is missing, with its row and what is true of it,
    as its task tells it."""

    row: int
    values: tuple[tuple[float | None, ...], ...]
    truth: dict[str, Any]


@dataclass(frozen=True)
class Comparison:
    """Two versions side by side. `rows_*` count rows of tables that come from one upload, or are the same in all columns that
    both have; None where that is not known. `test` is "same", "other" or "unknown"."""

    before: DatasetVersion
    after: DatasetVersion
    rows_added: int | None
    rows_removed: int | None
    rows_changed: int | None
    columns: tuple[tuple[str, Column | None, Column | None], ...]  # by name, those of `before` first
    test: str
    targets: tuple[tuple[str, int, int], ...]  # how many examples each class has


@dataclass(frozen=True)
class Fetch:
    """Data on its way from a source. `state` is "waiting", "fetching", "ready", "failed" or "cancelled"; `receipt` stands for
    the upload that it became; a refresh becomes none."""

    id: int
    source: str
    words: str  # where it comes from
    config: dict[str, str]  # what was asked for, without secrets
    state: str
    progress: dict[str, Any]  # {"done", "total", "words"}
    receipt: str | None
    error: MHubError | None
    created: datetime


@dataclass(frozen=True)
class SourceOfDataset:
    """From where a dataset was fetched. `words` (exactly where) and `last` (its last refresh) are for who may refresh it.

    `config` (what was asked for, without secrets), `has_secret` and `tested` (the last test) are for the owner, who alone may
    change it; others get nothing of that. An administrator may forget it, too.
    """

    source: str
    title: str
    words: str
    may_refresh: bool
    last: Fetch | None
    may_change: bool = False
    may_forget: bool = False
    config: dict[str, str] = field(default_factory=dict)
    has_secret: bool = False
    tested: Fetch | None = None


@dataclass(frozen=True)
class Uses:
    """The models that have runs on a dataset: id and name of those that somebody may see, and how many others there are."""

    models: tuple[tuple[int, str], ...]
    num_hidden: int


@dataclass(frozen=True)
class LinkedDatasets:
    """What a model learned from: id, name and versions of the datasets that somebody may see, and how many others there are."""

    datasets: tuple[tuple[int, str, tuple[int, ...]], ...]
    num_hidden: int
