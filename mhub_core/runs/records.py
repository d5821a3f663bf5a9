"""What the runs room hands out: plain frozen records that pages and workers read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mhub_core.runs.lines import Line
from mhub_core.sharing import texts

TRAINED = "trained"  # where a run comes from: a worker of this hub trained it
QUEUED, STARTING, RUNNING, STOPPING = "queued", "starting", "running", "stopping"
FINISHED, STOPPED, FAILED = "finished", "stopped", "failed"
HELD = (STARTING, RUNNING, STOPPING)  # a worker holds the lease
ACTIVE = (QUEUED, *HELD)
ENDED = (FINISHED, STOPPED, FAILED)


@dataclass(frozen=True)
class Claim:
    """A run that a worker holds. `attempt` is the fencing number: whoever has an older one may write nothing.

    `spec` is a `training.records.RunSpec` as plain JSON.
    """

    run_id: int
    attempt: int
    spec: dict[str, Any]


@dataclass(frozen=True)
class Preview:
    """What a training would do first, in sentences: what the `fitted` network takes and gives, the `adaptations` that lead there,
    and where its weights come `start` from.

    `start` is empty for a design, which has no weights yet.
    """

    fitted: str
    adaptations: tuple[str, ...]
    start: str


@dataclass(frozen=True)
class Run:
    """A run in full. `error` is `{"happened", "expected", "mend"}`; `result` an evaluation report as JSON.

    `epoch` counts finished epochs of this attempt, the last of which ended `epoch_at`. `trained_version_id` is the model version
    that holds the trained weights, and `trained_version_number` how people call it. `line_id` is the run in whose line it stands,
    None in its own.
    """

    id: int
    name: str
    notes: str
    owner_id: int
    owner_name: str
    model_id: int
    model_name: str
    model_version_id: int
    dataset_id: int
    dataset_name: str
    dataset_version_id: int
    dataset_version_number: int
    state: str
    spec: dict[str, Any]
    epoch: int
    epochs: int
    queued: datetime
    started: datetime | None
    finished: datetime | None
    epoch_at: datetime | None
    train_seconds: float | None
    num_parameters: int | None
    error: dict[str, Any] | None
    result: dict[str, Any] | None
    trained_version_id: int | None
    trained_version_number: int | None
    attempt: int
    line_id: int | None
    learner: str
    source: str
    may_edit: bool

    @property
    def title(self) -> str:
        """Return the number, and the name if it has one: `Run 7: learning rate 0.01`."""
        return texts.run_title(self.id, self.name)

    @property
    def is_active(self) -> bool:
        """Return whether something may still change by itself."""
        return self.state in ACTIVE


@dataclass(frozen=True)
class Comparison:
    """Several runs beside each other, in the order in which they were asked for.

    `missing` are the ids of those that do not exist or that the viewer may not see; `points` the curves, by run and name.
    """

    runs: tuple[Run, ...]
    missing: tuple[int, ...]
    points: dict[int, dict[str, list[tuple[int, float]]]]


@dataclass(frozen=True)
class RunCard:
    """A run in one line of a list. `scores` are those of the hidden test split, empty before the end.

    `line` is what the line says of all its runs, where several that differ in the seed alone stand in it.
    """

    id: int
    name: str
    owner_name: str
    model_id: int
    model_name: str
    dataset_id: int
    dataset_name: str
    state: str
    epoch: int
    epochs: int
    queued: datetime
    finished: datetime | None
    scores: dict[str, float]
    line: Line | None

    @property
    def is_active(self) -> bool:
        """Return whether something may still change by itself."""
        return self.state in ACTIVE


@dataclass(frozen=True)
class LogLine:
    """One line of what happened to a run, in words."""

    at: datetime
    words: str


@dataclass(frozen=True)
class Progress:
    """What changed since a cursor.

    `queue_position` counts from 1 and is None unless the run waits; `seconds_left` is None until an epoch is timed;
    `points` maps a name such as `val_loss` to `(epoch, value)` pairs after the cursor. A caller that holds points of another
    `attempt` throws them away: the training started again.
    """

    state: str
    epoch: int
    epochs: int
    queue_position: int | None
    seconds_left: float | None
    points: dict[str, list[tuple[int, float]]]
    log: list[LogLine]
    attempt: int
    error: dict[str, Any] | None

    @property
    def is_active(self) -> bool:
        """Return whether something may still change by itself."""
        return self.state in ACTIVE


@dataclass(frozen=True)
class Worker:
    """A worker that said it lives. `facts` hold its versions and devices."""

    name: str
    queue: str
    started: datetime
    seen: datetime
    alive: bool
    facts: dict[str, Any]
