"""How far people reach, as SQL: by grants of their own, and as members of projects to which a thing belongs.

A member reaches a thing as far as both the membership and what was allowed to the project do. The statements look all of it up
when they are run, so they may be kept and used again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, CompoundSelect, Select, and_, bindparam, false, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from db.tables.projects import ProjectRow
from db.tables.sharing import GrantRow
from mhub_core.sharing import policy

MOST_MODELS = 5_000  # of a project, whose runs are listed and ranked
MODEL, DATASET, RUN, PROJECT = "model", "dataset", "run", "project"

_Member = aliased(GrantRow)  # a grant on a project


def on(kind: str, thing_id: int) -> tuple[ColumnElement[bool], ...]:
    """Return as SQL which grants are on a thing."""
    return GrantRow.thing_kind == kind, GrantRow.thing_id == thing_id


def granted_ids(person_id: int | None, needs: str, kind: str) -> CompoundSelect[int]:
    """Select the ids of the things of a kind that a person reaches at a level, each way out of an index of its own."""
    direct = select(GrantRow.thing_id).where(GrantRow.thing_kind == kind, GrantRow.person_id == person_id)
    if kind == PROJECT:
        return union_all(direct.where(_reaches(GrantRow.level, needs)))
    as_member = select(_Member.thing_id).where(
        _Member.thing_kind == PROJECT, _Member.person_id == person_id, _reaches(_Member.level, needs)
    )
    as_owner = select(ProjectRow.id).where(ProjectRow.owner_id == person_id)
    # IN, because of a join SQLite begins with everything that belongs to any project.
    of_projects = GrantRow.thing_kind == kind, GrantRow.project_id.in_(union_all(as_member, as_owner))
    belonging = select(GrantRow.thing_id).where(*of_projects)
    return union_all(*(found.where(_reaches(GrantRow.level, needs)) for found in (direct, belonging)))


def _reaches(level: Any, needs: str) -> ColumnElement[bool]:
    # Not IN: SQLAlchemy writes such a list into the statement anew each time, which takes as long as to ask.
    return or_(false(), *(level == one for one in policy.granting(needs)))


def in_project(project_id: int, kind: str) -> Select[int]:
    """Select the ids of the models or datasets that belong to a project."""
    return select(GrantRow.thing_id).where(GrantRow.thing_kind == kind, GrantRow.project_id == project_id)


# As a list that was read before: with a selection PostgreSQL reads every run and looks whether its model is among them.
OF_MODELS: BindParameter[Any] = bindparam("models", expanding=True)


def models_in(session: Session, project_id: int | None) -> dict[str, list[int]]:
    """Return what a statement with `OF_MODELS` is carried out with: the models of a project, at most the newest `MOST_MODELS`."""
    if project_id is None:
        return {}
    newest = in_project(project_id, MODEL).order_by(GrantRow.thing_id.desc()).limit(MOST_MODELS)
    return {"models": list(session.scalars(newest))}


def _levels() -> CompoundSelect[Any]:
    """Select the pairs of levels by which the person `person` reaches the thing `thing` of the kind `kind`; the lower counts."""
    thing = and_(GrantRow.thing_kind == bindparam("kind"), GrantRow.thing_id == bindparam("thing"))
    direct = select(GrantRow.level, GrantRow.level).where(thing, GrantRow.person_id == bindparam("person"))
    as_member = (
        select(GrantRow.level, _Member.level)
        .join(_Member, _Member.thing_id == GrantRow.project_id)
        .where(thing, _Member.thing_kind == PROJECT, _Member.person_id == bindparam("person"))
    )
    as_owner = (
        select(GrantRow.level, GrantRow.level)
        .join(ProjectRow, ProjectRow.id == GrantRow.project_id)
        .where(thing, ProjectRow.owner_id == bindparam("person"))
    )
    return union_all(direct, as_member, as_owner)


_LEVELS = _levels()  # put together once, because that takes as long as to ask


def level_of(session: Session, person_id: int, kind: str, thing_id: int) -> str | None:
    """Return the level that a person was given on a thing, by whichever way it is the highest; None: by none."""
    found = session.execute(_LEVELS, {"kind": kind, "thing": thing_id, "person": person_id}).all()
    return highest(policy.lower(allowed, member) for allowed, member in found)


def highest(levels: Iterable[str | None]) -> str | None:
    """Return the highest of some levels that can be granted, or None when there is none."""
    known = [one for one in levels if one in policy.GRANTABLE]
    return max(known, key=policy.LEVELS.index) if known else None
