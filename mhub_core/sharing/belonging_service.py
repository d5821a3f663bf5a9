"""What belongs to projects: models and datasets that are put into them and taken out, and people's choice for what is new.

A thing stays its owner's. That it belongs to a project is a grant to that project, with the level up to which its members reach.
"""

from __future__ import annotations

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from db.engine import num_changed, reading, writing
from db.tables.accounts import UserRow
from db.tables.projects import NewThingsRow, ProjectRow
from db.tables.sharing import GrantRow
from mhub_core.errors import Forbidden, Invalid, NotFound
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing
from mhub_core.sharing.policy import Person
from mhub_core.sharing.reach_service import PROJECT, on
from mhub_core.sharing.records import Belonging


def put(user: Person | None, kind: str, thing_id: int, project_id: int, level: str = policy.READ) -> None:
    """Let a model or dataset belong to a project, whose members then reach it up to this level, and no further than they may go
    in the project. What belongs to it already gets this level instead.

    Raises Invalid for an unknown level and for a project in a project, NotFound, SignInRequired or Forbidden unless the user
    manages the thing and may edit the project.
    """
    person = policy.require_signed_in(user)
    _require_sharable(kind, level)
    with writing() as session:
        sharing.require_row(session, person, policy.EDIT, PROJECT, project_id, hold=True)
        sharing.require_row(session, person, policy.MANAGE, kind, thing_id, hold=True)
        row = session.scalar(select(GrantRow).where(*on(kind, thing_id), GrantRow.project_id == project_id))
        row = row or GrantRow(thing_kind=kind, thing_id=thing_id, project_id=project_id)
        row.level = level
        session.add(row)


def _require_sharable(kind: str, level: str) -> None:
    if kind == PROJECT:
        raise Invalid("A project cannot belong to a project.", "A model or a dataset.", "Choose one of these.")
    sharing.require_kind(kind)
    policy.require_grantable(level)


def take_out(user: Person | None, kind: str, thing_id: int, project_id: int) -> None:
    """Let a model or dataset no longer belong to a project: who manages either of them may.

    Raises NotFound when it does not belong to it, and SignInRequired or Forbidden.
    """
    person = policy.require_signed_in(user)
    _require_sharable(kind, policy.READ)
    with writing() as session:
        try:
            sharing.require_row(session, person, policy.MANAGE, PROJECT, project_id, hold=True)
        except (NotFound, Forbidden):
            sharing.require_row(session, person, policy.MANAGE, kind, thing_id, hold=True)
        if not num_changed(session, delete(GrantRow).where(*on(kind, thing_id), GrantRow.project_id == project_id)):
            raise NotFound(f"This {kind} does not belong to the project.", mend="Reload the page.")


def list_projects_of(user: Person | None, kind: str, thing_id: int) -> list[Belonging]:
    """Return the projects that a thing belongs to, by name, for who manages it. One that they may not see has no name."""
    seen = sharing.allowed(user, policy.READ, ProjectRow)
    query = select(ProjectRow.id, ProjectRow.name, UserRow.name, GrantRow.level, seen)
    query = query.join(ProjectRow, ProjectRow.id == GrantRow.project_id).join(UserRow, UserRow.id == ProjectRow.owner_id)
    _require_sharable(kind, policy.READ)
    with reading() as session:
        sharing.require_row(session, user, policy.MANAGE, kind, thing_id)
        rows = session.execute(query.where(*on(kind, thing_id)).order_by(ProjectRow.name, ProjectRow.id)).all()
        return [Belonging(PROJECT, one, name if may_see else "", owner, level) for one, name, owner, level, may_see in rows]


def list_things(viewer: Person | None, project_id: int) -> list[Belonging]:
    """Return the models and datasets of a project that the viewer may see, by name. Raises NotFound."""
    found = []
    with reading() as session:
        sharing.require_row(session, viewer, policy.READ, PROJECT, project_id)
        for kind, row in sharing.THINGS.items():
            query = select(row.id, row.name, UserRow.name, GrantRow.level).select_from(GrantRow)
            query = query.join(row, row.id == GrantRow.thing_id).outerjoin(UserRow, UserRow.id == row.owner_id)
            query = query.where(GrantRow.project_id == project_id, GrantRow.thing_kind == kind)
            query = query.where(sharing.allowed(viewer, policy.READ, row)).order_by(row.name, row.id).limit(sharing.MOST_LISTED)
            found += [Belonging(kind, one, name, owner or "", level) for one, name, owner, level in session.execute(query)]
    return found


def choose_for_new(user: Person | None, project_id: int, wanted: bool) -> None:
    """Say whether what a member makes from now on belongs to a project, where its members can read it. Raises as `put` does."""
    person = policy.require_signed_in(user)
    with writing() as session:
        sharing.require_row(session, person, policy.EDIT if wanted else policy.READ, PROJECT, project_id, hold=True)
        note_choice(session, person.id, project_id, wanted)


def note_choice(session: Session, person_id: int, project_id: int, wanted: bool) -> None:
    """Write a member's choice within a transaction that holds the project."""
    mine = NewThingsRow.project_id == project_id, NewThingsRow.person_id == person_id
    session.execute(delete(NewThingsRow).where(*mine))
    if wanted:
        session.add(NewThingsRow(project_id=project_id, person_id=person_id))


def chooses_new(user: Person | None, project_id: int) -> bool:
    """Tell whether what the user makes from now on belongs to a project."""
    with reading() as session:
        return user is not None and session.get(NewThingsRow, (user.id, project_id)) is not None


def begin(session: Session, person_id: int, kind: str, thing_id: int) -> None:
    """Let a thing belong to the projects that its owner chose for what is new, within the transaction that made it."""
    is_member = exists().where(
        GrantRow.thing_kind == PROJECT,
        GrantRow.thing_id == ProjectRow.id,
        GrantRow.person_id == person_id,
        or_(*(GrantRow.level == one for one in policy.granting(policy.EDIT))),
    )
    query = select(ProjectRow.id).join(NewThingsRow, NewThingsRow.project_id == ProjectRow.id)
    query = query.where(NewThingsRow.person_id == person_id, or_(ProjectRow.owner_id == person_id, is_member))
    # Held, so that none of them is deleted before the grant refers to it.
    for project_id in session.scalars(query.with_for_update(read=True, of=ProjectRow)):
        session.add(GrantRow(thing_kind=kind, thing_id=thing_id, project_id=project_id, level=policy.READ))
