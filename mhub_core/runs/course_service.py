"""How a run goes: what the people who watch it ask, within the transaction of a verb that let them in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from db.engine import database_now
from db.tables.runs import MetricChunkRow, RunLogRow, RunRow
from mhub_core.runs import curves
from mhub_core.runs.records import QUEUED, RUNNING, LogLine, Progress
from mhub_core.runs.worker_service import claim_order
from mhub_core.sharing import policy

MOST_LOG_LINES = 100


def progress(session: Session, run_id: int, after_epoch: int = 0, attempt: int | None = None) -> Progress:
    """Return what is new since a cursor. A cursor of another attempt counts for nothing: then all points come.

    The caller has asked whether the viewer may see the run. Raises NotFound when it was deleted meanwhile.
    """
    course = (RunRow.state, RunRow.epoch, RunRow.epochs, RunRow.attempt, RunRow.error, RunRow.started, RunRow.epoch_at)
    run = session.execute(select(*course).where(RunRow.id == run_id)).one_or_none()
    if run is None:
        raise policy.hidden("run")
    after = after_epoch if attempt in (None, run.attempt) else 0
    return Progress(
        state=run.state,
        epoch=run.epoch,
        epochs=run.epochs,
        queue_position=queue_position(session, run_id) if run.state == QUEUED else None,
        seconds_left=seconds_left(session, run) if run.state == RUNNING else None,
        points=points(session, run_id, after) if run.epoch > after else {},
        log=log(session, run_id),
        attempt=run.attempt,
        error=run.error,
    )


def queue_position(session: Session, run_id: int) -> int | None:
    """Return the place of a waiting run among those that workers take, counted from 1."""
    waiting: list[int] = list(session.scalars(claim_order()))
    return waiting.index(run_id) + 1 if run_id in waiting else None


def seconds_left(session: Session, run: Any) -> float | None:
    """Return how long the epochs to come will take, by those that are done. None before the first."""
    if not run.epoch or run.started is None or run.epoch_at is None:
        return None
    seconds_an_epoch: float = (run.epoch_at - run.started).total_seconds() / run.epoch
    gone: float = (database_now(session) - run.started).total_seconds()
    return max(0.0, float(seconds_an_epoch * run.epochs - gone))


def points(session: Session, run_id: int, after: int) -> dict[str, curves.Curve]:
    """Return the points of all curves after an epoch, by name."""
    newer = MetricChunkRow.first_step + MetricChunkRow.num > after
    return _points(session, newer, MetricChunkRow.run_id == run_id, after=after).get(run_id, {})


def points_of(session: Session, run_ids: Sequence[int], most: int) -> dict[int, dict[str, curves.Curve]]:
    """Return the curves of several runs, by run and name, each with at most `most` points."""
    found = _points(session, MetricChunkRow.run_id.in_(run_ids), most=most)
    return {run_id: found.get(run_id, {}) for run_id in run_ids}


def _points(
    session: Session, *wanted: ColumnElement[bool], after: int = 0, most: int = curves.MOST_POINTS
) -> dict[int, dict[str, curves.Curve]]:
    columns = (MetricChunkRow.run_id, MetricChunkRow.name, MetricChunkRow.steps, MetricChunkRow.values)
    pieces: dict[int, dict[str, list[tuple[bytes, bytes]]]] = {}
    for run_id, name, steps, values in session.execute(select(*columns).where(*wanted).order_by(MetricChunkRow.first_step)):
        pieces.setdefault(run_id, {}).setdefault(name, []).append((steps, values))
    return {
        run_id: {name: curves.unpack(chunks, after, most) for name, chunks in named.items()} for run_id, named in pieces.items()
    }


def log(session: Session, run_id: int) -> list[LogLine]:
    """Return the newest lines of the log, the oldest of them first."""
    newest = (
        select(RunLogRow.at, RunLogRow.words)
        .where(RunLogRow.run_id == run_id)
        .order_by(RunLogRow.id.desc())
        .limit(MOST_LOG_LINES)
    )
    return [LogLine(*row) for row in reversed(session.execute(newest).all())]
