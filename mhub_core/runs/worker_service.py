"""The verbs by which workers move runs on: claim, beat, record, finish, fail, died, sweep.

A claim takes a lease and counts `attempt` up. Every later write names that number and changes nothing unless it is still the
newest and the run is still held: a worker that was given up for dead cannot spoil what another one does meanwhile.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, case, delete, exists, func, insert, select, update
from sqlalchemy.orm import Session

from db import damage, engine
from db.engine import database_now, num_changed, reading, writing
from db.tables.accounts import UserRow
from db.tables.models import ModelRow, ModelVersionRow
from db.tables.runs import MetricChunkRow, RunLogRow, RunRow, RunScoreRow, WorkerRow
from mhub_core import errors, settings
from mhub_core.errors import MHubError, Unavailable
from mhub_core.models.records import KERAS
from mhub_core.runs import curve_service, ended_service, line_service
from mhub_core.runs.curve_service import Points
from mhub_core.runs.records import FAILED, HELD, QUEUED, RUNNING, STARTING, STOPPED, Claim, Worker
from mhub_core.storage import artifact_service as artifacts
from mhub_core.training.records import Outcome

WORKER_ALIVE = timedelta(seconds=15)
WORKER_FORGOTTEN = timedelta(hours=1)
GO, STOP, LOST = "go", "stop", "lost"


def claim_order() -> Select[int]:
    """Select the ids of queued runs, the next one first: nobody's second run stands before somebody's first.

    Those of people whose account is disabled wait until it is enabled again.
    """
    busy = select(RunRow.owner_id, func.count().label("num")).where(RunRow.state.in_(HELD)).group_by(RunRow.owner_id).subquery()
    own_place = func.row_number().over(partition_by=RunRow.owner_id, order_by=(RunRow.queued, RunRow.id))
    place = (func.coalesce(busy.c.num, 0) + own_place).label("place")
    may_start = (RunRow.state == QUEUED, RunRow.owner_id.not_in(select(UserRow.id).where(UserRow.disabled)))
    waiting = select(RunRow.id, place).outerjoin(busy, busy.c.owner_id == RunRow.owner_id).where(*may_start).subquery()
    return select(RunRow.id).join(waiting, waiting.c.id == RunRow.id).order_by(waiting.c.place, RunRow.queued, RunRow.id)


def claim(worker: str, versions: dict[str, str] | None = None) -> Claim | None:
    """Take the next queued run for `worker`, or return None when nothing waits. The run keeps the worker's library `versions`."""
    with reading() as session:
        if session.scalar(select(RunRow.id).where(RunRow.state == QUEUED).limit(1)) is None:
            return None
    with writing() as session:
        now = database_now(session)
        first = claim_order().where(RunRow.state == QUEUED).limit(1).with_for_update(of=RunRow, skip_locked=True)
        taken = session.execute(
            update(RunRow)
            .where(RunRow.id == first.scalar_subquery(), RunRow.state == QUEUED)
            .values(
                state=STARTING,
                attempt=RunRow.attempt + 1,
                lease_owner=worker,
                lease_until=_lease_end(now),
                started=now,
                epoch_at=None,
            )
            .returning(RunRow.id, RunRow.attempt, RunRow.spec)
        ).one_or_none()
        if taken is None:
            return None
        spec = {**taken.spec, "versions": versions or {}}
        session.execute(update(RunRow).where(RunRow.id == taken.id).values(spec=spec))
        return Claim(taken.id, taken.attempt, spec)


def _lease_end(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.number("MHUB_LEASE_SECONDS"))


def _change(session: Session, run_id: int, attempt: int, **values: Any) -> bool:
    """Change a run that this attempt still holds. Return whether it does."""
    held = (RunRow.id == run_id, RunRow.attempt == attempt, RunRow.state.in_(HELD))
    return num_changed(session, update(RunRow).where(*held).values(**values)) == 1


def beat(run_id: int, attempt: int) -> str:
    """Prolong the lease. Return "go", "stop" when the person asked for it, or "lost" when the run is no longer this worker's."""
    with writing() as session:
        if not _change(session, run_id, attempt, lease_until=_lease_end(database_now(session))):
            return LOST
        return STOP if session.scalar(select(RunRow.stop_requested).where(RunRow.id == run_id)) else GO


