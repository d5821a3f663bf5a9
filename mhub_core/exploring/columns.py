"""The facts of one column of a table, from its training rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from mhub_core.exploring.records import ColumnFacts
from mhub_core.kinds.tables import dates

NUM_BINS = 24
MAX_TOP = 12
_LETTERS = 80  # of a value that is shown


def describe(values: pl.Series, **known: Any) -> ColumnFacts:
    """Return what the training rows of a column hold; `known` are facts that were found elsewhere, such as `unused`."""
    there = values.drop_nulls()
    facts = {"num_rows": len(values), "missing": values.null_count(), "distinct": there.n_unique()}
    told = {"name": values.name, "kind": kind_of(values), **facts, **known}
    if not len(there):
        return ColumnFacts(**told)
    if told["kind"] != "number":
        return ColumnFacts(**told, **_most_frequent(there))
    numbers = there.cast(pl.Float64).to_numpy()
    edges, counts = histogram(numbers)
    return ColumnFacts(
        **told,
        minimum=float(numbers.min()),
        maximum=float(numbers.max()),
        mean=float(numbers.mean()),
        std=float(numbers.std()),
        quartiles=tuple(float(part) for part in np.quantile(numbers, (0.25, 0.5, 0.75))),
        edges=tuple(map(float, edges)),
        counts=tuple(map(int, counts)),
    )


def kind_of(values: pl.Series) -> str:
    """Return what a column holds, by its type."""
    if values.dtype.is_temporal():
        return "date"
    return "number" if values.dtype.is_numeric() else "category"


def histogram(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return edges and counts of numbers: a few whole ones get a bar each."""
    low, high = float(numbers.min()), float(numbers.max())
    if high - low < NUM_BINS and bool((numbers == np.round(numbers)).all()):
        edges = np.arange(low - 0.5, high + 1.0)
        return edges, np.histogram(numbers, edges)[0]
    counts, edges = np.histogram(numbers, NUM_BINS, (low, high) if high > low else (low - 0.5, high + 0.5))
    return edges, counts


def _most_frequent(there: pl.Series) -> dict[str, Any]:
    texts = dates.in_words(there.to_frame()).to_series().cast(pl.String).alias("text")
    counted = texts.value_counts(name="rows").sort("rows", "text", descending=[True, False]).head(MAX_TOP)
    top = tuple((text[:_LETTERS], rows) for text, rows in counted.iter_rows())
    return {"top": top, "num_others": len(there) - int(counted["rows"].sum())}
