"""Keeps lines: which runs stand in whose, and the scores of each. Asked by the verbs that begin, end and delete runs.

Only runs that go on or have finished share a line. One that was stopped learned for fewer epochs, and one that failed should be
seen: each is a line of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from db.engine import reading
from db.tables.datasets import DatasetRow
from db.tables.models import ModelRow
from db.tables.runs import LineScoreRow, RunRow, RunScoreRow, RunSettingRow
from mhub_core.accounts.records import User
from mhub_core.runs.lines import Line, Mean, mean_of
from mhub_core.runs.records import ACTIVE, FINISHED
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing

_SHARED = (FINISHED, *ACTIVE)  # states
MAX_MEMBERS = 200  # runs of a line that are told


# Keeping


def hold(session: Session, run_id: int) -> None:
    """Let nobody else change the line of a run until the transaction ends. The first thing that is done in it.

    Its model and its dataset stay, too, and who may see them: the database passes that on to the runs, one after the other, and
    whoever changed runs in another order would wait for it while it waits for them.
    """
    if session.get_bind().dialect.name != "postgresql":  # SQLite has one writer at a time anyway
        return
    run = session.execute(select(RunRow.seedless, RunRow.model_id, RunRow.dataset_id).where(RunRow.id == run_id)).one_or_none()
    if run is not None:
        hold_key(session, run.seedless)
        session.execute(select(ModelRow.id).where(ModelRow.id == run.model_id).with_for_update(key_share=True))
        session.execute(select(DatasetRow.id).where(DatasetRow.id == run.dataset_id).with_for_update(read=True))


def hold_key(session: Session, seedless: str | None) -> None:
    """Do what `hold` does for runs that are still to come."""
    if seedless is not None and session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"line {seedless}"))))


def hold_active(session: Session, owner_id: int) -> None:
    """Do what `hold` does for the lines of all runs of a person that wait or go on."""
    keys = select(RunRow.seedless).where(RunRow.owner_id == owner_id, RunRow.state.in_(ACTIVE)).distinct()
    for seedless in sorted(key for key in session.scalars(keys) if key):
        hold_key(session, seedless)


def arrange(session: Session, *, run_id: int | None = None, seedless: str | None = None) -> None:
    """Put runs in their line after one of them changed, and write down the scores of the line.

    `run_id`: the run that changed, `seedless`: what it shares with others; one that was deleted is told by the latter alone.
    """
    session.flush()
    changed = []
    if run_id is not None:
        found = session.execute(select(RunRow.seedless, RunRow.state).where(RunRow.id == run_id)).one()
        seedless, changed = found.seedless, [] if found.seedless and found.state in _SHARED else [run_id]
    if seedless is not None:
        _put(session, _members(session, seedless))
    if changed:
        _put(session, changed)


def _members(session: Session, seedless: str) -> list[int]:
    """Return the runs that share a line: first those that have finished, each the older first."""
    query = select(RunRow.id).where(RunRow.seedless == seedless, RunRow.state.in_(_SHARED))
    return list(session.scalars(query.order_by(RunRow.state != FINISHED, RunRow.id)))


def _put(session: Session, members: Sequence[int]) -> None:
    """Put all of these runs in the line of the first."""
    if not members:
        return
    first = members[0]
    for row, run_id in ((RunRow, RunRow.id), (RunSettingRow, RunSettingRow.run_id)):
        session.execute(update(row).where(run_id == first, row.line_id.is_not(None)).values(line_id=None))
        if len(members) > 1:
            session.execute(update(row).where(run_id.in_(members[1:]), row.line_id.is_distinct_from(first)).values(line_id=first))
    session.execute(delete(LineScoreRow).where(LineScoreRow.run_id.in_(members)))
    run = session.execute(_ABOUT, {"run_id": first}).one()
    values: dict[str, list[float]] = defaultdict(list)
    scores = select(RunScoreRow.name, RunScoreRow.value).where(RunScoreRow.run_id.in_(members)).order_by(RunScoreRow.run_id)
    for name, value in session.execute(scores):
        values[name].append(value)
    for name, of_runs in values.items():
        mean = mean_of(of_runs)
        told = {"value": mean.value, "deviation": mean.deviation, "num_runs": mean.num_runs}
        session.add(LineScoreRow(run_id=first, name=name, **run._mapping, **told))


_ABOUT = select(
    *(RunRow.dataset_version_id, RunRow.model_id, RunRow.owner_id, RunRow.num_parameters, RunRow.dataset_visibility),
    RunRow.model_visibility.label("visibility"),
).where(RunRow.id == bindparam("run_id"))


# Telling


def lines_of(session: Session, run_ids: Sequence[int]) -> dict[int, Line]:
    """Return what each of these runs' own lines says, for those that have more than one run."""
    numbers: dict[int, list[int]] = {}
    for line_id, state, number in session.execute(_OTHERS, {"runs": run_ids}).tuples():
        told = numbers.setdefault(line_id or 0, [1, 0])
        told[0] += number
        told[1] += number * (state == FINISHED)
    if not numbers:
        return {}
    leads = list(numbers)
    finished = set(session.scalars(select(RunRow.id).where(RunRow.id.in_(leads), RunRow.state == FINISHED)))
    scores = scores_of(session, leads)
    return {one: Line(num, done + (one in finished), scores[one]) for one, (num, done) in numbers.items()}


def scores_of(session: Session, run_ids: Sequence[int]) -> dict[int, dict[str, Mean]]:
    """Return the scores of the lines of these runs by name."""
    found: dict[int, dict[str, Mean]] = {one: {} for one in run_ids}
    for run_id, name, value, deviation, num_runs in session.execute(_SCORES, {"runs": run_ids}):
        found[run_id][name] = Mean(value, deviation, num_runs)
    return found


# Put together once, because that takes as long as to ask.
_SCORES = select(
    *(LineScoreRow.run_id, LineScoreRow.name, LineScoreRow.value, LineScoreRow.deviation, LineScoreRow.num_runs)
).where(LineScoreRow.run_id.in_(bindparam("runs", expanding=True)))
_OTHERS = (
    select(RunRow.line_id, RunRow.state, func.count())
    .where(RunRow.line_id.in_(bindparam("runs", expanding=True)))
    .group_by(RunRow.line_id, RunRow.state)
)


def list_members(viewer: User | None, run_ids: Sequence[int]) -> list[int]:
    """Return these runs and all that stand in the line of one of them, as far as the viewer may see them, in this order."""
    wanted = list(dict.fromkeys(run_ids))[:MAX_MEMBERS]
    query = select(RunRow.id, func.coalesce(RunRow.line_id, RunRow.id).label("line"))
    query = query.where(or_(RunRow.id.in_(wanted), RunRow.line_id.in_(wanted)), sharing.allowed_run(viewer, policy.READ))
    found: dict[int, list[int]] = defaultdict(list)
    with reading() as session:
        for run_id, line in session.execute(query.order_by(RunRow.id)):
            found[line if line in wanted else run_id].append(run_id)
    return [one for line in wanted for one in found[line]][:MAX_MEMBERS]


def line_of(viewer: User | None, run_id: int) -> tuple[int, Line] | None:
    """Return the run in whose line a run stands and what that line says; None for a run alone, and for one that is hidden."""
    line = select(func.coalesce(RunRow.line_id, RunRow.id)).where(RunRow.id == run_id, sharing.allowed_run(viewer, policy.READ))
    with reading() as session:
        lead = session.scalar(line)
        found = lines_of(session, [lead]) if lead is not None else {}
    return (lead, found[lead]) if lead in found else None
