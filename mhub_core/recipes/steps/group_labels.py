"""Rare labels become one."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from mhub_core.recipes import labels
from mhub_core.recipes.fields import Columns, Field
from mhub_core.recipes.step import Params, Rows, State, Step, number


class GroupLabels(Step):
    """Put the labels that few training examples have together. A model that learned so predicts the group."""

    name, title = "group_labels", "Group rare labels"
    help = "A label that no training example has counts as rare, too. A model then predicts the group instead of its labels."
    fields = (
        Field("least", "Rare means fewer training examples than", "number", 10.0),
        Field("name", "Name of the group", "text", "other"),
    )
    needs_classes = True

    def check(self, params: Params, columns: Columns) -> dict[str, str]:
        """A number of examples."""
        least = params.get("least", 2)
        return {} if least == int(least) and 2 <= least <= 1e6 else {"least": "must be a whole number from 2 to 1,000,000"}

    def classes_after(self, params: Params, classes: Sequence[str]) -> tuple[str, ...]:
        """The group comes to them; which of the others go is known only when it was carried out."""
        return tuple(dict.fromkeys((*classes, params["name"])))

    def learn(self, frame: pl.DataFrame, params: Params, rows: Rows) -> State:
        """Learn which labels are frequent."""
        counts = labels.names(frame[rows.target]).filter(rows.train).alias("label").drop_nulls().value_counts(name="rows")
        return {"frequent": counts.filter(pl.col("rows") >= params["least"])["label"].sort().to_list()}

    def apply_here(self, frame: pl.DataFrame, params: Params, state: State, rows: Rows) -> pl.DataFrame:
        """Rename the others. What a model is asked about has no label, so `apply` changes nothing."""
        named = labels.names(frame[rows.target])
        stays = named.is_null() | named.is_in(state["frequent"])
        return frame.with_columns(named.zip_with(stays, pl.repeat(params["name"], len(named), eager=True)).alias(rows.target))

    def words(self, params: Params) -> str:
        """Say which are rare."""
        return f"Group labels of fewer than {number(params['least'])} training examples as “{params['name']}”"
