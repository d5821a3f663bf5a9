"""The signed tokens in links of letters: to set a new password, to confirm an e-mail address, to take a new one.

Nothing is stored of them. Each is signed together with what it changes, so that it fits no more once that has happened.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

from mhub_core import settings

HOUR, DAY = 3600, 24 * 3600
CONFIRM_SECONDS = 7 * DAY
_LONGEST = 1000  # letters of a token, with room to spare for two addresses
_MAX_ID = 2**31 - 1


@dataclass(frozen=True)
class Owner:
    """What a link to set a password hangs on: once one of these has changed it fits no more."""

    user_id: int
    email: str
    password_hash: str | None


def reset(owner: Owner, seconds: int) -> str:
    """Return a token with which a password can be set once, for so long."""
    return _of_owner(owner).dumps([owner.user_id, seconds])


def user_id_of_reset(token: str) -> int | None:
    """Return whose token this claims to be. It is believed by `read_reset` alone."""
    # Its content may be packed, and is unpacked before it is trusted: so it must not be long.
    _, content = URLSafeTimedSerializer("").loads_unsafe(token[:_LONGEST])
    user_id = content[0] if isinstance(content, list) and content else None
    return user_id if isinstance(user_id, int) and 0 < user_id <= _MAX_ID else None


def read_reset(token: str, owner: Owner) -> int | None:
    """Return for how many seconds the token of an owner was made, or None when it ended, was used, or is forged."""
    try:
        (user_id, seconds), made = _of_owner(owner).loads(token[:_LONGEST], max_age=DAY, return_timestamp=True)
        _of_owner(owner).loads(token[:_LONGEST], max_age=seconds)
    except (BadSignature, ValueError, TypeError):
        return None
    return int(seconds) if user_id == owner.user_id else None


def _of_owner(owner: Owner) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key(), salt=f"reset {owner.user_id} {owner.email} {owner.password_hash}")


def confirm(owner: Owner, new_email: str) -> str:
    """Return a token that shows that a person reads the mail of `new_email`, which may be the address they have."""
    return _confirming().dumps([owner.user_id, owner.email, new_email, _mark(owner)])


def read_confirm(token: str) -> tuple[int, str, str] | None:
    """Return person, address so far and new address of a token, or None when it ended or is forged.

    One for another address is believed where `fits` says so.
    """
    try:
        user_id, email, new_email, _ = _confirming().loads(token[:_LONGEST], max_age=CONFIRM_SECONDS)
    except (BadSignature, ValueError, TypeError):
        return None
    return int(user_id), str(email), str(new_email)


def fits(token: str, owner: Owner) -> bool:
    """Tell whether an owner still has the password with which they asked for a token that `read_confirm` has read.

    Else who once knew the password could take the account long after it was changed.
    """
    return hmac.compare_digest(_confirming().loads(token[:_LONGEST])[3], _mark(owner))


def _mark(owner: Owner) -> str:
    """Return what stands for a password hash where people can read it."""
    return hmac.new(settings.secret_key().encode(), f"mark {owner.password_hash}".encode(), "sha256").hexdigest()[:16]


def _confirming() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key(), salt="confirm")
