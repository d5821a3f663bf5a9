"""How a person leaves: what is theirs is handed over, stays without their name, or is deleted, and then the account is.

Three rules decide about each model, dataset and project, in this order. What others have a grant on goes to the one who may do
most with it; what is public stays, as that of `LEFT`; all else is deleted with its runs. The first two can be declined. A dataset
that runs of others learned from stays in any case: their results hang on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import and_, case, delete, exists, false, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.engine import database_now, reading, writing
from db.tables.accounts import UserRow
from db.tables.datasets import DatasetRow, DatasetVersionRow
from db.tables.models import BlockRow, ModelRow
from db.tables.projects import ProjectRow
from db.tables.runs import LineScoreRow, RunRow
from db.tables.sharing import GrantRow
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import User
from mhub_core.errors import Conflict, Invalid
from mhub_core.people.records import HandedOver, Leaving
from mhub_core.runs import line_service
from mhub_core.runs import service as runs
from mhub_core.runs.records import HELD, QUEUED, STOPPED, STOPPING
from mhub_core.sharing import owner_service, policy
from mhub_core.sharing import service as sharing
from mhub_core.storage import artifact_service as artifacts

WORD = "DELETE"  # what has to be typed
LEFT = "A person who left"  # the name under which things stay; nobody can sign in as it
_LEFT_EMAIL = "left"  # no address, so that nobody has it or can ask for its password
_ROWS: dict[str, Any] = {sharing.MODEL: ModelRow, sharing.DATASET: DatasetRow, sharing.PROJECT: ProjectRow}
# Tables with a key to people that the database does not look after (`ondelete`), and that `leave` does.
HANDLED = ("models", "datasets", "runs", "blocks")


def preview(user: User | None) -> Leaving:
    """Return what would become of everything that is a person's. Raises SignInRequired."""
    person = policy.require_signed_in(user)
    with reading() as session:
        given = [
            HandedOver(kind, row.id, row.name, session.get_one(UserRow, heir).name)
            for kind in _ROWS
            for row in _owned(session, person.id, kind)
            if (heir := _heir(session, person.id, kind, row.id)) is not None
        ]
        shared = {(one.kind, one.id) for one in given}
        owned = [(kind, row) for kind in _ROWS for row in _owned(session, person.id, kind)]
        public = sum(row.visibility == policy.PUBLIC and (kind, row.id) not in shared for kind, row in owned)
        num_runs = session.scalar(select(func.count()).select_from(RunRow).where(RunRow.owner_id == person.id)) or 0
        num = {kind: sum(one == kind for one, _ in owned) for kind in _ROWS}
    return Leaving(num[sharing.MODEL], num[sharing.DATASET], num[sharing.PROJECT], num_runs, tuple(given), public)


def leave(
    user: User | None,
    password: str,
    word: str,
    address: str,
    device_cookie: str = "",
    hands_over: bool = True,
    keeps_public: bool = True,
) -> None:
    """Delete the account of the person who asks, with all that is theirs and does not stay. Runs that go on are stopped first.

    `hands_over`, `keeps_public`: whether what is shared goes to others, and what is public stays.

    Raises SignInRequired; Invalid for another word or a wrong password; Throttled; Conflict for the only administrator.
    """
    person = policy.require_signed_in(user)
    _require_meant(person, password, word, address, device_cookie)
    with _at_once() as session:
        is_last = _require_no_orphans(session, person)
        line_service.hold_active(session, person.id)  # before models and runs, as workers do
        owned = [(kind, row) for kind in _ROWS for row in _owned(session, person.id, kind, hold=True)]
        _stop(session, person.id)
        for kind, row in owned:
            heir = _heir(session, person.id, kind, row.id) if hands_over else None
            if heir is None and keeps_public and row.visibility == policy.PUBLIC and not is_last:
                heir = _left(session)
            if heir is not None:
                _hand_over(session, kind, row.id, person.id, heir)
        # Where nobody is left, nobody could look after what others left: the hub is as new.
        _delete_rest(session, [person.id, _left(session)] if is_last else [person.id])
        artifacts.let_go_of_person(session, person.id)
        gone = UserRow.email == _LEFT_EMAIL if is_last else false()
        session.execute(delete(UserRow).where(or_(UserRow.id == person.id, gone)))


@contextmanager
def _at_once() -> Iterator[Session]:
    """Open a write transaction. Raises Conflict when something of the person's was made meanwhile, in another tab."""
    try:
        with writing() as session:
            yield session
    except IntegrityError as error:
        told = "Something new of yours was made at the same moment, so the account was not deleted."
        raise Conflict(told, mend="Try again.") from error


def _require_meant(person: User, password: str, word: str, address: str, device_cookie: str) -> None:
    problems = {} if word.strip() == WORD else {"word": f"must be {WORD}"}
    with reading() as session:
        has_password = session.scalar(select(UserRow.password_hash).where(UserRow.id == person.id)) is not None
    if has_password and not problems:
        try:
            accounts.sign_in(person.email, password, address, device_cookie)
        except Invalid:
            problems["password"] = "is not your password"
    if problems:
        raise Invalid("The account was not deleted.", mend="Correct the marked fields.", problems=problems)


