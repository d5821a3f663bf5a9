"""The policy with the grants that lie in the database, and the verbs that give and take those of persons.

`level`, `require` and the SQL of `allowed` and `allowed_run` are what the verbs of other rooms ask, within their transaction.
The SQL looks the grants up when it is run, so a statement may be kept and used again. What belongs to projects is written in
`belonging_service`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, delete, not_, or_, select, union
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.engine import reading, writing
from db.tables.accounts import UserRow
from db.tables.comments import CommentRow
from db.tables.datasets import DatasetRow
from db.tables.models import ModelRow
from db.tables.projects import NewThingsRow, ProjectRow
from db.tables.runs import RunRow
from db.tables.sharing import GrantRow
from mhub_core.errors import Invalid, NotFound
from mhub_core.sharing import policy
from mhub_core.sharing.policy import Person, Thing
from mhub_core.sharing.reach_service import (
    DATASET,
    MODEL,
    OF_MODELS,
    PROJECT,
    RUN,
    granted_ids,
    in_project,
    level_of,
    models_in,
    on,
)
from mhub_core.sharing.records import Grant

__all__ = ["DATASET", "MODEL", "PROJECT", "RUN", "OF_MODELS", "granted_ids"]  # what is asked for under this name
THINGS: dict[str, Any] = {MODEL: ModelRow, DATASET: DatasetRow}  # what can belong to a project
_ROWS: dict[str, Any] = {**THINGS, PROJECT: ProjectRow}  # what can be granted
KINDS = {row: kind for kind, row in _ROWS.items()}
MOST_LISTED = 1_000  # grants on one thing

# Asking


def thing_of(row: ModelRow | DatasetRow | ProjectRow) -> Thing:
    """Return what the policy needs to know of a row."""
    return Thing(KINDS[type(row)], row.id, row.owner_id, row.visibility)


def level(session: Session, viewer: Person | None, thing: Thing) -> str | None:
    """Return how far the viewer may go with a thing, or None when it is not theirs to see."""
    return policy.level(viewer, thing, _granted(session, viewer, thing))


def require(session: Session, viewer: Person | None, needs: str, thing: Thing) -> None:
    """Let the viewer through to a thing. Raises NotFound, SignInRequired and Forbidden as `policy.demand` does."""
    policy.require(viewer, needs, thing, _granted(session, viewer, thing))


def _granted(session: Session, viewer: Person | None, thing: Thing) -> str | None:
    if viewer is None or policy.level(viewer, thing) == policy.OWN:
        return None
    known = session.info.setdefault("grants", {})  # a page asks for the same several times, within one transaction
    if (key := (thing.kind, thing.id, viewer.id)) not in known:
        known[key] = level_of(session, viewer.id, thing.kind, thing.id)
    found: str | None = known[key]
    return found


def require_row(session: Session, viewer: Person | None, needs: str, kind: str, thing_id: int, hold: bool = False) -> Any:
    """Return the row of a model, a dataset or a project that the viewer may use at a level. Raises as `policy.demand` does.

    `hold` keeps it from being changed and deleted until the transaction ends, which would leave a grant behind.
    """
    row = session.get(_ROWS[kind], thing_id, with_for_update=hold)
    if row is None:
        raise policy.hidden(kind)
    require(session, viewer, needs, thing_of(row))
    return row


def require_project(session: Session, viewer: Person | None, project_id: int | None) -> dict[str, list[int]]:
    """Return what statements with `OF_MODELS` are carried out with where a list is narrowed to a project; None: it is not.

    Raises NotFound when the viewer may not see the project.
    """
    if project_id is not None:
        require_row(session, viewer, policy.READ, PROJECT, project_id)
    return models_in(session, project_id)


def allowed(viewer: Person | None, needs: str, row: Any) -> ColumnElement[bool]:
    """Return as SQL which rows of `ModelRow`, `DatasetRow` or `ProjectRow` the viewer may use at a level."""
    return policy.allowed(viewer, needs, row, granted_to(viewer, needs, row))


def private_ids(viewer: Person, row: Any) -> CompoundSelect[int]:
    """Select the ids of models or datasets that the viewer may see and a visitor may not."""
    reasons = policy.personal_reasons(viewer, row, granted_to(viewer, policy.READ, row))
    return union(*(select(row.id).where(reason, ~allowed(None, policy.READ, row)) for reason in reasons))


def granted_to(viewer: Person | None, needs: str, row: Any) -> CompoundSelect[int]:
    """Select the ids of the rows of a table that the viewer reaches at a level by grants."""
    return granted_ids(viewer.id if viewer else None, needs, KINDS[row])


def allowed_run(viewer: Person | None, needs: str) -> ColumnElement[bool]:
    """Return as SQL which runs the viewer may use at a level, out of the row of the run alone.

    A run has no visibility of its own: its owner owns it, and whoever may see both its model and its dataset may see it.
    """
    own = policy.owned(viewer, RunRow)
    if needs != policy.READ:
        return own
    model = seen_by(viewer, ModelRow, RunRow.model_id, RunRow.model_visibility)
    return or_(own, and_(model, seen_by(viewer, DatasetRow, RunRow.dataset_id, RunRow.dataset_visibility)))


def seen_by(viewer: Person | None, row: Any, thing_id: Any, visibility: Any) -> ColumnElement[bool]:
    """Return as SQL whether the viewer may see the model or dataset of a run, out of the rows that know both.

    "Not unequal", because with "equal" SQLite looks each run up in the table instead of reading all that a list asks of it out of
    one index.
    """
    public = not_(visibility.op("<>")(policy.PUBLIC))
    return public if viewer is None else or_(public, thing_id.in_(private_ids(viewer, row)))


def private_runs(viewer: Person) -> CompoundSelect[int]:
    """Select the ids of the runs that the viewer may see and a visitor may not, each reason out of an index of its own."""
    models, data = (private_ids(viewer, row).subquery() for row in (ModelRow, DatasetRow))
    public_model, public_data = RunRow.model_visibility == policy.PUBLIC, RunRow.dataset_visibility == policy.PUBLIC
    own = select(RunRow.id).where(RunRow.owner_id == viewer.id, or_(~public_model, ~public_data))
    of_model = select(RunRow.id).join(models, models.c.id == RunRow.model_id)
    of_data = select(RunRow.id).join(data, data.c.id == RunRow.dataset_id)
    of_both = of_model.join(data, data.c.id == RunRow.dataset_id)
    return union(own, of_model.where(public_data), of_data.where(public_model), of_both)


# Giving and taking


def grant(user: Person | None, kind: str, thing_id: int, person_id: int, level: str) -> None:
    """Let a person read, edit or manage a model, a dataset or a project; who has a grant already gets this level instead.

    Raises Invalid for an unknown level, for oneself and for the owner, NotFound for a thing or a person that is gone, and
    SignInRequired or Forbidden when the user does not manage the thing.
    """
    with giving() as session:
        give(session, user, kind, thing_id, person_id, level)


@contextmanager
def giving() -> Iterator[Session]:
    """Open a transaction in which people are given something. Raises NotFound when one of them is deleted in this very moment."""
    try:
        with writing() as session:
            yield session
    except IntegrityError as error:
        raise _nobody() from error


def give(session: Session, user: Person | None, kind: str, thing_id: int, person_id: int, level: str) -> Any:
    """Do what `grant` does within a transaction. Returns the row of the thing."""
    person = policy.require_signed_in(user)
    policy.require_grantable(level)
    row = _require_managed(session, person, kind, thing_id)
    _require_another(session, person, thing_of(row), person_id)
    put(session, kind, thing_id, person_id, level)
    return row


def put(session: Session, kind: str, thing_id: int, person_id: int, level: str) -> None:
    """Write a grant within a transaction that holds the thing."""
    row = session.scalar(select(GrantRow).where(*on(kind, thing_id), GrantRow.person_id == person_id))
    row = row or GrantRow(thing_kind=kind, thing_id=thing_id, person_id=person_id)
    row.level = level
    session.add(row)


def _require_managed(session: Session, user: Person | None, kind: str, thing_id: int, hold: bool = True) -> Any:
    """Return the row of a thing that the user manages, and hold it: two who change its grants do so one after the other."""
    require_kind(kind)
    return require_row(session, user, policy.MANAGE, kind, thing_id, hold)


def require_kind(kind: str) -> None:
    """Raise Invalid for what cannot be shared on its own."""
    if kind not in _ROWS:
        raise Invalid(f"A {kind} cannot be shared on its own.", f"A {' or a '.join(_ROWS)}.", "Share one of these.")


def _require_another(session: Session, user: Person, thing: Thing, person_id: int) -> None:
    """Raise unless the person has an account and needs a grant."""
    name = session.scalar(select(UserRow.name).where(UserRow.id == person_id))
    if name is None:
        raise _nobody()
    if person_id == thing.owner_id:
        raise Invalid(
            f"This {thing.kind} already belongs to {name}.",
            "It can be shared only with people other than its owner.",
            "Choose another person.",
        )
    if person_id == user.id:
        raise Invalid(
            "You cannot grant permissions to yourself.",
            "Permissions can be granted only to other people.",
            "Choose another person.",
        )


def _nobody() -> NotFound:
    return NotFound("This person has no account here.", "The person needs an account on this hub.", "Choose another person.")


def revoke(user: Person | None, kind: str, thing_id: int, person_id: int) -> None:
    """Take a grant back; anybody may give up their own. Raises NotFound when the person has none, and as `grant` does.

    Whose membership of a project ends takes their own models and datasets along: these no longer belong to it.
    """
    person = policy.require_signed_in(user)
    require_kind(kind)
    with writing() as session:
        if person.id == person_id:
            _require_not_owned(session.get(_ROWS[kind], thing_id, with_for_update=True), kind, person)
        else:
            _require_managed(session, user, kind, thing_id)
        taken = delete(GrantRow).where(*on(kind, thing_id), GrantRow.person_id == person_id).returning(GrantRow.id)
        if session.scalar(taken) is None:
            raise NotFound(f"This person has no permission on this {kind}.", mend="Reload the page.")
        if kind == PROJECT:
            _take_along(session, thing_id, person_id)


def _require_not_owned(row: Any, kind: str, person: Person) -> None:
    if row is not None and row.owner_id == person.id:
        raise Invalid(
            f"You own this {kind}, so you cannot leave it.",
            f"Every {kind} has one owner, who can always manage it.",
            "Hand it over to another person first, or delete it.",
        )


def _take_along(session: Session, project_id: int, person_id: int) -> None:
    """Take the things of a person who is no longer a member out of a project."""
    for kind, row in THINGS.items():
        own = select(row.id).where(row.id.in_(in_project(project_id, kind)), row.owner_id == person_id)
        session.execute(
            delete(GrantRow).where(GrantRow.project_id == project_id, GrantRow.thing_kind == kind, GrantRow.thing_id.in_(own))
        )
    session.execute(delete(NewThingsRow).where(NewThingsRow.project_id == project_id, NewThingsRow.person_id == person_id))


def list_grants(user: Person | None, kind: str, thing_id: int) -> list[Grant]:
    """Return who was granted what on a thing, by name. Raises as `revoke` does."""
    with reading() as session:
        _require_managed(session, user, kind, thing_id, hold=False)
        return grants_on(session, kind, thing_id)


def grants_on(session: Session, kind: str, thing_id: int) -> list[Grant]:
    """Return the grants of persons on a thing, by name, within a transaction that has asked who wants to know."""
    columns = (UserRow.id, UserRow.name, GrantRow.level, GrantRow.created)
    query = select(*columns).join(UserRow, UserRow.id == GrantRow.person_id).where(*on(kind, thing_id))
    return [Grant(*row) for row in session.execute(query.order_by(UserRow.name, UserRow.id).limit(MOST_LISTED))]


def get_grant(user: Person | None, kind: str, thing_id: int) -> str | None:
    """Return the level that the user was given on a thing, and can give up; None for a visitor and for who has no grant."""
    with reading() as session:
        return level_granted(session, user, kind, thing_id)


def level_granted(session: Session, user: Person | None, kind: str, thing_id: int) -> str | None:
    """Return the same within a transaction."""
    query = select(GrantRow.level).where(*on(kind, thing_id), GrantRow.person_id == (user.id if user else None))
    return session.scalar(query)


def forget(session: Session, kind: str, thing_id: int | Select[int]) -> None:
    """Remove what hangs on a thing that is deleted, or on those of a query: grants and comments."""
    ids = thing_id if isinstance(thing_id, Select) else [thing_id]
    for row in (GrantRow, CommentRow):
        session.execute(delete(row).where(row.thing_kind == kind, row.thing_id.in_(ids)))
