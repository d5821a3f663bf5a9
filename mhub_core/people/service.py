"""The page of a person: what they are called, and what they own that the viewer may see."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from db.base import now
from db.engine import reading
from db.tables.accounts import UserRow
from db.tables.datasets import DatasetRow
from db.tables.models import ModelRow, ModelVersionRow
from db.tables.runs import RunRow
from mhub_core.accounts.records import User
from mhub_core.errors import NotFound
from mhub_core.finding import service as finding
from mhub_core.people.records import Owned, Profile
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing

MAX_OWNED = 24
DAYS = 371  # 53 weeks
_ROWS: dict[str, Any] = {sharing.MODEL: ModelRow, sharing.DATASET: DatasetRow}


def require_person(viewer: User | None, person_id: int) -> Profile:
    """Return a person as others see them. Raises NotFound, also for a visitor while the person has nothing public."""
    with reading() as session:
        return require(session, viewer, person_id)


def list_owned(viewer: User | None, person_id: int, kind: str, limit: int = MAX_OWNED, offset: int = 0) -> list[Owned]:
    """Return the models or the datasets of a person that the viewer may see, the newest first. Raises NotFound."""
    row = _ROWS[kind]
    query = select(row.id, row.name, row.description, row.visibility).where(row.owner_id == person_id)
    query = query.where(sharing.allowed(viewer, policy.READ, row)).order_by(row.id.desc())
    with reading() as session:
        require(session, viewer, person_id)
        found = session.execute(query.limit(min(max(limit, 1), MAX_OWNED + 1)).offset(max(offset, 0)))
        return [Owned(kind, *one) for one in found]


def require(session: Session, viewer: User | None, person_id: int) -> Profile:
    """Return the same within a transaction."""
    columns = (
        UserRow.id,
        UserRow.name,
        UserRow.about,
        func.coalesce(func.substr(UserRow.picture_key, 1, 12), ""),
        UserRow.created,
    )
    query = select(*columns).where(UserRow.id == person_id)
    if viewer is None:
        query = query.where(finding.publishes(UserRow.id))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such person here.", mend="Check the address, or sign in.")
    return Profile(*row)


def activity(viewer: User | None, person_id: int, days: int = DAYS) -> dict[date, int]:
    """Return for each day, in UTC, how many runs, versions and datasets a person made that the viewer may see.

    Days without any are left out. Raises NotFound.
    """
    since = now() - timedelta(days=days)
    made = (
        select(RunRow.queued.label("at")).where(RunRow.owner_id == person_id, sharing.allowed_run(viewer, policy.READ)),
        select(ModelVersionRow.created)
        .join(ModelRow, ModelRow.id == ModelVersionRow.model_id)
        .where(ModelRow.owner_id == person_id, ModelVersionRow.run_id.is_(None), sharing.allowed(viewer, policy.READ, ModelRow)),
        select(DatasetRow.created).where(DatasetRow.owner_id == person_id, sharing.allowed(viewer, policy.READ, DatasetRow)),
    )
    at = union_all(*made).subquery().c.at
    query = select(func.date(at).label("day"), func.count()).where(at >= since).group_by("day")
    with reading() as session:
        require(session, viewer, person_id)
        return {date.fromisoformat(str(day)): count for day, count in session.execute(query)}
