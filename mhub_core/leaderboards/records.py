"""What the leaderboards room hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class BoardRow:
    """One place on a board. `value` is the score that ranks it; `scores` are all scores of the run on the hidden test split."""

    rank: int
    run_id: int
    run_name: str
    model_id: int
    model_name: str
    person: str
    value: float
    scores: dict[str, float]
    num_parameters: int | None
    train_seconds: float | None
    finished: datetime


@dataclass(frozen=True)
class Board:
    """One page of a leaderboard. `metrics` are the scores that the board may be sorted by.

    `total` counts the places, as far as `MOST_PLACES` of the service.
    """

    dataset_id: int
    dataset_name: str
    dataset_version_id: int
    metric: str
    metrics: tuple[str, ...]
    higher_is_better: bool
    total: int
    rows: list[BoardRow]