def _require_no_orphans(session: Session, person: User) -> bool:
    """Raise Conflict when others would be left without an administrator. Returns whether nobody is left at all."""
    is_in_charge = and_(UserRow.is_admin, ~UserRow.disabled)
    # The person among them, so that they begin no run meanwhile; in one order, so that no two who leave wait for each other.
    held = select(UserRow.id, is_in_charge).where(or_(is_in_charge, UserRow.id == person.id)).order_by(UserRow.id)
    admins = {one for one, is_one in session.execute(held.with_for_update(key_share=True)) if is_one}
    others = select(UserRow.id).where(UserRow.id != person.id, UserRow.email != _LEFT_EMAIL)
    has_others = session.scalar(others.limit(1)) is not None
    if has_others and admins == {person.id}:
        raise Conflict(
            "You are the only administrator of this hub.",
            "As long as others have an account, one of them must be an administrator.",
            "Make another person administrator first.",
        )
    return not has_others


def _stop(session: Session, person_id: int) -> None:
    """Stop the runs of a person. Those that are deleted in a moment their workers let go of, whatever they are doing."""
    mine = update(RunRow).where(RunRow.owner_id == person_id)
    waiting = mine.where(RunRow.state == QUEUED).values(state=STOPPED, finished=database_now(session))
    for run_id in list(session.scalars(waiting.returning(RunRow.id))):
        line_service.arrange(session, run_id=run_id)
    session.execute(mine.where(RunRow.state.in_(HELD)).values(state=STOPPING, stop_requested=True))


def _owned(session: Session, person_id: int, kind: str, hold: bool = False) -> list[Any]:
    row = _ROWS[kind]
    query = select(row.id, row.name, row.visibility).where(row.owner_id == person_id).order_by(row.id)
    return list(session.execute(query.with_for_update() if hold else query))


def _heir(session: Session, person_id: int, kind: str, thing_id: int) -> int | None:
    """Return who may do most with a thing besides its owner, the longest there first."""
    strength = case({level: number for number, level in enumerate(policy.GRANTABLE)}, value=GrantRow.level)
    query = select(GrantRow.person_id).where(GrantRow.thing_kind == kind, GrantRow.thing_id == thing_id)
    query = query.where(GrantRow.person_id.is_not(None), GrantRow.person_id != person_id)
    return session.scalar(query.order_by(strength.desc(), GrantRow.id).limit(1))


def _left(session: Session) -> int:
    """Return the id of the account of nobody, which is made when it is needed first."""
    found = session.scalar(select(UserRow.id).where(UserRow.email == _LEFT_EMAIL))
    if found is None:
        row = UserRow(email=_LEFT_EMAIL, name=LEFT, disabled=True)
        session.add(row)
        session.flush()
        found = row.id
    return found


def _hand_over(session: Session, kind: str, thing_id: int, person_id: int, heir: int) -> None:
    """Give a thing to somebody, and with a model the person's runs of it, which are its history."""
    owner_service.give(session, kind, thing_id, heir)
    if kind == sharing.MODEL:
        for table in (RunRow, LineScoreRow):
            theirs = update(table).where(table.model_id == thing_id, table.owner_id == person_id)
            session.execute(theirs.values(owner_id=heir))


def _delete_rest(session: Session, person_ids: list[int]) -> None:
    """Delete what is still theirs: models with all their runs, runs of other people's models, datasets, blocks."""
    for model_id in _ids(session, ModelRow, person_ids):
        artifacts.let_go_of_model(session, model_id)
        sharing.forget(session, sharing.RUN, select(RunRow.id).where(RunRow.model_id == model_id))
        session.execute(delete(ModelRow).where(ModelRow.id == model_id))
        sharing.forget(session, sharing.MODEL, model_id)
    for run_id in _ids(session, RunRow, person_ids):
        runs.remove(session, run_id)
    session.flush()
    for person_id in person_ids:
        for dataset_id in _ids(session, DatasetRow, [person_id]):
            _delete_dataset(session, dataset_id, person_id)
    for project_id in _ids(session, ProjectRow, person_ids):
        session.execute(delete(ProjectRow).where(ProjectRow.id == project_id))
        sharing.forget(session, sharing.PROJECT, project_id)
    session.execute(delete(BlockRow).where(BlockRow.owner_id.in_(person_ids)))


def _delete_dataset(session: Session, dataset_id: int, person_id: int) -> None:
    if session.scalar(select(exists().where(RunRow.dataset_id == dataset_id))):
        heir = _heir(session, person_id, sharing.DATASET, dataset_id) or _left(session)
        _hand_over(session, sharing.DATASET, dataset_id, person_id, heir)
        return
    artifacts.let_go_of_dataset(session, dataset_id)
    session.execute(delete(DatasetVersionRow).where(DatasetVersionRow.dataset_id == dataset_id))
    session.execute(delete(DatasetRow).where(DatasetRow.id == dataset_id))
    sharing.forget(session, sharing.DATASET, dataset_id)


def _ids(session: Session, row: Any, person_ids: list[int]) -> list[int]:
    return list(session.scalars(select(row.id).where(row.owner_id.in_(person_ids)).order_by(row.id)))