def record(run_id: int, attempt: int, points: Points, words: list[str]) -> bool:
    """Write what the training reported: values of finished epochs, and sentences for the log. Return False when it is lost.

    The first report turns "starting" into "running".
    """
    with writing() as session:
        now = database_now(session)
        running = case((RunRow.state == STARTING, RUNNING), else_=RunRow.state)
        ended = {"epoch": points[-1][0], "epoch_at": now} if points else {}
        if not _change(session, run_id, attempt, lease_until=_lease_end(now), state=running, **ended):
            return False
        if points:
            curve_service.extend(session, run_id, points)
        if words:
            session.execute(insert(RunLogRow), [{"run_id": run_id, "at": now, "words": line} for line in words])
        return True


def finish(run_id: int, attempt: int, outcome: Outcome, model_key: str) -> int | None:
    """End a run that was trained to its end or stopped: save the model as a version, with its scores, in one transaction.

    Return the new model version's id, or None when the run is lost: then nothing is written.
    """
    with writing() as session:
        line_service.hold(session, run_id)
        now = database_now(session)
        held = _change(
            session,
            run_id,
            attempt,
            state=outcome.state,
            finished=now,
            epoch=outcome.epochs_done,
            train_seconds=outcome.train_seconds,
            num_parameters=outcome.num_parameters,
            result=_plain(outcome.result),
            error=None,
        )
        if not held:
            return None
        run = session.get_one(RunRow, run_id)
        version = _save_version(session, run, now, model_key)
        run.trained_version_id = version.id
        artifacts.record(session, artifacts.MODEL, model_key, run_id=run_id)
        artifacts.record(session, artifacts.MODEL, model_key, version_id=version.id)
        scores = {name: float(value) for name, value in outcome.scores.items() if math.isfinite(value)}
        where = {
            "run_id": run_id,
            "dataset_version_id": run.dataset_version_id,
            "model_id": run.model_id,
            "visibility": run.model_visibility,
            "dataset_visibility": run.dataset_visibility,
        }
        session.add_all(RunScoreRow(name=name, value=value, **where) for name, value in scores.items())
        line_service.arrange(session, run_id=run_id)
        _log(session, run_id, now, f"Tested and saved as version {version.number} of the model.")
        ended_service.tell(session, run, scores)
        return version.id


def _save_version(session: Session, run: RunRow, now: datetime, model_key: str) -> ModelVersionRow:
    session.execute(
        update(ModelRow).where(ModelRow.id == run.model_id).values(updated=now)
    )  # nobody else numbers a version meanwhile
    newest = session.scalar(select(func.max(ModelVersionRow.number)).where(ModelVersionRow.model_id == run.model_id))
    version = ModelVersionRow(
        model_id=run.model_id,
        number=(newest or 0) + 1,
        parent_id=run.model_version_id,
        run_id=run.id,
        kind=run.learner or KERAS,
        graph=run.spec["graph"],
        model_key=model_key,
        serving={"data": run.spec["data"], "num_parameters": run.num_parameters, "learner": run.learner or KERAS},
        note=f"Trained by run {run.id}",  # not the dataset's name: the model may be public and the dataset private
        created=now,
    )
    session.add(version)
    session.flush()
    return version


