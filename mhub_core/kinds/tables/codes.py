"""Numbers that may stand for no value, such as -999: they are told, never dropped, for sometimes they are measures."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from mhub_core.data.records import Column
from mhub_core.kinds.tables.columns import ByName

_CODE = re.compile(r"^-?9{2,}(\.9+|\.0+)?$|^-1(0*|\.0)$|^-?(7{3,}|8{3,})$")
_LEAST = 2  # so often, and in so large a share of the rows
_LEAST_SHARE = 0.005
_MOST_SAID = 10


def sentences(frame: ByName, columns: Sequence[Column]) -> list[str]:
    """Return a warning for each column of numbers with a code such as -999 far from all its other values."""
    told = []
    for column in columns:
        for extreme in {column.minimum, column.maximum} if column.kind == "number" else ():
            if extreme is not None and _CODE.match(f"{extreme:.10g}") and (cells := _cells(frame[column.name], extreme)):
                told.append(
                    f"{extreme:.10g} stands in {cells:,} cells of {column.name!r}, far from all other values. If it means that "
                    "there is no value, leave these cells empty in the file, or leave out those rows by a step."
                )
    return told[:_MOST_SAID]


def _cells(values: pl.Series, code: float) -> int:
    """Return how many cells hold a code, 0 where it is no stranger among the other values."""
    known = values.cast(pl.Float64).drop_nulls()
    others = known.filter(known != code)
    number = len(known) - len(others)
    if number < max(_LEAST, _LEAST_SHARE * len(known)) or others.n_unique() < 2:
        return 0
    low, high = float(others.min()), float(others.max())  # type: ignore[arg-type]
    return number if min(abs(code - low), abs(code - high)) > high - low else 0
