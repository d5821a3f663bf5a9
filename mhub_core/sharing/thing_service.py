"""Any thing by its kind and its number: who may do what with it, and how it is called.

For what hangs on things of every kind, such as comments. A new kind is one line in `_KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.datasets import DatasetRow
from db.tables.models import ModelRow
from db.tables.runs import RunRow
from mhub_core.errors import NotFound
from mhub_core.sharing import policy, service, texts
from mhub_core.sharing.policy import Person, Thing
from mhub_core.sharing.service import DATASET, MODEL, RUN


@dataclass(frozen=True)
class Found:
    """A thing as whoever asked may know it. `owner_id` None: it came with the hub; `level`: what the viewer may do.

    `phrase` names it within a sentence: "model Iris net", "run 7 (learning rate 0.01)".
    """

    kind: str
    id: int
    title: str
    phrase: str
    owner_id: int | None
    level: str


@dataclass(frozen=True)
class _Kind:
    """How things of one kind are found. The page that shows one by `?id=` is called as the kind."""

    row: Any
    level: Callable[[Session, Person | None, int], str | None]
    title: Callable[[int, str], str]
    phrase: Callable[[int, str], str]


def _level_of(kind: str, row: Any) -> Callable[[Session, Person | None, int], str | None]:
    def level(session: Session, viewer: Person | None, thing_id: int) -> str | None:
        found = session.execute(select(row.owner_id, row.visibility).where(row.id == thing_id)).one()
        return service.level(session, viewer, Thing(kind, thing_id, found.owner_id, found.visibility))

    return level


def _level_of_run(session: Session, viewer: Person | None, run_id: int) -> str | None:
    """Return the level on a run, which has no visibility of its own: its model and its dataset decide."""
    is_own, is_seen = (service.allowed_run(viewer, level) for level in (policy.OWN, policy.READ))
    found = session.execute(select(is_own.label("own"), is_seen.label("seen")).where(RunRow.id == run_id)).one()
    return policy.OWN if found.own else policy.READ if found.seen else None


def _of_name(kind: str, row: Any) -> _Kind:
    """Return a kind whose things have a name, an owner and a visibility of their own."""
    return _Kind(row, _level_of(kind, row), lambda _, name: name, lambda _, name: f"{kind} {name}")


_KINDS = {
    MODEL: _of_name(MODEL, ModelRow),
    DATASET: _of_name(DATASET, DatasetRow),
    RUN: _Kind(RunRow, _level_of_run, texts.run_title, texts.run_phrase),
}


def require(session: Session, viewer: Person | None, needs: str, kind: str, thing_id: int, hold: bool = False) -> Found:
    """Return a thing on which the viewer has a level. `hold` keeps it from being deleted until the transaction ends.

    Raises NotFound, SignInRequired and Forbidden as `policy.demand` does; NotFound also for a kind that is unknown.
    """
    known = _KINDS.get(kind)
    if known is None:
        raise NotFound("There is no such thing.", mend="Check the address.")
    query = select(known.row.owner_id, known.row.name).where(known.row.id == thing_id)
    if hold:  # as PostgreSQL does for a reference: it may be changed meanwhile, but not deleted
        query = query.with_for_update(read=True, key_share=True)
    found = session.execute(query).one_or_none()
    level = known.level(session, viewer, thing_id) if found is not None else None
    policy.demand(viewer, level, needs, kind)
    assert found is not None and level is not None
    title, phrase = (name_it(thing_id, found.name) for name_it in (known.title, known.phrase))
    return Found(kind, thing_id, title, phrase, found.owner_id, level)


def may_read(session: Session, person: Person, kind: str, thing_id: int) -> bool:
    """Tell whether a person may see a thing."""
    try:
        require(session, person, policy.READ, kind, thing_id)
    except NotFound:
        return False
    return True
