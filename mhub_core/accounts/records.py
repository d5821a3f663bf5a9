"""What other rooms may know of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

SESSION_COOKIE = "mhub_session"


@dataclass(frozen=True)
class User:
    """A person with an account."""

    id: int
    email: str
    name: str
    is_admin: bool


@dataclass(frozen=True)
class Usage:
    """What a person fills of the file store, and may fill; None where there is no limit."""

    num_bytes: int
    quota_bytes: int | None


@dataclass(frozen=True)
class SignedIn:
    """A browser in which a person is signed in. `seen`: its last use, known to the hour; `is_this`: the one that asks."""

    id: str
    browser: str
    since: datetime
    seen: datetime
    is_this: bool


@dataclass(frozen=True)
class Person:
    """Somebody with an account, as an administrator sees them."""

    user: User
    joined: datetime
    usage: Usage
