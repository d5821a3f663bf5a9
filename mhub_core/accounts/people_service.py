"""What people are called; and everyone who has an account, for administrators, who may disable accounts and name others."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from db.engine import reading, writing
from db.tables.accounts import UserRow
from mhub_core.accounts import quota_service
from mhub_core.accounts.records import Person, User
from mhub_core.accounts.service import MAX_NAME, end_sessions
from mhub_core.errors import Conflict, NotFound
from mhub_core.sharing import policy, texts


def rename(user: User | None, name: str) -> None:
    """Change what a person is called, everywhere at once. Raises SignInRequired, and Invalid with the problem of the field."""
    person, name = policy.require_signed_in(user), texts.person_name(name)
    texts.refuse("Your name was not changed.", {"name": texts.person_name_problem(name, MAX_NAME)})
    with writing() as session:
        session.execute(update(UserRow).where(UserRow.id == person.id).values(name=name))


def list_people(admin: User | None, search: str = "", limit: int = 50, offset: int = 0) -> list[Person]:
    """Return the people whose names or e-mail addresses hold all words of a search, the newest first.

    Raises Forbidden for anybody but an administrator.
    """
    policy.require_administrator(admin, "see everyone who has an account")
    asked = _people()
    for word in texts.search_words(search):
        holds = (column.icontains(word, autoescape=True) for column in (UserRow.name, UserRow.email))
        asked = asked.where(or_(*holds))
    with reading() as session:
        found = session.execute(asked.order_by(UserRow.id.desc()).limit(limit).offset(offset)).all()
    return [_person(row) for row in found]


def require_person(admin: User | None, person_id: int) -> Person:
    """Return somebody as an administrator sees them. Raises Forbidden for anybody else, and NotFound."""
    policy.require_administrator(admin, "see everyone who has an account")
    with reading() as session:
        row = session.execute(_people().where(UserRow.id == person_id)).first()
    if row is None:
        raise _gone()
    return _person(row)


def set_disabled(admin: User | None, person_id: int, is_disabled: bool) -> None:
    """Disable an account, or enable it again. A disabled person is signed out everywhere at once and cannot sign in.

    Their queued runs wait until the account is enabled; those that have started continue. What they own stays as it is.

    Raises Forbidden for anybody but an administrator, NotFound, and Conflict for one's own account.
    """
    policy.require_administrator(admin, "disable an account")
    if admin is not None and admin.id == person_id and is_disabled:
        raise Conflict("You cannot disable your own account.", mend="Ask another administrator to do it.")
    with writing() as session:
        row = _locked(session, person_id)
        if is_disabled:
            _require_another_administrator(session, row)
            end_sessions(session, person_id)
        row.disabled = is_disabled


def set_administrator(admin: User | None, person_id: int, is_admin: bool) -> None:
    """Make somebody an administrator, or an ordinary member again.

    Raises Forbidden for anybody but an administrator, NotFound, and Conflict when the hub would have none left.
    """
    policy.require_administrator(admin, "name administrators")
    with writing() as session:
        row = _locked(session, person_id)
        if not is_admin:
            _require_another_administrator(session, row)
        row.is_admin = is_admin


def _locked(session: Session, person_id: int) -> UserRow:
    """Return a person's row, held together with those of all administrators: of two who take from each other one is first."""
    asked = select(UserRow).where(or_(UserRow.is_admin, UserRow.id == person_id)).order_by(UserRow.id)
    for row in session.scalars(asked.with_for_update(key_share=True)).all():
        if row.id == person_id:
            return row
    raise _gone()


def _require_another_administrator(session: Session, row: UserRow) -> None:
    others = select(UserRow.id).where(UserRow.is_admin, UserRow.disabled.is_(False), UserRow.id != row.id)
    if row.is_admin and not row.disabled and session.scalar(others.limit(1)) is None:
        raise Conflict("This is the only administrator of the hub.", mend="Make somebody else an administrator first.")


def _people() -> Select[Any]:
    columns: list[Any] = [UserRow.id, UserRow.email, UserRow.name, UserRow.is_admin]
    return select(*columns, UserRow.created, UserRow.confirmed, UserRow.disabled)


def _person(row: Any) -> Person:
    user = User(row.id, row.email, row.name, row.is_admin)
    return Person(user, row.created, quota_service.usage(user), row.confirmed is not None, row.disabled)


def _gone() -> NotFound:
    return NotFound("This person has no account here.")
