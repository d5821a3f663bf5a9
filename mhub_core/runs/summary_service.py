"""What a person's runs do and did lately: for the page that they begin with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from db.base import now
from db.engine import reading
from db.tables.runs import RunRow
from mhub_core.accounts.records import User
from mhub_core.runs import line_service, list_service
from mhub_core.runs.records import ACTIVE, ENDED, RunCard
from mhub_core.sharing import policy

DAYS = 28
MAX_SHOWN = 6
_MOST_SUMMED = 2_000  # of the newest runs


@dataclass(frozen=True)
class Day:
    """What was trained on one day, in UTC: how many runs ended, and for how many seconds they trained."""

    day: date
    num_runs: int
    seconds: float


@dataclass(frozen=True)
class Summary:
    """The runs of a person: those that go on, those that ended last, how many there are, and what was trained in `DAYS` days."""

    active: tuple[RunCard, ...]
    ended: tuple[RunCard, ...]
    num_runs: int
    days: tuple[Day, ...]

    @property
    def seconds(self) -> float:
        """Return for how long all of these days' runs trained."""
        return sum(day.seconds for day in self.days)


def summarize(user: User | None) -> Summary:
    """Return what a person's runs do and did lately. Raises SignInRequired."""
    person = policy.require_signed_in(user)
    today = now().date()
    with reading() as session:
        active = _cards(session, _ACTIVE, person)
        ended = _cards(session, _ENDED, person)
        number = session.scalar(_NUMBER, {"owner": person.id}) or 0
        trained = session.execute(_TRAINED, {"owner": person.id}).tuples().all()
    return Summary(active, ended, number, _by_day(today, [(at, seconds) for at, seconds in trained if at is not None]))


def _by_day(today: date, trained: list[tuple[datetime, float | None]]) -> tuple[Day, ...]:
    days = {today - timedelta(days=number): [0, 0.0] for number in reversed(range(DAYS))}
    for at, seconds in trained:
        if (told := days.get(at.date())) is not None:
            told[0] += 1
            told[1] += seconds or 0.0
    return tuple(Day(day, int(num), seconds) for day, (num, seconds) in days.items())


def _cards(session: Session, query: Select[Any], person: User) -> tuple[RunCard, ...]:
    rows = session.execute(query, {"owner": person.id}).all()
    ids = [row[0] for row in rows]
    scores, lines = list_service.scores_of(session, ids), line_service.lines_of(session, ids)
    return tuple(RunCard(*(*row, scores[row[0]], lines.get(row[0]))) for row in rows)


# Put together once, because that takes as long as to ask. Among the newest runs of a person few are left out.
_OWN = list_service.joined(*list_service.CARD).where(RunRow.owner_id == bindparam("owner"))
# Where nothing goes on, a database would look for it among all runs of a person.
_NEWEST = (
    select(RunRow.id, RunRow.state)
    .where(RunRow.owner_id == bindparam("owner"))
    .order_by(RunRow.id.desc())
    .limit(_MOST_SUMMED)
    .subquery()
)
_GOES_ON = select(_NEWEST.c.id).where(_NEWEST.c.state.in_(ACTIVE)).order_by(_NEWEST.c.id.desc()).limit(MAX_SHOWN)
_ACTIVE = _OWN.where(RunRow.id.in_(_GOES_ON)).order_by(RunRow.id.desc())
_ENDED = _OWN.where(RunRow.state.in_(ENDED), RunRow.line_id.is_(None)).order_by(RunRow.id.desc()).limit(MAX_SHOWN)
_NUMBER = select(func.count()).where(RunRow.owner_id == bindparam("owner"))
_TRAINED = (
    select(RunRow.finished, RunRow.train_seconds)
    .where(RunRow.owner_id == bindparam("owner"))
    .order_by(RunRow.id.desc())
    .limit(_MOST_SUMMED)
)
