"""The verbs of projects: make, find, change, remove. Joining by a code is in `join_service`, inviting in `invite_service`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Select, Subquery, func, or_, select
from sqlalchemy import delete as delete_rows
from sqlalchemy.orm import Session

from db.base import now
from db.engine import reading, writing
from db.tables.accounts import UserRow
from db.tables.projects import ProjectRow
from db.tables.sharing import GrantRow
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import User
from mhub_core.projects.records import Project, ProjectCard
from mhub_core.sharing import list_service as lists
from mhub_core.sharing import policy, texts
from mhub_core.sharing import service as sharing
from mhub_core.sharing.reach_service import on
from mhub_core.sharing.records import Grant
from mhub_core.sharing.service import MODEL, PROJECT

MAX_NAME, MAX_DESCRIPTION = 120, 20_000


def create(user: User | None, name: str, description: str = "", visibility: str = policy.PRIVATE) -> int:
    """Make a project, which belongs to the user. Returns its id. Raises Invalid with one problem per field."""
    person = policy.require_signed_in(user)
    fields = _check(name, description, visibility)
    with writing() as session:
        row = ProjectRow(owner_id=person.id, **fields)
        session.add(row)
        session.flush()
        return row.id


def _check(name: str, description: str, visibility: str) -> dict[str, str]:
    return texts.about("The project was not saved.", name, description, visibility, MAX_NAME, MAX_DESCRIPTION)


def update(user: User | None, project_id: int, name: str, description: str, visibility: str) -> None:
    """Change what people read of a project and who may see that. Raises Invalid with one problem per field."""
    person = policy.require_signed_in(user)
    fields = _check(name, description, visibility)
    with writing() as session:
        row = sharing.require_row(session, person, policy.MANAGE, PROJECT, project_id, hold=True)
        for field, value in fields.items():
            setattr(row, field, value)
        row.updated = now()


def delete(user: User | None, project_id: int) -> None:
    """Remove a project: only its owner may. Its models, datasets and runs stay with their owners, and no longer belong to it."""
    with writing() as session:
        sharing.require_row(session, user, policy.OWN, PROJECT, project_id, hold=True)
        session.execute(delete_rows(ProjectRow).where(ProjectRow.id == project_id))
        sharing.forget(session, PROJECT, project_id)


def list_projects(
    viewer: User | None, search: str = "", mine: bool = False, shared: bool = False, limit: int = 50, offset: int = 0
) -> list[ProjectCard]:
    """Return the projects that the viewer may see, last changed first. `mine`: only their own; `shared`: those they are in."""
    with reading() as session:
        return [ProjectCard(*row) for row in session.execute(_list_of(viewer, search, mine, shared, limit, offset))]


@lru_cache(maxsize=128)  # to put the statement together takes longer than to run it
def _list_of(viewer: User | None, search: str, mine: bool, shared: bool, limit: int, offset: int) -> Select[Any]:
    searched = (ProjectRow.name, ProjectRow.description)
    conditions = [or_(*(text.icontains(word, autoescape=True) for text in searched)) for word in texts.search_words(search)]
    reasons = lists.reasons(viewer, ProjectRow, mine=mine, shared=shared)
    return _cards(viewer, lists.newest(ProjectRow, (ProjectRow.updated, ProjectRow.id), reasons, conditions, limit, offset))


def _cards(viewer: User | None, page: Subquery) -> Select[Any]:
    """Select the cards of one page of projects. Members and things are counted, each time out of an index."""
    columns = (ProjectRow.id, ProjectRow.name, ProjectRow.description, ProjectRow.owner_id, UserRow.name, ProjectRow.visibility)
    query = select(*columns, *_counts(viewer, ProjectRow.id)).select_from(page).join(ProjectRow, ProjectRow.id == page.c.id)
    query = query.join(UserRow, UserRow.id == ProjectRow.owner_id)
    return query.order_by(ProjectRow.updated.desc(), ProjectRow.id.desc())


def _counts(viewer: User | None, project_id: Any) -> tuple[Any, ...]:
    """Select how many members a project has, its owner among them, and how many models and datasets that the viewer may see."""
    members = select(func.count() + 1).where(GrantRow.thing_kind == PROJECT, GrantRow.thing_id == project_id)
    belonging = select(func.count()).select_from(GrantRow).where(GrantRow.project_id == project_id)
    things = [
        belonging.join(row, row.id == GrantRow.thing_id).where(
            GrantRow.thing_kind == kind, sharing.allowed(viewer, policy.READ, row)
        )
        for kind, row in sharing.THINGS.items()
    ]
    return tuple(counted.scalar_subquery() for counted in (members, *things))


def list_joined(user: User | None, needs: str = policy.READ, model_id: int | None = None) -> list[tuple[int, str]]:
    """Return id and name of the projects that a person is in, by name; a visitor is in none.

    `needs`: only those in which they have this level, such as "edit", with which they may put things in. `model_id`: only those
    that this model belongs to.
    """
    if user is None:
        return []
    granted = sharing.granted_ids(user.id, needs, PROJECT)
    query = select(ProjectRow.id, ProjectRow.name).where(or_(ProjectRow.owner_id == user.id, ProjectRow.id.in_(granted)))
    if model_id is not None:
        query = query.where(ProjectRow.id.in_(select(GrantRow.project_id).where(*on(MODEL, model_id))))
    with reading() as session:
        rows = session.execute(query.order_by(ProjectRow.name, ProjectRow.id).limit(sharing.MOST_LISTED))
        return [(project_id, name) for project_id, name in rows]


def require_name(viewer: User | None, project_id: int) -> str:
    """Return what a project is called. Raises NotFound when it does not exist or is private."""
    with reading() as session:
        name: str = sharing.require_row(session, viewer, policy.READ, PROJECT, project_id).name
        return name


def require_project(viewer: User | None, project_id: int) -> Project:
    """Return a project. Raises NotFound when it does not exist or is private. Only its members are told who else is one."""
    with reading() as session:
        row = sharing.require_row(session, viewer, policy.READ, PROJECT, project_id)
        level = sharing.level(session, viewer, sharing.thing_of(row))
        owner_name = accounts.name_of(session, row.owner_id) or ""
        members = _members(session, row, owner_name)
        is_member = viewer is not None and (
            row.owner_id == viewer.id or sharing.level_granted(session, viewer, PROJECT, project_id) is not None
        )
        num_members, num_models, num_datasets = session.execute(select(*_counts(viewer, project_id))).one()
        return Project(
            id=row.id,
            owner_id=row.owner_id,
            owner_name=owner_name,
            name=row.name,
            description=row.description,
            visibility=row.visibility,
            created=row.created,
            level=level or policy.READ,
            is_member=is_member,
            members=members if is_member or (viewer is not None and viewer.is_admin) else (),
            num_members=num_members,
            num_models=num_models,
            num_datasets=num_datasets,
            may_edit=policy.reaches(level, policy.EDIT),
            may_manage=policy.reaches(level, policy.MANAGE),
            may_delete=policy.reaches(level, policy.OWN),
        )


def _members(session: Session, row: ProjectRow, owner_name: str) -> tuple[Grant, ...]:
    owner = Grant(row.owner_id, owner_name, policy.OWN, row.created)
    return (owner, *sharing.grants_on(session, PROJECT, row.id))
