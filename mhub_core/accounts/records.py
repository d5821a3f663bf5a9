"""What other rooms may know of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

SESSION_COOKIE = "mhub_session"
OPEN, INVITED, CLOSED = "open", "invited", "closed"  # who may make an account


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
    """Somebody with an account, as an administrator sees them. `confirmed`: their e-mail address was shown to be theirs."""

    user: User
    joined: datetime
    usage: Usage
    confirmed: bool
    disabled: bool


@dataclass(frozen=True)
class HubSettings:
    """What administrators set for the hub.

    `domains`: separated by commas; empty: any. `visibility`: of what is new. `welcome`: Markdown; empty: the hub's own.
    """

    sign_up: str = OPEN
    domains: str = ""
    visibility: str = "private"
    name: str = "M-Hub"
    welcome: str = ""


@dataclass(frozen=True)
class Arrival:
    """Somebody whom another provider has named. `provider` and `subject` never change; the rest is what it says of them today."""

    provider: str
    subject: str
    email: str
    is_verified: bool
    name: str


@dataclass(frozen=True)
class Identity:
    """Another provider with which a person signs in, and the address that they have there."""

    provider: str
    email: str
    since: datetime


@dataclass(frozen=True)
class Unsent:
    """A letter that could not be sent yet, or was given up, with what the mail server said."""

    to: str
    subject: str
    trouble: str
    is_given_up: bool
