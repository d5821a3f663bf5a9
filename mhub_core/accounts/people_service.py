"""What people are called, and everyone who has an account, for administrators."""

from __future__ import annotations

from sqlalchemy import or_, select, update

from db.engine import reading, writing
from db.tables.accounts import UserRow
from mhub_core.accounts import quota_service
from mhub_core.accounts.records import Person, User
from mhub_core.accounts.service import MAX_NAME
from mhub_core.errors import Forbidden
from mhub_core.sharing import policy, texts


def rename(user: User | None, name: str) -> None:
    """Change what a person is called, everywhere at once. Raises SignInRequired, and Invalid with the problem of the field."""
    person, name = policy.require_signed_in(user), texts.one_line(name)
    texts.refuse("Your name was not changed.", {"name": texts.name_problem(name, MAX_NAME)})
    with writing() as session:
        session.execute(update(UserRow).where(UserRow.id == person.id).values(name=name))


def list_people(admin: User | None, search: str = "", limit: int = 50, offset: int = 0) -> list[Person]:
    """Return the people whose names or e-mail addresses hold all words of a search, the newest first.

    Raises Forbidden for anybody but an administrator.
    """
    if admin is None or not admin.is_admin:
        raise Forbidden("Only an administrator can see everyone who has an account.")
    asked = select(UserRow.id, UserRow.email, UserRow.name, UserRow.is_admin, UserRow.created)
    for word in texts.search_words(search):
        holds = (column.icontains(word, autoescape=True) for column in (UserRow.name, UserRow.email))
        asked = asked.where(or_(*holds))
    with reading() as session:
        found = session.execute(asked.order_by(UserRow.id.desc()).limit(limit).offset(offset)).all()
    people = [(User(row.id, row.email, row.name, row.is_admin), row.created) for row in found]
    return [Person(user, joined, quota_service.usage(user)) for user, joined in people]
