"""Runs: their life, their curves, their scores; what lists find them by."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, now

# All that decides who may see a run, what it is found by and how it is ordered: lists read these out of one index.
LISTED = (
    *("id", "owner_id", "model_id", "model_visibility", "dataset_id", "dataset_visibility"),
    *("state", "queued", "finished", "train_seconds", "num_parameters", "name", "line_id"),
)


_IN_LINE = text("line_id IS NOT NULL")  # else SQLite looks here for the runs of which it is None: most of them


class RunRow(Base):
    """One training. The row is the truth; a message in the queue only wakes a worker.

    Who may see it is decided by its model and its dataset: the database itself changes `model_visibility` and
    `dataset_visibility` with them.
    """

    __tablename__ = "runs"
    __table_args__ = (
        ForeignKeyConstraint(
            ["model_id", "model_visibility"], ["models.id", "models.visibility"], onupdate="CASCADE", ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["dataset_id", "dataset_visibility"], ["datasets.id", "datasets.visibility"], onupdate="CASCADE"),
        Index("ix_runs_state_queued", "state", "queued"),
        Index("ix_runs_owner_id_id", "owner_id", "id"),
        Index("ix_runs_model_id_id", "model_id", "id"),
        Index("ix_runs_dataset_id_id", "dataset_id", "id"),
        Index(
            "uq_runs_id_visibility", "id", "model_visibility", "dataset_visibility", unique=True
        ),  # what settings and scores refer to
        Index("ix_runs_list", *LISTED),
        Index("ix_runs_line_id_state", "line_id", "state", sqlite_where=_IN_LINE, postgresql_where=_IN_LINE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    model_id: Mapped[int]
    model_visibility: Mapped[str] = mapped_column(String(10))
    model_version_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id", ondelete="CASCADE"), index=True)
    dataset_id: Mapped[int]
    dataset_visibility: Mapped[str] = mapped_column(String(10))
    dataset_version_id: Mapped[int] = mapped_column(ForeignKey("dataset_versions.id"), index=True)
    submission_key: Mapped[str] = mapped_column(String(64), unique=True)
    # Runs of which `seedless` is the same differ in their seed alone, and stand as one line: that of the run `line_id`, or this
    # run's own where that is None. No key: `line_service` keeps it.
    seedless: Mapped[str | None] = mapped_column(String(64), index=True)
    line_id: Mapped[int | None]
    learner: Mapped[str | None] = mapped_column(String(20))  # what makes the weights; None in old rows: keras
    name: Mapped[str] = mapped_column(String(120), default="", server_default="")  # what tells it apart; empty in old rows
    notes: Mapped[str] = mapped_column(Text, default="", server_default="")  # Markdown of its owner
    source: Mapped[str | None] = mapped_column(String(20))  # trained: by a worker of this hub; None in old rows: that
    state: Mapped[str] = mapped_column(String(10), default="queued")
    spec: Mapped[dict[str, Any]]  # RunSpec as JSON: all that decides the result
    attempt: Mapped[int] = mapped_column(default=0)  # fencing number: counts claims
    deaths: Mapped[int] = mapped_column(default=0, server_default="0")  # workers that vanished with it; capped
    lease_owner: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None]
    stop_requested: Mapped[bool] = mapped_column(default=False)
    epoch: Mapped[int] = mapped_column(default=0)  # finished epochs of this attempt
    epoch_at: Mapped[datetime | None]  # when that epoch ended
    epochs: Mapped[int]
    queued: Mapped[datetime] = mapped_column(default=now)
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]
    train_seconds: Mapped[float | None]
    num_parameters: Mapped[int | None]
    error: Mapped[dict[str, Any] | None]  # {"happened", "expected", "mend"}
    result: Mapped[dict[str, Any] | None]  # EvaluationReport as JSON
    trained_version_id: Mapped[int | None]  # the model version with the trained weights


_NARROWED = ("run_id", "model_id", "owner_id", "num_parameters")  # by which a board may be narrowed


def _of_run(model_visibility: str) -> ForeignKeyConstraint:
    """Return the reference of a row to its run, together with who may see that, which changes with it."""
    columns = ["run_id", model_visibility, "dataset_visibility"]
    run = ["runs.id", "runs.model_visibility", "runs.dataset_visibility"]
    return ForeignKeyConstraint(columns, run, onupdate="CASCADE", ondelete="CASCADE")


class RunLogRow(Base):
    """One line of what happened to a run, for people."""

    __tablename__ = "run_logs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    words: Mapped[str] = mapped_column(Text)


class MetricChunkRow(Base):
    """A piece of one curve: `num` steps (int32) and values (float64), little-endian bytes."""

    __tablename__ = "metric_chunks"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    first_step: Mapped[int] = mapped_column(primary_key=True)
    num: Mapped[int]
    steps: Mapped[bytes] = mapped_column(LargeBinary)
    values: Mapped[bytes] = mapped_column(LargeBinary)


class RunScoreRow(Base):
    """A score on the hidden test split, computed by the server. Lists of single runs sort by it.

    `visibility` is the model's and `dataset_visibility` the dataset's, as in the run: the database itself changes them with it.
    """

    __tablename__ = "run_scores"
    __table_args__ = (
        _of_run("visibility"),
        Index("ix_run_scores_list", "visibility", "dataset_visibility", "name", "value", "run_id"),
    )

    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    dataset_version_id: Mapped[int] = mapped_column(ForeignKey("dataset_versions.id"), index=True)
    model_id: Mapped[int]  # decides who may see it
    visibility: Mapped[str] = mapped_column(String(10))
    dataset_visibility: Mapped[str] = mapped_column(String(10))
    value: Mapped[float]


class LineScoreRow(Base):
    """A score of a line: the mean over its finished runs, which differ in the seed alone. Leaderboards and lists sort by it.

    `run_id` is the run whose line it is. `deviation` is that of the sample (n - 1), None of one run. A board reads its places,
    their number and what narrows them out of one index.
    """

    __tablename__ = "line_scores"
    __table_args__ = (
        _of_run("visibility"),
        Index("ix_line_scores_board", "dataset_version_id", "name", "value", *_NARROWED),  # an administrator's
        Index("ix_line_scores_public_board", "dataset_version_id", "name", "visibility", "value", *_NARROWED),
        Index("ix_line_scores_model", "model_id", "visibility", "dataset_visibility", "name", "value", "run_id"),
        Index("ix_line_scores_best", "owner_id", "dataset_version_id", "name", "value"),
        Index("ix_line_scores_list", "visibility", "dataset_visibility", "name", "value", "run_id"),
    )

    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    dataset_version_id: Mapped[int] = mapped_column(ForeignKey("dataset_versions.id"))
    model_id: Mapped[int]  # decides who may see it
    owner_id: Mapped[int]
    num_parameters: Mapped[int | None]
    visibility: Mapped[str] = mapped_column(String(10))
    dataset_visibility: Mapped[str] = mapped_column(String(10))
    value: Mapped[float]
    deviation: Mapped[float | None]
    num_runs: Mapped[int]


class RunSettingRow(Base):
    """One thing that was chosen for a run, as its plan says it: a `number`, or a `text`. Lists sort by it."""

    __tablename__ = "run_settings"
    __table_args__ = (
        _of_run("model_visibility"),
        Index("ix_run_settings_list", "model_visibility", "dataset_visibility", "name", "number", "text", "run_id", "line_id"),
    )

    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    model_visibility: Mapped[str] = mapped_column(String(10))
    dataset_visibility: Mapped[str] = mapped_column(String(10))
    number: Mapped[float | None]
    text: Mapped[str | None] = mapped_column(String(60))
    line_id: Mapped[int | None]  # that of the run


class RunTagRow(Base):
    """A word by which the owner of a run finds it again."""

    __tablename__ = "run_tags"
    __table_args__ = (Index("ix_run_tags_tag_run_id", "tag", "run_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True)


class WorkerRow(Base):
    """A worker that said it lives."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)  # host:pid:queue
    queue: Mapped[str] = mapped_column(String(20))
    started: Mapped[datetime] = mapped_column(default=now)
    seen: Mapped[datetime] = mapped_column(default=now)
    facts: Mapped[dict[str, Any]]  # versions, devices
