"""The policy with the grants that lie in the database, and the verbs that give and take them.

`level`, `require` and the SQL of `allowed` and `allowed_run` are what the verbs of other rooms ask, within their transaction.
The SQL looks the grants up when it is run, so a statement may be kept and used again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, Subquery, and_, bindparam, delete, false, not_, or_, select, union
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.engine import reading, writing
from db.tables.accounts import UserRow
from db.tables.datasets import DatasetRow
from db.tables.models import ModelRow
from db.tables.runs import RunRow
from db.tables.sharing import GrantRow
from mhub_core.errors import Invalid, NotFound
from mhub_core.sharing import policy
from mhub_core.sharing.policy import Person, Thing
from mhub_core.sharing.records import Grant

MODEL, DATASET, RUN = "model", "dataset", "run"
_ROWS: dict[str, Any] = {MODEL: ModelRow, DATASET: DatasetRow}  # what can be granted
_KINDS = {row: kind for kind, row in _ROWS.items()}

# Asking


def thing_of(row: ModelRow | DatasetRow) -> Thing:
    """Return what the policy needs to know of a row."""
    return Thing(_KINDS[type(row)], row.id, row.owner_id, row.visibility)


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
        known[key] = session.scalar(_LEVEL, dict(zip(("kind", "thing", "person"), key, strict=True)))
    found: str | None = known[key]
    return found


# Put together once, because that takes as long as to ask.
_LEVEL = select(GrantRow.level).where(
    GrantRow.thing_kind == bindparam("kind"), GrantRow.thing_id == bindparam("thing"), GrantRow.person_id == bindparam("person")
)


def _on(kind: str, thing_id: int) -> tuple[ColumnElement[bool], ...]:
    return GrantRow.thing_kind == kind, GrantRow.thing_id == thing_id


def allowed(viewer: Person | None, needs: str, row: Any) -> ColumnElement[bool]:
    """Return as SQL which rows of `ModelRow` or `DatasetRow` the viewer may use at a level."""
    return policy.allowed(viewer, needs, row, _granted_ids(viewer, needs, _KINDS[row]))


def private_ids(viewer: Person, row: Any) -> CompoundSelect[int]:
    """Select the ids of models or datasets that the viewer may see and a visitor may not."""
    reasons = policy.personal_reasons(viewer, row, _granted_ids(viewer, policy.READ, _KINDS[row]))
    return union(*(select(row.id).where(reason, ~allowed(None, policy.READ, row)) for reason in reasons))


def newest_allowed(
    viewer: Person | None,
    row: Any,
    by: tuple[Any, ...],
    conditions: list[ColumnElement[bool]],
    mine: bool,
    limit: int,
    offset: int,
) -> Subquery:
    """Select the ids of one page of what the viewer may see, or of their own, the greatest first by `by`, which ends with the id.

    Each reason to see something gives its first rows out of an index that begins with that reason and ends with `by`; only
    these are put together. For reasons joined by OR, or for a join, the database would read every row of a large table.
    """
    reasons = policy.reasons(viewer, policy.READ, row, _granted_ids(viewer, policy.READ, _KINDS[row]))
    if mine:
        reasons = (row.owner_id == viewer.id if viewer else false(),)
    rows = select(*by).where(*conditions).order_by(*(column.desc() for column in by))
    if len(reasons) == 1:
        return rows.where(reasons[0]).limit(limit).offset(offset).subquery()
    parts = [rows.where(reason).limit(offset + limit).subquery() for reason in reasons]
    found = union(*(select(part) for part in parts)).subquery()
    return select(found.c.id).order_by(*(found.c[column.key].desc() for column in by)).limit(limit).offset(offset).subquery()


def _granted_ids(viewer: Person | None, needs: str, kind: str) -> Select[int]:
    person_id = viewer.id if viewer else None
    of_kind = select(GrantRow.thing_id).where(GrantRow.thing_kind == kind, GrantRow.person_id == person_id)
    # Not IN: SQLAlchemy writes such a list into the statement anew each time, which takes as long as to ask.
    return of_kind.where(or_(false(), *(GrantRow.level == one for one in policy.granting(needs))))


def allowed_run(viewer: Person | None, needs: str) -> ColumnElement[bool]:
    """Return as SQL which runs the viewer may use at a level, out of the row of the run alone.

    A run has no visibility of its own: its owner owns it, and whoever may see both its model and its dataset may see it.
    """
    own = policy.owned(viewer, RunRow)
    if needs != policy.READ:
        return own
    model = _seen(viewer, ModelRow, RunRow.model_id, RunRow.model_visibility)
    return or_(own, and_(model, _seen(viewer, DatasetRow, RunRow.dataset_id, RunRow.dataset_visibility)))


def _seen(viewer: Person | None, row: Any, thing_id: Any, visibility: Any) -> ColumnElement[bool]:
    """Return as SQL whether the viewer may see the model or dataset of a run.

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
    """Let a person read, edit or manage a model or a dataset; who has a grant already gets this level instead.

    Raises Invalid for an unknown level, for oneself and for the owner, NotFound for a thing or a person that is gone, and
    SignInRequired or Forbidden when the user does not manage the thing.
    """
    person = policy.require_signed_in(user)
    if level not in policy.GRANTABLE:
        raise Invalid(f"“{level}” cannot be granted.", f"One of {', '.join(policy.GRANTABLE)}.", "Choose one of these.")
    try:
        with writing() as session:
            thing = _require_managed(session, person, kind, thing_id)
            _require_another(session, person, thing, person_id)
            row = session.scalar(select(GrantRow).where(*_on(kind, thing_id), GrantRow.person_id == person_id))
            row = row or GrantRow(thing_kind=kind, thing_id=thing_id, person_id=person_id)
            row.level = level
            session.add(row)
    except IntegrityError as error:  # the account was deleted in this very moment
        raise _nobody() from error


