"""The verbs of e-mail addresses: whether one was shown to be a person's own, and how they take another one."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.base import now
from db.engine import num_changed, reading, writing
from db.tables.accounts import UserRow
from db.tables.mail import OutboxRow
from mhub_core.accounts import letters, links, service, throttle, try_service
from mhub_core.accounts import turn_service as turn
from mhub_core.accounts.links import Owner
from mhub_core.accounts.records import Unsent, User
from mhub_core.errors import Conflict, Invalid
from mhub_core.mail import service as mail
from mhub_core.sharing import policy

MOST_UNSENT = 10
_NOT_CHANGED = "The e-mail address was not changed."


def is_confirmed(user: User | None) -> bool:
    """Tell whether a person has shown that they read the mail of their address. Raises SignInRequired for a visitor."""
    person = policy.require_signed_in(user)
    with reading() as session:
        return session.scalar(select(UserRow.confirmed).where(UserRow.id == person.id)) is not None


def send_again(user: User | None) -> None:
    """Send the letter with the link that confirms a person's address once more. Raises Throttled after a few."""
    person = policy.require_signed_in(user)
    mail.require_configured()
    try_service.count(throttle.CONFIRM_ACCOUNT, str(person.id))
    with writing() as session:
        letters.confirm(session, _owner(session, person.id))


def ask_to_change(user: User | None, new_email: str, password: str, address: str, device_cookie: str = "") -> None:
    """Send a link to a new address of a person, who has it once they open that.

    Raises Invalid with the problems of the fields, Conflict when somebody has the address, and Throttled.
    """
    person = policy.require_signed_in(user)
    mail.require_configured()
    new_email = service.clean_email(new_email)
    problems = {"email": service.email_problem(new_email) or ("is your address already" if new_email == person.email else "")}
    try:
        service.sign_in(person.email, password, address, device_cookie)
    except Invalid:
        problems["password"] = "is not your password"
    if found := {field: words for field, words in problems.items() if words}:
        raise Invalid(_NOT_CHANGED, problems=found)
    try_service.count(throttle.CONFIRM_ACCOUNT, str(person.id))
    with writing() as session:
        if session.scalar(select(UserRow.id).where(UserRow.email == new_email)):
            raise _taken()
        letters.confirm(session, _owner(session, person.id), new_email)


def confirm(token: str) -> str:
    """Do what a link in a letter is for: note that the address is the person's own, or take it as their new one. Returns it.

    Raises Invalid when the link was used, is too old or forged, and Conflict when somebody has the address now.
    """
    said = links.read_confirm(token)
    if said is None:
        raise _used()
    user_id, email, new_email = said
    mine = update(UserRow).where(UserRow.id == user_id, UserRow.email == email)
    try:
        with writing() as session:
            turn.take(session, user_id)
            if new_email != email and not links.fits(token, _owner(session, user_id)):
                raise _used()
            if not num_changed(session, mine.values(email=new_email, confirmed=now())):
                raise _used()
            if new_email != email:
                letters.changed(session, email, service.name_of(session, user_id) or "", new_email)
    except IntegrityError:
        raise _taken() from None
    return new_email


def _owner(session: Session, user_id: int) -> Owner:
    """Return a person as links know them; one who is gone has no address."""
    row = session.execute(select(UserRow.email, UserRow.password_hash).where(UserRow.id == user_id)).one_or_none()
    return Owner(user_id, *row) if row else Owner(user_id, "", None)


def send_test(admin: User | None) -> None:
    """Send an administrator a letter, to see that the hub's mail arrives. Raises Forbidden, Throttled, and Unavailable."""
    policy.require_administrator(admin, "test the mail of the hub")
    mail.require_configured()
    if admin is not None:
        try_service.count(throttle.CONFIRM_ACCOUNT, str(admin.id))
        with writing() as session:
            letters.test(session, admin.email)


def list_unsent(admin: User | None) -> list[Unsent]:
    """Return letters that could not be sent, the newest first. Raises Forbidden for all but an administrator."""
    policy.require_administrator(admin, "see which e-mails could not be sent")
    with reading() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.trouble != "").order_by(OutboxRow.id.desc()).limit(MOST_UNSENT))
        return [Unsent(row.recipient, row.subject, row.trouble, row.due is None) for row in rows]


def _taken() -> Conflict:
    told = "There is already an account with this e-mail address."
    return Conflict(told, mend="Use another e-mail address.", problems={"email": "has an account already"})


def _used() -> Invalid:
    return Invalid(
        "This link has already been used or has expired.",
        "A link to confirm an e-mail address works for a week, and until the address or the password changes.",
        "Sign in and send a new one from your account page.",
    )
