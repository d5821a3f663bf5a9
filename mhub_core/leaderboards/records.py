"""What the leaderboards room hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mhub_core.runs.lines import Mean


@dataclass(frozen=True)
class Narrow:
    """What is left of a board: the runs of one owner, of networks of at most so many parameters, of the models of a project."""

    owner_id: int | None = None
    max_parameters: int | None = None
    project_id: int | None = None

    @property
    def is_on(self) -> bool:
        """Return whether anything is left out."""
        return self != Narrow()


@dataclass(frozen=True)
class BoardRow:
    """One place on a board: a run, or the line of several that differ in the seed alone.

    `scores` are those on the hidden test split, means of the line; the one that ranks it is among them.
    """

    rank: int
    run_id: int
    run_name: str
    model_id: int
    model_name: str
    owner_id: int
    person: str
    scores: dict[str, Mean]
    num_runs: int
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


@dataclass(frozen=True)
class Best:
    """The best that a person reached on a version of a dataset, and its place on the board as they see it.

    `rank` counts no further than `MOST_PLACES` of the service.
    """

    dataset_id: int
    dataset_name: str
    run_id: int
    metric: str
    score: Mean
    rank: int
