"""The verbs of accounts: sign up, sign in, sessions.

A session is a row; only the browser's cookie holds its token. A sign-in in a page makes a one-time ticket; the browser
exchanges it for the cookie at `POST /api/session`. The session's token is derived from the ticket with the hub's secret key,
so that the page, which knows the ticket, can go on at once, while a script in the browser, which sees the ticket too, learns
nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select, text
from sqlalchemy.orm import Session

from db.base import now
from db.engine import num_changed, reading, writing
from db.tables.accounts import SessionRow, TicketRow, UserRow
from mhub_core import settings
from mhub_core.accounts import devices, joining, letters, passwords, throttle, try_service
from mhub_core.accounts.links import Owner
from mhub_core.accounts.records import User
from mhub_core.errors import Conflict, Forbidden, Invalid, NotFound
from mhub_core.mail import service as mail
from mhub_core.sharing import policy, texts

TICKET_SECONDS = 60
MAX_NAME, MAX_EMAIL = 80, 254
_EMAIL = re.compile(r"[^@\s<>\"',;:()\[\]\\]+@[^@\s<>\"',;:()\[\]\\.]+(\.[^@\s<>\"',;:()\[\]\\.]+)*")
_NOTED, _VISIT = timedelta(minutes=10), timedelta(hours=1)  # how often it is noted that somebody is here, and what ends a visit
_UNREDEEMED = timedelta(hours=12)  # a session whose cookie never reached the browser


def record(row: UserRow) -> User:
    """Return what other rooms may know of a person."""
    return User(row.id, row.email, row.name, row.is_admin)


def hash_of(token: str) -> str:
    """Return under what a token is kept: who reads the database learns no token from it."""
    return hashlib.sha256(token.encode()).hexdigest()


def clean_email(email: str) -> str:
    """Return an e-mail address as it is kept."""
    return texts.printable_line(email).lower()  # PostgreSQL refuses to look for text with a zero in it


# Signing up and in


def sign_up(email: str, name: str, password: str, address: str, again: str | None = None, invitation: str = "") -> User:
    """Make an account; the first one is the administrator's. `again`: the password as it was typed the second time.

    `invitation`: a token of `joining.invite`, which a hub may ask for.

    Raises:
        Forbidden: the hub takes no new accounts, or none without an invitation.
        Invalid: with all problems of the form at once.
        Conflict: the e-mail has an account.
        Throttled: too many new accounts from this address.
    """
    refusal = joining.refusal(invitation)
    if refusal and has_accounts():
        raise refusal
    email, name = clean_email(email), texts.person_name(name)
    _check_person(email, name, password, again)
    try_service.count(throttle.SIGN_UP_ADDRESS, throttle.network(address))
    password_hash = passwords.hash_password(password)
    with writing() as session:
        row = add(session, email, name, password_hash, refusal)
        letters.confirm(session, Owner(row.id, email, password_hash))
        return record(row)


def add(session: Session, email: str, name: str, password_hash: str | None, refusal: Forbidden | None) -> UserRow:
    """Add an account within a transaction; the first one is the administrator's. `refusal`: why nobody but the first may.

    Raises that, and Conflict when the e-mail has an account.
    """
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        session.execute(text("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE"))
    is_first = session.scalar(select(func.count()).select_from(UserRow)) == 0
    if refusal and not is_first:  # somebody else was quicker to be the first
        raise refusal
    if session.scalar(select(UserRow.id).where(UserRow.email == email)):
        raise Conflict(
            "There is already an account with this e-mail address.",
            mend="Sign in with it, or use another e-mail address.",
            problems={"email": "has an account already"},
        )
    row = UserRow(email=email, name=name, password_hash=password_hash, is_admin=is_first)
    session.add(row)
    session.flush()
    return row


def has_accounts() -> bool:
    """Return whether anybody has signed up yet."""
    with reading() as session:
        return session.scalar(select(UserRow.id).limit(1)) is not None


def _check_person(email: str, name: str, password: str, again: str | None) -> None:
    problems = passwords.problems(password, (email, name), again)
    if problem := email_problem(email):
        problems["email"] = problem
    if problem := texts.person_name_problem(name, MAX_NAME):
        problems["name"] = problem
    if problems:
        raise Invalid("The account was not created.", mend="Correct the fields and try again.", problems=problems)


def email_shape_problem(email: str) -> str:
    """Return why a text is no e-mail address, or nothing."""
    # Plain letters only: others look alike or cannot be seen, and an account should not pass for somebody else's.
    is_plain = email.isascii() and email.isprintable() and len(email) <= MAX_EMAIL
    if not (is_plain and _EMAIL.fullmatch(email) and mail.is_address(email)):
        return "must be a complete e-mail address, in plain letters without accents"
    return ""


def email_problem(email: str) -> str:
    """Return what is wrong with an e-mail address on this hub, or nothing."""
    return email_shape_problem(email) or joining.email_problem(email)


def sign_in(email: str, password: str, address: str, device_cookie: str = "") -> User:
    """Return the person whose e-mail and password these are. `device_cookie`: see `accounts.devices`.

    Raises Invalid when they do not fit, in the same time and words whether or not the account exists; Throttled when this
    browser or address failed too often lately, or all that are unknown to this account.
    """
    email = clean_email(email)[:MAX_EMAIL]
    with reading() as session:
        row = session.scalar(select(UserRow).where(UserRow.email == email))
    device = devices.read(device_cookie)
    if device and row and row.id in device.user_ids:
        place, limits = f"{email} device {device.name}", []
    else:
        network = throttle.network(address)
        place, limits = f"{email} {network}", [(throttle.SIGN_IN_ADDRESS, network), (throttle.SIGN_IN_ANYWHERE, email)]
    tries = [try_service.count(*limit) for limit in [*limits, (throttle.SIGN_IN_ACCOUNT, place)]]
    is_right = passwords.is_right(password, row.password_hash if row else None)  # Takes as long for somebody unknown.
    if row is None or not is_right:
        raise Invalid(
            "The e-mail address or the password is wrong.", mend="Check both. Passwords distinguish upper and lower case."
        )
    try_service.forgive(*tries, subject=throttle.SIGN_IN_ACCOUNT.subject(place))
    if row.disabled:
        raise disabled()
    return record(row)


def disabled() -> Forbidden:
    """Return why somebody cannot sign in whose account is disabled."""
    return Forbidden("This account is disabled.", mend="Ask the administrator of this hub for help.")


# Sessions


def issue_ticket(user_id: int) -> str:
    """Open a session for a person who signed in, and return the ticket that a browser exchanges once for its cookie.

    Raises Forbidden when the account is disabled, or gone.
    """
    ticket, at = secrets.token_urlsafe(32), now()
    with writing() as session:
        found = select(UserRow.id).where(UserRow.id == user_id, UserRow.disabled.is_(False))
        if session.scalar(found.with_for_update(read=True)) is None:
            raise disabled()
        session.execute(delete(TicketRow).where(TicketRow.expires < at))
        session.execute(delete(SessionRow).where(SessionRow.expires < at))
        session.add(TicketRow(token_hash=hash_of(ticket), user_id=user_id, expires=at + timedelta(seconds=TICKET_SECONDS)))
        session.add(SessionRow(token_hash=hash_of(token_of(ticket)), user_id=user_id, expires=at + _UNREDEEMED))
    return ticket


def token_of(ticket: str) -> str:
    """Return the session token that belongs to a ticket. It never leaves the server but as an HttpOnly cookie."""
    return hmac.new(settings.secret_key().encode(), f"session {ticket}".encode(), hashlib.sha256).hexdigest()


def redeem_ticket(ticket: str, device: str) -> str:
    """Exchange a ticket for the session token. Raises Invalid when it is unknown, used or too old."""
    token, at = token_of(ticket), now()
    with writing() as session:
        used = num_changed(session, delete(TicketRow).where(TicketRow.token_hash == hash_of(ticket), TicketRow.expires > at))
        row = session.get(SessionRow, hash_of(token))
        if used != 1 or row is None:
            raise Invalid("This sign-in ticket has already been used or has expired.", mend="Sign in again.")
        others = (SessionRow.user_id == row.user_id, SessionRow.token_hash != row.token_hash, SessionRow.device != "")
        row.before = session.scalar(select(func.max(SessionRow.seen)).where(*others))
        row.device, row.seen, row.expires = device[:200], at, at + _session_length()
    return token


def _session_length() -> timedelta:
    return timedelta(days=settings.number("MHUB_SESSION_DAYS"))


# Asked at every look at every page: it is put together once, and asks for no more than is needed.
_HOLDER = (
    select(UserRow.id, UserRow.email, UserRow.name, UserRow.is_admin, SessionRow.device, SessionRow.seen)
    .join(UserRow, UserRow.id == SessionRow.user_id)
    .where(SessionRow.token_hash == bindparam("token_hash"), SessionRow.expires > bindparam("at"), UserRow.disabled.is_(False))
)


def get_session_user(token: str) -> User | None:
    """Return who holds a session, or None when it ended. Using it keeps it alive."""
    at, token_hash = now(), hash_of(token)
    with reading() as session:
        known = session.info.setdefault("holders", {})  # a page asks several times, within one transaction
        if token_hash not in known:
            known[token_hash] = session.execute(_HOLDER, {"token_hash": token_hash, "at": at}).first()
        found = known[token_hash]
    if found is None:
        return None
    if found.device and at - found.seen > _NOTED:  # not at every click: a write costs more than the read
        _keep_alive(token_hash, at)
    return User(found.id, found.email, found.name, found.is_admin)


def _keep_alive(token_hash: str, at: datetime) -> None:
    with writing() as session:
        row = session.get(SessionRow, token_hash)
        if row is not None:
            row.before = row.seen if at - row.seen > _VISIT else row.before
            row.seen, row.expires = at, at + _session_length()


def sign_out(token: str) -> None:
    """End one session."""
    with writing() as session:
        session.execute(delete(SessionRow).where(SessionRow.token_hash == hash_of(token)))


def sign_out_everywhere(user: User) -> None:
    """End all sessions of a person, and their unused tickets."""
    policy.require_signed_in(user)
    with writing() as session:
        end_sessions(session, user.id)


def end_sessions(session: Session, user_id: int) -> None:
    """End all sessions of a person within a transaction, and their unused tickets."""
    session.execute(delete(SessionRow).where(SessionRow.user_id == user_id))
    session.execute(delete(TicketRow).where(TicketRow.user_id == user_id))


# People


def require_user(user_id: int) -> User:
    """Return a person. Raises NotFound."""
    with reading() as session:
        row = session.get(UserRow, user_id)
    if row is None:
        raise NotFound("This person has no account here.")
    return record(row)


def get_names(user_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of people by id; unknown ids are left out."""
    with reading() as session:
        return dict(session.execute(select(UserRow.id, UserRow.name).where(UserRow.id.in_(set(user_ids)))).all())


_NAME = select(UserRow.name).where(UserRow.id == bindparam("id"))


def name_of(session: Session, user_id: int | None) -> str | None:
    """Return a person's name within a transaction; None for nobody and for an id that is unknown."""
    return session.scalar(_NAME, {"id": user_id}) if user_id is not None else None
