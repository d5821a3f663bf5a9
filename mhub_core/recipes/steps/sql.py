"""A table by SQL: rows and columns are what a query gives.

It runs with the training rows as `data`, and once more with the test rows, so that every row of the result knows whether it is
for the test, whatever the query does, and no test row has a part in a training row. `train` are the training rows both times.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from mhub_core.errors import Invalid
from mhub_core.recipes import query
from mhub_core.recipes.fields import Field
from mhub_core.recipes.step import Params, Rows, Step

_SHOWN = 80


class Sql(Step):
    """Put in place of the table what a query over it gives."""

    name, title = "sql", "SQL"
    help = (
        "One SELECT in DuckDB's SQL. It runs with the training rows as the table data, then with the test rows, which stay test "
        "rows; the table train holds the training rows both times, for means and counts. The target must be in the result. "
        "Test rows of a class that no training row of the result has are left out. Models are then asked with the columns of the "
        "result."
    )
    fields = (Field("sql", "Query", "lines", "SELECT *\nFROM data"),)
    changes_rows = begins_anew = is_last = True

    def remake(self, frame: pl.DataFrame, params: Params, rows: Rows) -> tuple[pl.DataFrame, np.ndarray]:
        """Run it on the training rows and, where there are any, on the test rows."""
        train, test = frame.filter(rows.train), frame.filter(~rows.train)
        made = query.run(params["sql"], train, [train, test] if test.height else [train], rows.most_bytes)
        if rows.target not in made[0].columns:
            told = f"The result has no column “{rows.target}”, which is the target."
            raise Invalid(told, "The target among the columns.", f'Add "{rows.target}" to the query.')
        kept = [part.filter(pl.col(rows.target).is_not_null()) for part in made]
        if rows.classes:  # the names of classes are for all to read: those of test rows alone would tell of them
            kept = [part.join(kept[0].select(rows.target).unique(), rows.target, "semi", maintain_order="left") for part in kept]
        is_train = np.concatenate([np.full(part.height, place == 0) for place, part in enumerate(kept)])
        return pl.concat(kept, how="vertical_relaxed"), is_train

    def words(self, params: Params) -> str:
        """Say the beginning of the query."""
        words = " ".join(params["sql"].split())
        return f"SQL: {words[:_SHOWN]}{'…' if len(words) > _SHOWN else ''}"
