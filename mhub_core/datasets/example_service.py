"""The verbs that show open examples of a version: training rows only, nothing of the hidden test split ever leaves them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np
import polars as pl
from cachetools import LRUCache, cached

from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec
from mhub_core.data.splits import TRAIN
from mhub_core.datasets.records import Picture, Rows
from mhub_core.datasets.service import require_ready
from mhub_core.errors import Invalid
from mhub_core.kinds import arrays as files
from mhub_core.kinds.registry import require_kind
from mhub_core.kinds.tables import dates
from mhub_core.storage import service as storage
from mhub_core.tasks.registry import require_task

_GALLERY_SEED = 7
_KEPT_BYTES = 20_000_000  # of pages of rows
_MAX_PAGE = 500


def first_rows(viewer: User | None, version_id: int, offset: int = 0, limit: int = 20, raw: bool = False) -> Rows:
    """Return a page of a table's training rows. `raw`: as they were sent, before any recipe changed their columns."""
    spec = require_ready(viewer, version_id)
    if "parquet" not in spec.arrays:
        raise Invalid(f"This version holds {require_kind(spec.kind).noun[1]}, not a table.")
    arrays, asked = spec.arrays, (max(0, offset), min(max(0, limit), _MAX_PAGE))
    if raw and "raw_rows" in arrays:
        page = _training_rows(arrays["raw_parquet"], arrays["split"], *asked, arrays["raw_rows"])
    else:
        page = _training_rows(arrays["parquet"], arrays["split"], *asked)
    task, y = require_task(spec.task), _array(spec, "y")
    rows = tuple(dates.in_words(page.frame).iter_rows(named=True))
    return Rows(tuple(page.frame.columns), rows, spec.num_train, tuple(task.truth(y[row], spec) for row in page.numbers))


class _Page(NamedTuple):
    frame: pl.DataFrame
    numbers: list[int]  # which rows of all these are


# A version never changes, and a class looks at the first rows of the same few.
@cached(LRUCache(_KEPT_BYTES, getsizeof=lambda page: page.frame.estimated_size() + 1000), lock=Lock())
def _training_rows(parquet: str, split: str, offset: int, limit: int, raw_rows: str = "") -> _Page:
    """Return training rows of a table. `raw_rows`: which rows of it those of the split are, in rising order."""
    wanted = np.flatnonzero(np.load(storage.local_path(split), mmap_mode="r") == TRAIN)[offset:][:limit]
    numbers = wanted.tolist()
    if raw_rows:
        wanted = np.load(storage.local_path(raw_rows), mmap_mode="r")[wanted]
    table = pl.scan_parquet(storage.local_path(parquet))
    start, end = (int(wanted[0]), int(wanted[-1]) + 1) if len(wanted) else (0, 0)
    piece = table.slice(start, end - start).collect()
    return _Page(piece[(wanted - start).tolist()], numbers)


def _array(spec: DataSpec, name: str) -> np.ndarray:
    array: np.ndarray = np.load(files.path_of(spec, name), mmap_mode="r")
    return array


def gallery(viewer: User | None, version_id: int, group: int | None = None, offset: int = 0, limit: int = 24) -> list[Picture]:
    """Return open examples as pictures, of one group (such as a class) or, in an order that mixes them, of all."""
    spec = require_ready(viewer, version_id)
    y, split = _array(spec, "y"), _array(spec, "split")
    strata = require_task(spec.task).strata(y)
    shown = split == TRAIN if group is None or strata is None else (split == TRAIN) & (strata == group)
    rows = np.random.default_rng(_GALLERY_SEED).permutation(np.flatnonzero(shown))
    return _pictures(spec, rows[max(0, offset) :][: min(max(0, limit), _MAX_PAGE)])


def pictures(viewer: User | None, version_id: int, rows: Sequence[int]) -> list[Picture]:
    """Return some examples as pictures. Rows that are hidden for the test, or that do not exist, are left out."""
    spec = require_ready(viewer, version_id)
    split = _array(spec, "split")
    return _pictures(spec, [row for row in rows[:_MAX_PAGE] if 0 <= row < len(split) and split[row] == TRAIN])


def _pictures(spec: DataSpec, rows: Iterable[int]) -> list[Picture]:
    kind, task, y = require_kind(spec.kind), require_task(spec.task), _array(spec, "y")
    if kind.picture(np.zeros(spec.input_shape, np.uint8)) is None:
        raise Invalid(f"This version holds {kind.noun[1]}, not images.")
    wanted = [int(row) for row in rows]
    shown = files.some(spec, wanted) if wanted else ()
    return [Picture(row, kind.picture(x) or b"", task.truth(y[row], spec)) for row, x in zip(wanted, shown, strict=True)]
