"""Lines: runs that differ in their seed alone stand as one, told by the mean of their scores and how far they lie apart."""

from __future__ import annotations

import hashlib
import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mhub_core.models.records import KERAS
from mhub_core.training.learners.learner import SEED


@dataclass(frozen=True)
class Mean:
    """A score of a line: `value` is the mean over `num_runs`, `deviation` that of the sample (n - 1), None of one run."""

    value: float
    deviation: float | None
    num_runs: int


@dataclass(frozen=True)
class Line:
    """What a line says of its runs: how many there are, how many have finished, and the scores of those by name."""

    num_runs: int
    num_finished: int
    scores: dict[str, Mean] = field(default_factory=dict)


def mean_of(values: Sequence[float]) -> Mean:
    """Return what a line says of one or more scores."""
    return Mean(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None, len(values))


def key_of(owner_id: int, model_id: int, dataset_version_id: int, spec: Mapping[str, Any]) -> str | None:
    """Return what is the same for all runs that differ in their seed alone; None for a plan that has no seed.

    `spec`: a `RunSpec` as JSON.
    """
    if SEED not in spec.get("plan", {}):
        return None
    plan = {name: value for name, value in spec["plan"].items() if name != SEED}
    start = (spec.get("start") or {}).get("key") or spec.get("start_model_key")
    decides = [owner_id, model_id, dataset_version_id, spec.get("learner") or KERAS, spec["graph"], plan, start]
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()
