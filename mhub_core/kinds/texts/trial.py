"""What steps would do to texts, seen on the first training texts while somebody chooses them: each before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from mhub_core.data.records import Bars, DataSpec, StepPreview
from mhub_core.kinds.kind import Paths
from mhub_core.kinds.tables import trial
from mhub_core.recipes.step import new_name

BEFORE, AFTER = "Before", "After"
_LENGTH = "Words in a text"


def preview(data: DataSpec, paths: Paths, recipe: Sequence[Mapping[str, Any]]) -> StepPreview:
    """Return what a checked recipe does; texts that it changes are shown first."""
    frame, made = trial.tried(data, paths, recipe)
    text, target = data.input["text"], data.target["name"]
    label = made.frame[target].alias(new_name(target, [BEFORE, AFTER]))
    pairs = pl.DataFrame([frame[text][made.rows.tolist()].alias(BEFORE), made.frame[text].alias(AFTER), label])
    is_same = pairs[BEFORE].eq_missing(pairs[AFTER]).to_numpy()
    shown = pairs[np.argsort(is_same, kind="stable").tolist()]
    bars = _bars(frame, made.frame, text, target)
    return replace(trial.told(data, frame, made, recipe), columns=tuple(shown.columns), rows=trial.shown(shown), bars=bars)


def _bars(before: pl.DataFrame, after: pl.DataFrame, text: str, target: str) -> Bars:
    """Return how many texts have which label; how long they are where that stays as it was."""
    if not before[target].equals(after[target]):
        return trial.spread(target, before[target], after[target])
    return trial.spread(_LENGTH, *(frame[text].str.count_matches(r"\S+").alias("words") for frame in (before, after)))
