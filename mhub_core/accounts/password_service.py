"""The verbs of passwords: change one, set a first one, and set one anew that was forgotten, by a link."""

from __future__ import annotations

from itsdangerous import BadSignature
from sqlalchemy import ColumnElement, select, update

from db.base import now
from db.engine import num_changed, reading, writing
from db.tables.accounts import UserRow
from mhub_core.accounts import letters, links, passwords, service, throttle, try_service
from mhub_core.accounts.records import User
from mhub_core.errors import Conflict, Invalid, NotFound
from mhub_core.mail import service as mail
from mhub_core.sharing import policy

_NOT_CHANGED = "The password was not changed."


def has_password(user: User | None) -> bool:
    """Tell whether a person has a password; who signs in with another provider may have none."""
    person = policy.require_signed_in(user)
    with reading() as session:
        return session.scalar(select(UserRow.password_hash).where(UserRow.id == person.id)) is not None


def change_password(user: User, old: str, new: str, address: str, device_cookie: str = "", again: str | None = None) -> None:
    """Change a password and end all sessions. Raises Invalid, and Throttled when the old one was wrong too often."""
    policy.require_signed_in(user)
    problems = passwords.problems(new, (user.email, user.name), again)
    try:
        service.sign_in(user.email, old, address, device_cookie)
    except Invalid:
        problems["old"] = "is not your current password"
    if problems:
        raise Invalid(_NOT_CHANGED, problems=problems)
    _set(user.id, new)


def set_first_password(user: User | None, new: str, again: str | None = None) -> None:
    """Set the password of a person who has none, and end all sessions. Raises Invalid, and Conflict for who has one."""
    person = policy.require_signed_in(user)
    if problems := passwords.problems(new, (person.email, person.name), again):
        raise Invalid(_NOT_CHANGED, problems=problems)
    if not _set(person.id, new, UserRow.password_hash.is_(None)):
        raise Conflict("Your account has a password already.", mend="Change it instead; that needs the current one.")


def issue_reset(admin: User | None, email: str) -> str:
    """Return a token with which a person who forgot the password may set a new one, once, within a day.

    Raises Forbidden for anybody but the administrator, NotFound for an unknown e-mail.
    """
    policy.require_administrator(admin, "create a reset link")
    owner = _owner(UserRow.email == service.clean_email(email))
    if owner is None:
        raise NotFound("There is no account with this e-mail address.", mend="Check the spelling.")
    return links.reset(owner, links.DAY)


def mail_reset(email: str, address: str) -> None:
    """Mail a link to set a new password, good for an hour, where there is such an account. Whether there is, nobody learns.

    Raises Invalid when no address was typed, and Throttled.
    """
    mail.require_configured()
    email = service.clean_email(email)
    if problem := service.email_shape_problem(email):
        raise Invalid("No e-mail was sent.", problems={"email": problem})
    try_service.count(throttle.RESET_ADDRESS, throttle.network(address))
    try_service.count(throttle.RESET_ACCOUNT, email)
    owner = _owner(UserRow.email == email, UserRow.disabled.is_(False))
    with writing() as session, session.begin_nested() as letter:
        letters.reset(session, owner or links.Owner(0, email, None))  # It takes as long for somebody unknown.
        session.flush()
        if owner is None:
            letter.rollback()


def reset_password(token: str, new: str, again: str | None = None) -> None:
    """Set a new password with a token, and end all sessions. Raises Invalid when it is used, too old or forged."""
    try:
        user_id = links.user_id_of_reset(token)
    except BadSignature:
        user_id = None
    owner = _owner(UserRow.id == user_id) if user_id else None
    seconds = links.read_reset(token, owner) if owner else None
    if owner is None or seconds is None:
        raise _used_reset()
    if problems := passwords.problems(new, (owner.email, service.require_user(owner.user_id).name), again):
        raise Invalid(_NOT_CHANGED, problems=problems)
    same = UserRow.password_hash.is_not_distinct_from(owner.password_hash)
    if not _set(owner.user_id, new, same, UserRow.email == owner.email, is_confirmed=seconds == links.HOUR):
        raise _used_reset()


def _used_reset() -> Invalid:
    by_mail = "Ask for a new one, under “Forgot password?” where you sign in."
    mend = by_mail if mail.is_configured() else "Ask the administrator for a new one."
    return Invalid("This reset link has already been used or has expired.", mend=mend)


def _owner(*where: ColumnElement[bool]) -> links.Owner | None:
    with reading() as session:
        row = session.execute(select(UserRow.id, UserRow.email, UserRow.password_hash).where(*where)).first()
    return links.Owner(row.id, row.email, row.password_hash) if row else None


def _set(user_id: int, new: str, *still: ColumnElement[bool], is_confirmed: bool = False) -> bool:
    """Set a password and end all sessions, where these conditions still hold. Returns whether they did.

    `is_confirmed`: that it is set shows that the person reads the mail of their address.
    """
    values = {"password_hash": passwords.hash_password(new)} | ({"confirmed": now()} if is_confirmed else {})
    with writing() as session:
        is_set = num_changed(session, update(UserRow).where(UserRow.id == user_id, *still).values(values)) == 1
        if is_set:
            service.end_sessions(session, user_id)
        return is_set
