"""What a training takes and gives: frozen records that cross process borders as plain JSON or by pickle."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from mhub_core.data.records import DataSpec
from mhub_core.models.records import KERAS


@dataclass(frozen=True)
class Start:
    """The weights that a run starts from: a stored model. `artifact` names it, where a run or a version still does.

    `epoch` is that of a checkpoint, None for a model that was trained to its end.
    """

    key: str
    artifact: int | None = None
    epoch: int | None = None


@dataclass(frozen=True)
class RunSpec:
    """Everything that decides the result of a run. `graph` is already adapted to the data; no `start`: weights are fresh.

    `plan` is what its learner checked (`Learner.check`).
    """

    graph: dict[str, Any]
    plan: dict[str, Any]
    data: DataSpec
    adaptations: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    start: Start | None = None
    learner: str = KERAS

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> RunSpec:
        """Return the spec that `to_json` wrote."""
        return cls(
            graph=data["graph"],
            plan=dict(data["plan"]),
            data=DataSpec.from_json(data["data"]),
            adaptations=tuple(data.get("adaptations", ())),
            versions=dict(data.get("versions", {})),
            start=_start_from_json(data),
            learner=data.get("learner", KERAS),
        )


def _start_from_json(data: dict[str, Any]) -> Start | None:
    """Release 0.1 knew a key alone."""
    old = data.get("start_model_key")
    return Start(**data["start"]) if data.get("start") else Start(old) if old else None


class Report(Protocol):
    """Where a training tells how it goes, and asks whether to stop."""

    def epoch(self, epoch: int, values: dict[str, float]) -> None:
        """Take the values of a finished epoch, counted from 1. A learner without epochs reports one, without values."""

    def should_stop(self) -> bool:
        """Tell whether a person asked to stop. Called about twice a second or once a batch, whichever is rarer."""

    def say(self, words: str) -> None:
        """Take a sentence for the run's log. With it, or with the first epoch, a run counts as begun."""


@dataclass(frozen=True)
class Outcome:
    """What a finished or stopped training leaves. `model_path` is one file in the folder that `fit` was given.

    `num_parameters`: how many numbers were learned. `train_seconds`: of opening the data and learning, without the measuring.
    `epochs_done`: whole epochs; 1 for a finished learner that knows none, 0 for one that was stopped. `result` is what
    `engine.measuring` returns, `scores` its scores.
    """

    state: Literal["finished", "stopped"]
    model_path: Path
    num_parameters: int
    train_seconds: float
    epochs_done: int
    result: dict[str, Any]
    scores: dict[str, float]
