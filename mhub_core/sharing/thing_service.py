"""Any thing by its kind and its number: who may do what with it, and how it is called.

For what hangs on things of every kind, such as comments. A new kind with a name is one entry of `_NAMED`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from db.tables.datasets import DatasetRow
from db.tables.models import ModelRow
from db.tables.projects import ProjectRow
from db.tables.runs import RunRow
from mhub_core.errors import NotFound
from mhub_core.sharing import policy, service, texts
from mhub_core.sharing.policy import Person, Thing
from mhub_core.sharing.service import DATASET, MODEL, PROJECT, RUN


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
    """How things of one kind are found and called. The page that shows one by `?id=` is called as the kind.

    `asked` gives the statement that selects the owner, the name and what `level` needs of the thing `id`.
    """

    asked: Callable[[Person | None], Select[Any]]
    level: Callable[[Session, Person | None, int, Any], str | None]
    title: Callable[[int, str], str]
    phrase: Callable[[int, str], str]


def _of_name(kind: str, row: Any) -> _Kind:
    """Return a kind whose things have a name, an owner and a visibility of their own."""
    asked = select(row.owner_id, row.name, row.visibility).where(row.id == bindparam("id"))

    def level(session: Session, viewer: Person | None, thing_id: int, found: Any) -> str | None:
        return service.level(session, viewer, Thing(kind, thing_id, found.owner_id, found.visibility))

    return _Kind(lambda _: asked, level, lambda _, name: name, lambda _, name: f"{kind} {name}")


@dataclass(frozen=True)
class _Asker:
    """All that a statement knows of a person. Unlike the row of one it says by what a statement may be kept."""

    id: int
    is_admin: bool


@lru_cache(maxsize=256)  # to put the statement together takes longer than to run it
def _run_asked(asker: _Asker | None) -> Select[Any]:
    """Select a run, which has no visibility of its own: its model and its dataset decide who may see it."""
    is_own, is_seen = (service.allowed_run(asker, level).label(level) for level in (policy.OWN, policy.READ))
    columns: tuple[Any, ...] = (RunRow.owner_id, RunRow.name, is_own, is_seen)
    return select(*columns).where(RunRow.id == bindparam("id"))


def _run_level(_session: Session, _viewer: Person | None, _run_id: int, found: Any) -> str | None:
    return policy.OWN if found.own else policy.READ if found.read else None


_RUN = _Kind(
    lambda viewer: _run_asked(_Asker(viewer.id, viewer.is_admin) if viewer else None),
    _run_level,
    texts.run_title,
    texts.run_phrase,
)
_NAMED = {MODEL: ModelRow, DATASET: DatasetRow, PROJECT: ProjectRow}
_KINDS = {**{kind: _of_name(kind, row) for kind, row in _NAMED.items()}, RUN: _RUN}


def require(session: Session, viewer: Person | None, needs: str, kind: str, thing_id: int, hold: bool = False) -> Found:
    """Return a thing on which the viewer has a level. `hold` keeps it from being deleted until the transaction ends.

    Raises NotFound, SignInRequired and Forbidden as `policy.demand` does; NotFound also for a kind that is unknown.
    """
    known = _KINDS.get(kind)
    if known is None:
        raise NotFound("There is no such thing.", mend="Check the address.")
    query = known.asked(viewer)
    if hold:  # as PostgreSQL does for a reference: it may be changed meanwhile, but not deleted
        query = query.with_for_update(read=True, key_share=True)
    found = session.execute(query, {"id": thing_id}).one_or_none()
    level = known.level(session, viewer, thing_id, found) if found is not None else None
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
