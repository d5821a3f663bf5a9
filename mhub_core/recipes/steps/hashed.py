"""Categories become a few columns by a hash of their name."""

from __future__ import annotations

import zlib
from typing import Any

import polars as pl

from mhub_core.recipes.fields import NUMBER, TEXT, Columns, Field
from mhub_core.recipes.step import Params, State, Step

_MOST = 256


class Hashed(Step):
    """Put columns of 0 and 1 in place of very many categories: each category belongs to one of them, by chance and for good."""

    name, title = "hashed", "Encode categories: hash"
    help = "For thousands of categories, such as names of towns: several share a column, and also a new one has its column."
    fields = (
        Field("column", "Column", "column", of=TEXT),
        Field("number", "Number of columns", "number", 8.0),
    )

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """A whole number."""
        wanted = params.get("number", 2)
        return {} if wanted == int(wanted) and 2 <= wanted <= _MOST else {"number": f"must be a whole number from 2 to {_MOST}"}

    def after(self, params: Params, columns: Columns) -> dict[str, Any]:
        """Numbered columns."""
        left = {name: what for name, what in columns.items() if name != params["column"]}
        return left | {name: NUMBER for name in self.made(params)}

    def changed(self, params: Params) -> list[str]:
        """The one column."""
        return [params["column"]]

    def made(self, params: Params) -> list[str]:
        """Their names."""
        return [f"{params['column']} hash {place}" for place in range(1, int(params["number"]) + 1)]

    def former(self, params: Params, state: State) -> dict[str, str]:
        """All came from the one."""
        return {name: params["column"] for name in self.made(params)}

    def apply(self, frame: pl.DataFrame, params: Params, state: State) -> pl.DataFrame:
        """Find the column of each category by CRC-32, which is the same everywhere and always."""
        values, number = frame[params["column"]], int(params["number"])
        known = values.drop_nulls().unique()
        found = pl.Series([zlib.crc32(one.encode()) % number for one in known], dtype=pl.Int64)
        place = values.replace_strict(known, found, default=None, return_dtype=pl.Int64)
        columns = [(place == at).fill_null(False).cast(pl.Int64).alias(name) for at, name in enumerate(self.made(params))]
        return frame.with_columns(columns).drop(params["column"])

    def words(self, params: Params) -> str:
        """Say into how many."""
        return f"Encode “{params['column']}” as {int(params['number'])} columns by a hash"