def _require_managed(session: Session, user: Person | None, kind: str, thing_id: int, hold: bool = True) -> Thing:
    """Return a thing that the user manages. `hold` keeps it from being deleted meanwhile, which would leave a grant behind."""
    if kind not in _ROWS:
        raise Invalid(f"A {kind} cannot be shared on its own.", f"A {' or a '.join(_ROWS)}.", "Share one of these.")
    row = session.get(_ROWS[kind], thing_id, with_for_update=hold)
    if row is None:
        raise policy.hidden(kind)
    require(session, user, policy.MANAGE, thing_of(row))
    return thing_of(row)


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
    """Take a grant back; anybody may give up their own. Raises NotFound when the person has none, and as `grant` does."""
    person = policy.require_signed_in(user)
    with writing() as session:
        if person.id != person_id:
            _require_managed(session, user, kind, thing_id)
        taken = delete(GrantRow).where(*_on(kind, thing_id), GrantRow.person_id == person_id).returning(GrantRow.id)
        if session.scalar(taken) is None:
            raise NotFound(f"This person has no permission on this {kind}.", mend="Reload the page.")


def list_grants(user: Person | None, kind: str, thing_id: int) -> list[Grant]:
    """Return who was granted what on a thing, by name. Raises as `revoke` does."""
    columns = (UserRow.id, UserRow.name, GrantRow.level, GrantRow.created)
    query = select(*columns).join(UserRow, UserRow.id == GrantRow.person_id).where(*_on(kind, thing_id))
    with reading() as session:
        _require_managed(session, user, kind, thing_id, hold=False)
        return [Grant(*row) for row in session.execute(query.order_by(UserRow.name, UserRow.id))]


def forget(session: Session, kind: str, thing_id: int) -> None:
    """Remove all grants on a thing that has just been deleted: SQLite may give its id to the next one."""
    session.execute(delete(GrantRow).where(*_on(kind, thing_id)))
