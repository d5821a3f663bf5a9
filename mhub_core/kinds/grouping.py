"""The column by whose groups the test rows of a version were chosen, as it was kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from mhub_core.data import split_ways
from mhub_core.data.records import DataSpec
from mhub_core.data.split_ways import Split


def asked_of(data: DataSpec) -> Split | None:
    """Return how the test was chosen, where that was by groups."""
    told = data.input.get("split")
    return Split(**told) if isinstance(told, dict) and told.get("way") == split_ways.GROUP else None


def column_of(data: DataSpec, path_of: Callable[[str], Path], array: str, column: str = "") -> pl.Series | None:
    """Return a column of a kept table, a value for each row of the root; None where there is none. Without a name that of the
    groups. `array`: what the table is called, behind `raw_` in a version that a recipe made."""
    asked, name = asked_of(data), f"raw_{array}" if f"raw_{array}" in data.arrays else array
    if asked is None or name not in data.arrays:
        return None
    path, wanted = path_of(name), column or asked.column
    return pl.read_parquet(path, columns=[wanted])[wanted] if wanted in pl.read_parquet_schema(path) else None
