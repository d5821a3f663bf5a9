"""Examples of some classes alone, or without those of some."""

from __future__ import annotations

import numpy as np
import polars as pl

from mhub_core.recipes import labels
from mhub_core.recipes.fields import Field
from mhub_core.recipes.step import Params, Rows, Step, listed


class KeepLabels(Step):
    """Keep the examples with some labels, or drop those."""

    name, title = "keep_labels", "Keep or drop labels"
    help = "Test examples are kept or dropped by the same rule, and stay test examples."
    fields = (
        Field("how", "What becomes of these labels", "choice", "drop", (("drop", "Drop them"), ("keep", "Keep only them"))),
        Field("labels", "Labels", "labels"),
    )
    changes_rows = True
    needs_classes = True

    def pick(self, frame: pl.DataFrame, params: Params, rows: Rows) -> np.ndarray:
        """Compare the labels, as they are called."""
        chosen = labels.names(frame[rows.target]).is_in(params["labels"]).fill_null(False)
        return np.flatnonzero((chosen if params["how"] == "keep" else ~chosen).to_numpy())

    def words(self, params: Params) -> str:
        """Say which."""
        return f"{'Keep only' if params['how'] == 'keep' else 'Drop'} what has the label {listed(params['labels'])}"
