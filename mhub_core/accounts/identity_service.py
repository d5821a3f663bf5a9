"""Signing in with other providers: whom an account of theirs belongs to here.

The provider's own name for a person (`subject`) never changes and decides; an address does not. An account that is here already
is linked once its password was given, and never by itself: who gets hold of an address elsewhere does not get the account.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.base import now
from db.engine import num_changed, reading, writing
from db.tables.accounts import IdentityRow, UserRow
from mhub_core import settings
from mhub_core.accounts import joining, service, throttle, try_service
from mhub_core.accounts import turn_service as turn
from mhub_core.accounts.records import Arrival, Identity, User
from mhub_core.errors import Conflict, Invalid, NotFound
from mhub_core.sharing import policy, texts

LINK_COOKIE = "mhub_link"
LINK_SECONDS = 600
MAX_SUBJECT = 255
_LONGEST = 2000  # letters of a token that links


class MustLink(Conflict):
    """Raised when somebody comes whose address has an account that was not linked yet. `token`: what `link` takes."""

    def __init__(self, arrival: Arrival) -> None:
        super().__init__("There is already an account with this e-mail address.", mend="Give its password once to link it.")
        self.token = _linking().dumps(asdict(arrival))


def count_try(address: str) -> int:
    """Count that somebody comes back from a provider, before that is asked about them; `arrive` forgives it. Raises Throttled."""
    return try_service.count(throttle.PROVIDER_ADDRESS, throttle.network(address))


def arrive(arrival: Arrival, address: str, invitation: str = "", tries: Collection[int] = ()) -> User:
    """Return the person whom a provider has named; somebody new gets an account without a password, where the hub takes them.

    Raises:
        MustLink: the address has an account here, which was not linked to this one.
        Invalid: the provider does not say that the address is theirs, or it cannot have an account here.
        Forbidden: the account is disabled, or the hub takes no new ones.
        Throttled: too many new accounts from this address.
    """
    if not (0 < len(arrival.subject) <= MAX_SUBJECT and arrival.subject.isprintable()):  # else no database would look for it
        raise _not_verified()
    user = _known(arrival) or _new(_checked(arrival), address, invitation)
    try_service.forgive(*tries)
    return user


def _known(arrival: Arrival) -> User | None:
    linked = select(UserRow).join(IdentityRow, IdentityRow.user_id == UserRow.id)
    mine = linked.where(IdentityRow.provider == arrival.provider, IdentityRow.subject == arrival.subject)
    with reading() as session:
        row = session.scalar(mine)
    if row is not None and row.disabled:
        raise service.disabled()
    return service.record(row) if row else None


def _checked(arrival: Arrival) -> Arrival:
    """Return somebody as they could have an account here. Raises Invalid, and MustLink where their address has one."""
    email = service.clean_email(arrival.email)
    if not arrival.is_verified or service.email_shape_problem(email):
        raise _not_verified()
    # What they are called there may be anything; what stands before the sign of an address is always a name.
    name = texts.person_name(texts.printable_line(arrival.name))[: service.MAX_NAME]
    name = email.partition("@")[0][: service.MAX_NAME] if texts.person_name_problem(name, service.MAX_NAME) else name
    checked = Arrival(arrival.provider, arrival.subject, email, True, name)
    with reading() as session:
        if session.scalar(select(UserRow.id).where(UserRow.email == email)):
            raise MustLink(checked)
    return checked


def _not_verified() -> Invalid:
    return Invalid(
        "You were not signed in: the provider did not give a verified e-mail address.",
        mend="Verify your e-mail address there, then try again; or sign in with a password.",
    )


def _new(arrival: Arrival, address: str, invitation: str) -> User:
    refusal = joining.refusal(invitation)
    if refusal and service.has_accounts():
        raise refusal
    if problem := joining.email_problem(arrival.email):
        raise Invalid(f"No account was created: your e-mail address {problem}.", mend="Ask the administrator for help.")
    try_service.count(throttle.SIGN_UP_ADDRESS, throttle.network(address))
    try:
        with writing() as session:
            row = service.add(session, arrival.email, arrival.name, None, refusal)
            row.confirmed = now()
            _link(session, row.id, arrival)
            return service.record(row)
    except IntegrityError:  # the same person, a moment ago, in another tab
        raise _twice() from None


def link(token: str, password: str, address: str, device_cookie: str = "") -> User:
    """Link an account to the provider that somebody came from. Its password shows that it is theirs. Returns the person.

    Raises Invalid when the password is wrong or it took too long, Forbidden when the account is disabled, and Throttled.
    """
    arrival = waiting(token)
    if arrival is None:
        raise Invalid("This took too long.", f"At most {LINK_SECONDS // 60} minutes.", "Sign in with the provider once more.")
    user = service.sign_in(arrival.email, password, address, device_cookie)
    try:
        with writing() as session:
            _link(session, user.id, arrival)
    except IntegrityError:
        raise _twice() from None
    return user


def waiting(token: str) -> Arrival | None:
    """Return who waits to be linked with a token of `MustLink`, or None when it is too old or forged."""
    try:
        return Arrival(**_linking().loads(token[:_LONGEST], max_age=LINK_SECONDS))
    except (BadSignature, TypeError):
        return None


def list_identities(user: User | None) -> list[Identity]:
    """Return the providers with which a person signs in. Raises SignInRequired for a visitor."""
    person = policy.require_signed_in(user)
    mine = select(IdentityRow).where(IdentityRow.user_id == person.id).order_by(IdentityRow.created, IdentityRow.provider)
    with reading() as session:
        return [Identity(row.provider, row.email, row.created) for row in session.scalars(mine)]


def unlink(user: User | None, provider: str) -> None:
    """Let a person sign in with a provider no more. Raises NotFound, and Conflict when it is their last way in."""
    person = policy.require_signed_in(user)
    with writing() as session:
        turn.take(session, person.id)
        has_password = session.scalar(select(UserRow.password_hash).where(UserRow.id == person.id)) is not None
        others = (IdentityRow.user_id == person.id, IdentityRow.provider != provider)
        if not has_password and not session.scalar(select(func.count()).select_from(IdentityRow).where(*others)):
            raise Conflict("This is the only way in which you can sign in.", mend="Set a password first.")
        mine = delete(IdentityRow).where(IdentityRow.user_id == person.id, IdentityRow.provider == provider)
        if not num_changed(session, mine):
            raise NotFound("Your account is not linked to this provider.", mend="Reload the page.")


def _link(session: Session, user_id: int, arrival: Arrival) -> None:
    session.add(
        IdentityRow(provider=arrival.provider, subject=arrival.subject, user_id=user_id, email=arrival.email, created=now())
    )
    session.flush()


def _twice() -> Conflict:
    return Conflict("This account of the provider is linked already.", mend="Sign in with the provider once more.")


def _linking() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key(), salt="link an account")