def _plain(value: Any) -> Any:
    """Return JSON in which numbers that JSON cannot hold, such as NaN, are None."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _log(session: Session, run_id: int, now: datetime, words: str) -> None:
    session.add(RunLogRow(run_id=run_id, at=now, words=words))


def fail(run_id: int, attempt: int, error: MHubError) -> bool:
    """End a run with an error in words. Return False when the run is lost."""
    with writing() as session:
        line_service.hold(session, run_id)
        now = database_now(session)
        if not _change(session, run_id, attempt, state=FAILED, finished=now, error=errors.to_json(error)):
            return False
        line_service.arrange(session, run_id=run_id)
        _log(session, run_id, now, error.happened)
        ended_service.tell(session, session.get_one(RunRow, run_id))
        return True


def give_back(run_id: int, attempt: int) -> None:
    """Put a run back into the queue because its worker is being shut down in order. That costs the run no attempt."""
    with writing() as session:
        run = _lock_held(session, run_id, attempt)
        if run:
            _end_or_requeue(session, run, database_now(session), "The worker was shut down")


def is_writable(seconds: float) -> bool:
    """Tell whether a worker could say that it lives, were it to try now and to wait no longer than that."""
    return engine.is_writable(seconds)


def check_database() -> None:
    """Look for damage in the file of the database. Raises Damaged, which tells how to repair it."""
    damage.check()


def sweep(may_take: bool = True) -> list[int]:
    """Take runs from workers that stopped answering, if that may be done. Return the ids of those that wait, the next first."""
    if may_take:
        with reading() as session:
            expired = (RunRow.state.in_(HELD), RunRow.lease_until < database_now(session))
            silent = session.execute(select(RunRow.id, RunRow.attempt).where(*expired)).all()
        for run_id, attempt in silent:
            _take_away(run_id, attempt)
    with reading() as session:
        return list(session.scalars(claim_order()))


def _lock_held(session: Session, run_id: int, attempt: int, waits: bool = True) -> RunRow | None:
    line_service.hold(session, run_id)
    held = (RunRow.id == run_id, RunRow.attempt == attempt, RunRow.state.in_(HELD))
    return session.scalar(select(RunRow).where(*held).with_for_update(skip_locked=not waits))


def _take_away(run_id: int, attempt: int) -> None:
    with writing() as session:
        now = database_now(session)
        run = _lock_held(session, run_id, attempt, waits=False)  # whoever holds it may keep its worker from answering
        if run is None or run.lease_until is None or run.lease_until >= now:  # or it answered meanwhile
            return
        times = f"The worker stopped answering {run.deaths + 1} times, so the run was given up."
        expected, mend = (
            "A worker has to stay alive until the run ends.",
            "The machine may be short of memory: try a smaller batch size or a smaller model.",
        )
        _count_death(session, run, now, "The worker stopped answering", Unavailable(times, expected, mend))


def died(run_id: int, attempt: int, error: MHubError) -> bool:
    """Say that the process of a training broke off: it starts again, unless that happened too often; then `error` tells why.

    Return False when the run is lost.
    """
    with writing() as session:
        run = _lock_held(session, run_id, attempt)
        if run is not None:
            _count_death(session, run, database_now(session), "The training process ended unexpectedly", error)
        return run is not None


def _count_death(session: Session, run: RunRow, now: datetime, what: str, error: MHubError) -> None:
    run.deaths += 1
    if run.deaths < settings.number("MHUB_MAX_ATTEMPTS"):
        _end_or_requeue(session, run, now, what)
    else:
        run.state, run.finished, run.error = FAILED, now, errors.to_json(error)
        _log(session, run.id, now, error.happened)
        line_service.arrange(session, run_id=run.id)
        ended_service.tell(session, run)


def _end_or_requeue(session: Session, run: RunRow, now: datetime, what: str) -> None:
    """Let a run without a worker wait for the next one; or end it, when its person wanted it stopped anyway."""
    where = f"{what} during epoch {run.epoch + 1}"
    run.lease_owner = run.lease_until = None
    if run.stop_requested:
        run.state, run.finished = STOPPED, now
        _log(session, run.id, now, f"{where}, while the run was being stopped. Nothing could be saved.")
        line_service.arrange(session, run_id=run.id)
        return
    session.execute(delete(MetricChunkRow).where(MetricChunkRow.run_id == run.id))
    run.state, run.epoch, run.epoch_at, run.started = QUEUED, 0, None, None
    number, most = run.deaths + 1, settings.number("MHUB_MAX_ATTEMPTS")
    again = f" (attempt {number} of {most})" if run.deaths else ""
    _log(session, run.id, now, f"{where}; the run starts again{again}.")


def worker_seen(name: str, queue: str, facts: dict[str, Any]) -> None:
    """Say that a worker lives, and forget those that have long been silent."""
    with writing() as session:
        now = database_now(session)
        session.execute(delete(WorkerRow).where(WorkerRow.seen < now - WORKER_FORGOTTEN))
        row = session.get(WorkerRow, name) or WorkerRow(name=name, queue=queue, started=now)
        row.seen, row.facts = now, facts
        session.add(row)


def worker_gone(name: str) -> None:
    """Say that a worker ended in order."""
    with writing() as session:
        session.execute(delete(WorkerRow).where(WorkerRow.name == name))


def has_worker(queue: str) -> bool:
    """Return whether a worker of a queue said lately that it lives."""
    with reading() as session:
        return bool(session.scalar(_ALIVE, {"queue": queue, "since": database_now(session) - WORKER_ALIVE}))


_ALIVE = select(exists().where(WorkerRow.queue == bindparam("queue"), WorkerRow.seen > bindparam("since")))


def list_workers() -> list[Worker]:
    """Return all workers that were seen within the last hour."""
    with reading() as session:
        alive_since = database_now(session) - WORKER_ALIVE
        rows = session.scalars(select(WorkerRow).order_by(WorkerRow.queue, WorkerRow.name))
        return [Worker(row.name, row.queue, row.started, row.seen, row.seen > alive_since, row.facts) for row in rows]
