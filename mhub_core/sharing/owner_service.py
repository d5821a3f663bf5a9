"""How a model, a dataset or a project gets another owner, and what does not go along."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from db.engine import num_changed, reading
from db.tables.sharing import GrantRow
from db.tables.sources import SourceRow
from mhub_core.sharing import policy, service
from mhub_core.sharing.policy import Person
from mhub_core.sharing.reach_service import on

_ROWS = {kind: row for row, kind in service.KINDS.items()}
# What is the owner's and not the thing's, such as a password: the column that names the thing.
_STAYS_BEHIND: dict[str, tuple[Any, ...]] = {service.DATASET: (SourceRow.dataset_id,)}


def give(session: Session, kind: str, thing_id: int, person_id: int) -> bool:
    """Make somebody the owner of a thing within a transaction. Returns whether something of the former owner was forgotten."""
    row = _ROWS[kind]
    session.execute(update(row).where(row.id == thing_id).values(owner_id=person_id))
    session.execute(delete(GrantRow).where(*on(kind, thing_id), GrantRow.person_id == person_id))
    columns = _STAYS_BEHIND.get(kind, ())
    return any([num_changed(session, delete(column.class_).where(column == thing_id)) for column in columns])


def leaves_behind(user: Person | None, kind: str, thing_id: int) -> bool:
    """Tell whether something of a thing would be forgotten if it got another owner. Raises for all but its owner."""
    with reading() as session:
        service.require_row(session, user, policy.OWN, kind, thing_id)
        columns = _STAYS_BEHIND.get(kind, ())
        return any(session.scalar(select(column).where(column == thing_id).limit(1)) is not None for column in columns)
