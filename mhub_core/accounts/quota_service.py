"""How much of the file store a person fills and may fill. Administrators may fill all of it."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.engine import num_changed, reading, writing
from db.tables.accounts import UserRow
from mhub_core import settings
from mhub_core.accounts import turn_service as turn
from mhub_core.accounts.records import Usage, User
from mhub_core.errors import Invalid, NotFound, TooLarge
from mhub_core.sharing import policy, texts
from mhub_core.storage import artifact_service, blob_service, disk

_MAX_MB = 1_000_000_000


def usage(user: User) -> Usage:
    """Return what a person fills, and what they may."""
    policy.require_signed_in(user)
    with reading() as session:
        own = session.scalar(select(UserRow.quota_mb).where(UserRow.id == user.id))
    quota = settings.number("MHUB_QUOTA_MB") if own is None else own
    return Usage(artifact_service.num_bytes_of(user.id), None if user.is_admin else quota * 1_000_000)


def fits(session: Session, user_id: int) -> bool:
    """Tell whether a person, within a transaction that gives them something, fills no more than they may."""
    row = session.get_one(UserRow, user_id)
    quota = settings.number("MHUB_QUOTA_MB") if row.quota_mb is None else row.quota_mb
    return row.is_admin or artifact_service.num_bytes_in(session, user_id) <= quota * 1_000_000


def words(usage: Usage) -> str:
    """Return how much of the file store somebody fills, for people: 1.2 GB of 20.0 GB."""
    allowed = f" of {disk.in_words(usage.quota_bytes)}" if usage.quota_bytes is not None else ""
    return f"{disk.in_words(usage.num_bytes)}{allowed}"


def require_room(user: User, num_bytes: int = 0) -> None:
    """Raise TooLarge when so many bytes more would exceed a person's quota, Unavailable when they would fill the disk."""
    now = usage(user)
    disk.require_room(num_bytes)
    if now.quota_bytes is not None and now.num_bytes + num_bytes > now.quota_bytes:
        more = f", and {disk.in_words(num_bytes)} more do not fit" if num_bytes else ""
        raise TooLarge(
            f"Your files already take {disk.in_words(now.num_bytes)}{more}.",
            f"At most {disk.in_words(now.quota_bytes)} per person.",
            "Delete datasets, models and runs that you no longer need (their space is free within an"
            " hour), or ask the administrator for more.",
        )


def admit(user: User, key: str, num_bytes: int) -> None:
    """Count a blob that a person sends as theirs, where it fits. Raises as `require_room` does.

    One after the other: else all that come at the same moment, to whatever web process, would find the same room.
    """
    policy.require_signed_in(user)
    with writing() as session:
        turn.take(session, user.id)
        require_room(user, num_bytes)
        blob_service.add(session, key, num_bytes, user.id)


def set_quota(admin: User | None, email: str, megabytes: int | None) -> None:
    """Set what a person may fill; None: what the setting MHUB_QUOTA_MB says. Raises Forbidden, Invalid, NotFound."""
    policy.require_administrator(admin, "set a storage limit")
    if megabytes is not None and not 0 <= megabytes <= _MAX_MB:
        raise Invalid("This storage limit is not possible.", f"0 to {_MAX_MB:,} MB.")
    with writing() as session:
        found = num_changed(
            session, update(UserRow).where(UserRow.email == texts.printable_line(email).lower()).values(quota_mb=megabytes)
        )
    if not found:
        raise NotFound("There is no account with this e-mail address.", mend="Check the spelling.")
