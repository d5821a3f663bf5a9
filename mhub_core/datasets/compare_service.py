"""Two versions side by side: which rows came and went, what became of the columns, whether the test is the same.

Only counts leave this room, so the hidden test rows stay hidden.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np
import polars as pl
from cachetools import LRUCache, cached

from mhub_core.accounts.records import User
from mhub_core.data.records import Column, DataSpec
from mhub_core.datasets import service
from mhub_core.datasets.records import Comparison
from mhub_core.errors import Invalid
from mhub_core.storage import service as storage

_MAX_CELLS = 20_000_000  # of tables that are compared value by value
_NUM_KEPT = 200


class _Rows(NamedTuple):
    added: int | None = None
    removed: int | None = None
    changed: int | None = None
    test: str = "unknown"


def compare(viewer: User | None, version_id: int, other_id: int) -> Comparison:
    """Compare two versions of one dataset, `version_id` being before. Raises NotFound, Conflict while one is not ready, and
    Invalid for versions of different datasets."""
    before, after = (service.require_version(viewer, one) for one in (version_id, other_id))
    if before.dataset_id != after.dataset_id:
        raise Invalid("These versions belong to different datasets.", "Two versions of one dataset.", "Choose another one.")
    one, other = (service.require_ready(viewer, version.id) for version in (before, after))
    rows = _rows(one, other)
    return Comparison(before, after, *rows[:3], _columns(one, other), rows.test, _targets(one, other))


def _columns(before: DataSpec, after: DataSpec) -> tuple[tuple[str, Column | None, Column | None], ...]:
    old, new = ({one["name"]: Column.from_json(one) for one in data.input.get("columns", ())} for data in (before, after))
    return tuple((name, old.get(name), new.get(name)) for name in dict.fromkeys([*old, *new]))


def _targets(before: DataSpec, after: DataSpec) -> tuple[tuple[str, int, int], ...]:
    old, new = (dict(zip(data.classes, data.target.get("counts", ()), strict=False)) for data in (before, after))
    return tuple((name, old.get(name, 0), new.get(name, 0)) for name in dict.fromkeys([*old, *new]))


def _identity(data: DataSpec) -> str:
    return json.dumps([data.arrays, data.input], sort_keys=True)


@cached(LRUCache(_NUM_KEPT), key=lambda *versions: tuple(map(_identity, versions)), lock=Lock())
def _rows(before: DataSpec, after: DataSpec) -> _Rows:
    """Compare the rows of two versions, whose files never change."""
    if (before.arrays, before.input) == (after.arrays, after.input):  # images are made of what is kept, and steps
        return _Rows(0, 0, 0, "same")
    if (root := _root(before)) and root == _root(after):
        return _of_one_root(before, after)
    if "parquet" in before.arrays and "parquet" in after.arrays:
        return _by_value(before, after)
    same = before.arrays["split"] == after.arrays["split"] and before.num_rows == after.num_rows
    return _Rows(test="same" if same else "unknown")


def _root(data: DataSpec) -> str:
    """Return the key of the rows or series that were uploaded; empty where they were not kept."""
    names = (f"{prefix}{name}" for name in ("parquet", "values") for prefix in ("raw_", ""))
    return next((data.arrays[name] for name in names if name in data.arrays), "")


def _load(data: DataSpec, name: str) -> np.ndarray:
    array: np.ndarray = np.load(storage.local_path(data.arrays[name]), mmap_mode="r")
    return array


def _numbers(data: DataSpec) -> np.ndarray:
    """Return which rows of its root a version has."""
    return np.asarray(_load(data, "raw_rows")) if "raw_rows" in data.arrays else np.arange(data.num_rows)


def _of_one_root(before: DataSpec, after: DataSpec) -> _Rows:
    old, new = _numbers(before), _numbers(after)  # in which a row may stand several times
    _, in_old, in_new = np.intersect1d(old, new, return_indices=True)
    num_old, num_new = (np.bincount(one, minlength=max(old.max(), new.max()) + 1) for one in (old, new))
    tests = [set(numbers[_load(data, "split") == 1].tolist()) for numbers, data in ((old, before), (new, after))]
    changed = _num_changed(before, after, in_old, in_new)
    added, removed = (int(np.maximum(more, 0).sum()) for more in (num_new - num_old, num_old - num_new))
    return _Rows(added, removed, changed, "same" if tests[0] == tests[1] else "other")


def _common(before: DataSpec, after: DataSpec) -> list[str] | None:
    """Return the columns that both tables have, both of numbers or of text; None where there is too much to compare by value, and
    where there are no tables."""
    if "parquet" not in before.arrays or "parquet" not in after.arrays:
        return None
    old, new = (pl.read_parquet_schema(storage.local_path(data.arrays["parquet"])) for data in (before, after))
    names = [name for name in old if name in new and old[name].is_numeric() == new[name].is_numeric()]
    return names if len(names) * max(before.num_rows, after.num_rows) <= _MAX_CELLS else None


def _read(data: DataSpec, names: Sequence[str]) -> pl.DataFrame:
    frame = pl.read_parquet(storage.local_path(data.arrays["parquet"]), columns=list(names))
    return frame.cast({pl.Int64: pl.Float64})  # a step may have made fractions of whole numbers


def _num_changed(before: DataSpec, after: DataSpec, in_old: np.ndarray, in_new: np.ndarray) -> int | None:
    names = _common(before, after)
    if names is None:
        return None
    old, new = _read(before, names)[in_old.tolist()], _read(after, names)[in_new.tolist()]
    differs = np.zeros(len(in_old), bool)
    for name in names:
        differs |= old[name].ne_missing(new[name]).to_numpy()
    return int(differs.sum())


def _by_value(before: DataSpec, after: DataSpec) -> _Rows:
    """Count the rows that only one of two tables of different uploads has, each as often as it has it."""
    names = _common(before, after)
    if not names:
        return _Rows()
    old, new = (Counter(_read(data, names).hash_rows().to_list()) for data in (before, after))
    return _Rows((new - old).total(), (old - new).total(), None)
