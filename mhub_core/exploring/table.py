"""The profile of a table: its columns, how they go together, and what about them would mislead a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from mhub_core.data.records import DataSpec, Progress
from mhub_core.data.splits import TRAIN
from mhub_core.exploring import against, classes, columns, odd_columns, relations, repeats
from mhub_core.exploring.records import ColumnFacts, Profile
from mhub_core.kinds.table import columns as columns_of

MAX_COLUMNS = 300
MAX_SAMPLE = 100_000  # training rows from which relations are computed
_SEED = 5


def profile(arrays: dict[str, Path], data: DataSpec, progress: Progress) -> Profile:
    """Return the profile of a table. Figures are those of the training rows; what is counted across the splits says so.

    Of a version whose rows were not kept as they were, nothing can be told.
    """
    if "parquet" not in arrays:
        return Profile()
    table = pl.scan_parquet(arrays["parquet"])
    is_test = np.load(arrays["split"]) != TRAIN
    y = np.load(arrays["y"], mmap_mode="r")
    names, target, used = table.collect_schema().names(), data.target["name"], _used(data)
    shown = [*[name for name in names if name != target][: MAX_COLUMNS - 1], target]
    sample = _sample(~is_test)
    facts: list[ColumnFacts] = []
    ids: set[str] = set()
    for number, name in enumerate(shown):
        progress(number, len(shown) + 2, "Looking at columns")
        values = table.select(name).collect()[name]
        train = values.filter(pl.Series(~is_test))
        if odd_columns.is_id(values) and name != target:
            ids.add(name)
        unused = "" if name in used or name == target else odd_columns.why_unused(train)
        found = columns.describe(train, is_target=name == target, unused=unused)
        facts.append(found if name == target else _with_target(found, values.gather(sample), np.asarray(y[sample]), data))
    progress(len(shown), len(shown) + 2, "Comparing rows")
    compared = [name for name in names if name in used - ids]
    repeated = repeats.find(table, compared, target, is_test, bool(data.classes))
    progress(len(shown) + 1, len(shown) + 2, "Comparing columns")
    related = _related(facts, used - ids, target)
    frame = table.select(pl.col(related).gather(sample)).collect()
    return Profile(
        findings=(
            *odd_columns.findings(facts, ids, bool(data.classes)),
            *odd_columns.repeated(repeated, data.num_train, data.num_test),
            *classes.findings(data.classes, np.asarray(y), is_test, "rows"),
        ),
        columns=tuple(facts),
        left_out=len(names) - len(shown),
        sampled=len(sample),
        relations=relations.matrix([_as_read(frame[name], name == target, data) for name in related]),
    )


def _used(data: DataSpec) -> set[str]:
    """Return the columns from which a model's input is made; after a recipe, those that it left."""
    return {column.name for column in columns_of(data) if column.kind != "ignored"}


def _sample(train: np.ndarray) -> np.ndarray:
    rows = np.flatnonzero(train)
    if len(rows) > MAX_SAMPLE:
        rows = np.sort(np.random.default_rng(_SEED).choice(rows, MAX_SAMPLE, replace=False))
    return rows


def _with_target(found: ColumnFacts, values: pl.Series, y: np.ndarray, data: DataSpec) -> ColumnFacts:
    if found.distinct < 2:
        return found
    strength = against.strength(values, y, bool(data.classes))
    return replace(found, strength=round(strength, 4), against=against.chart(values, y, data.classes))


def _related(facts: list[ColumnFacts], used: set[str], target: str) -> list[str]:
    """Return the columns whose relations are worth a look: those that tell most of the target, in their own order, and it."""
    candidates = [column for column in facts if column.name in used and column.distinct > 1 and column.kind != "date"]
    best = {
        column.name for column in sorted(candidates, key=lambda column: -(column.strength or 0.0))[: relations.MAX_COLUMNS - 1]
    }
    return [*(column.name for column in candidates if column.name in best), target]


def _as_read(values: pl.Series, is_target: bool, data: DataSpec) -> pl.Series:
    """Return a column as its task reads it: the numbers of classes are names, not amounts."""
    return values.cast(pl.String) if is_target and data.classes else values
