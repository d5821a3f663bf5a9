"""Joining a project by a short code: what a class does. Whoever has the code is let in, as long as it is switched on."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.engine import reading, writing
from db.tables.accounts import UserRow
from db.tables.projects import ProjectRow
from db.tables.sharing import GrantRow
from mhub_core.accounts import throttle, try_service
from mhub_core.accounts.records import User
from mhub_core.errors import Invalid
from mhub_core.projects import codes
from mhub_core.projects.records import Entry, Offer
from mhub_core.sharing import belonging_service as belonging
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing
from mhub_core.sharing.reach_service import PROJECT, on

LEVELS = (policy.READ, policy.EDIT)  # that a code can give


def look(viewer: User | None, code: str, address: str) -> Offer:
    """Return what a code leads to. Raises Invalid, in the same words for a wrong code and for one that is switched off, and
    Throttled for who tries too many."""
    row, owner_name = _find(viewer, code, address)
    with reading() as session:
        return Offer(row.id, row.name, owner_name, row.join_level, viewer is not None and _is_member(session, row, viewer.id))


def join(user: User | None, code: str, address: str, puts_new: bool = False) -> int:
    """Make the user a member of the project that a code leads to, and return its id. Who is one already stays what they are.

    `puts_new`: what they make from now on belongs to the project, if they may put things into it. Raises as `look` does.
    """
    person = policy.require_signed_in(user)
    found, _ = _find(person, code, address)
    with sharing.giving() as session:
        row = session.get(ProjectRow, found.id, with_for_update=True)
        if row is None or not row.is_open or row.join_code != found.join_code:
            raise _wrong()
        if not _is_member(session, row, person.id):
            sharing.put(session, PROJECT, row.id, person.id, row.join_level)
        session.flush()
        if puts_new and policy.reaches(sharing.level(session, person, sharing.thing_of(row)), policy.EDIT):
            belonging.note_choice(session, person.id, row.id, True)
        return row.id


def _find(viewer: User | None, code: str, address: str) -> tuple[ProjectRow, str]:
    """Return the project that a code leads to, and its owner's name. A try that was right is not counted."""
    if viewer is None:
        attempt = try_service.count(throttle.JOIN_ADDRESS, throttle.network(address))
    else:
        attempt = try_service.count(throttle.JOIN_PERSON, str(viewer.id))
    query = select(ProjectRow, UserRow.name).join(UserRow, UserRow.id == ProjectRow.owner_id)
    with reading() as session:
        # Looked for also where it can be none, so that it takes as long.
        found = session.execute(query.where(ProjectRow.join_code == codes.read(code), ProjectRow.is_open)).one_or_none()
    if found is None:
        raise _wrong()
    try_service.forgive(attempt)
    return found[0], found[1]


def _wrong() -> Invalid:
    return Invalid(
        "This code leads to no project.",
        f"A code of {codes.LENGTH} letters that its project accepts at the moment.",
        "Check the letters, or ask who gave you the code for a new one.",
        {"code": "leads to no project"},
    )


def _is_member(session: Session, row: ProjectRow, person_id: int) -> bool:
    grant = select(GrantRow.id).where(*on(PROJECT, row.id), GrantRow.person_id == person_id)
    return row.owner_id == person_id or session.scalar(grant) is not None


# For who manages the project


def require_entry(user: User | None, project_id: int) -> Entry:
    """Return the code of a project and what it gives. Raises NotFound, SignInRequired or Forbidden for who does not manage it."""
    with reading() as session:
        row = sharing.require_row(session, user, policy.MANAGE, PROJECT, project_id)
        return Entry(row.join_code or "", row.join_level, row.is_open)


def set_entry(user: User | None, project_id: int, is_open: bool, level: str) -> None:
    """Switch joining by the code on or off, and choose what who joins may do. A project that has no code yet gets one.

    Raises Invalid for a level that a code cannot give, and as `require_entry` does.
    """
    if level not in LEVELS:
        raise Invalid(f"A code cannot give “{level}”.", f"One of {', '.join(LEVELS)}.", "Choose one of these.")
    with writing() as session:
        row = sharing.require_row(session, user, policy.MANAGE, PROJECT, project_id, hold=True)
        row.is_open, row.join_level = is_open, level
        row.join_code = row.join_code or _unused(session)


def renew(user: User | None, project_id: int) -> None:
    """Give a project another code: the one before leads nowhere any more. Raises as `require_entry` does."""
    with writing() as session:
        row = sharing.require_row(session, user, policy.MANAGE, PROJECT, project_id, hold=True)
        row.join_code = _unused(session)


def _unused(session: Session) -> str:
    code = codes.new()
    while session.scalar(select(ProjectRow.id).where(ProjectRow.join_code == code)) is not None:
        code = codes.new()
    return code
