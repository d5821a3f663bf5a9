"""What the labels of examples are called, as the classes of their task are."""

from __future__ import annotations

import polars as pl

from mhub_core.tasks.classification import class_name


def names(values: pl.Series) -> pl.Series:
    """Return the names of the classes of a column of labels, missing ones as null."""
    if values.dtype == pl.String:
        return values
    distinct = values.drop_nulls().unique()
    return values.replace_strict(distinct, [class_name(one) for one in distinct], default=None, return_dtype=pl.String)
