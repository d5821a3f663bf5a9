"""Every error that M-Hub shows to a person. Each says what happened, what was expected and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class MHubError(Exception):
    """Base of all errors that a person may read.

    `problems` holds one entry per form field when several things are wrong at once: `{"epochs": "must be 1 or more"}`.
    """

    status = 400
    own_fields: tuple[str, ...] = ()  # what a child keeps beside the four, plain JSON; each has a default in its class

    def __init__(self, happened: str, expected: str = "", mend: str = "", problems: dict[str, str] | None = None) -> None:
        self.happened = happened
        self.expected = expected
        self.mend = mend
        self.problems = problems or {}
        super().__init__(" ".join(part for part in (happened, expected, mend) if part))


class Invalid(MHubError):
    """Raised when what a person gave does not pass the checks."""


class NotFound(MHubError):
    """Raised when a thing does not exist, or when the reader may not know that it does."""

    status = 404


class SignInRequired(MHubError):
    """Raised when a visitor tries something that needs an account."""

    status = 401

    def __init__(
        self,
        happened: str = "This needs an account.",
        expected: str = "",
        mend: str = "Sign in or sign up; you will return here afterwards.",
        problems: dict[str, str] | None = None,
    ) -> None:
        super().__init__(happened, expected, mend, problems)


class Forbidden(MHubError):
    """Raised when a signed-in person lacks the right for a verb."""

    status = 403


class Conflict(MHubError):
    """Raised when the thing changed meanwhile, or is in use."""

    status = 409


class Throttled(MHubError):
    """Raised when somebody tries too often."""

    status = 429


class TooLarge(MHubError):
    """Raised when an upload or a request passes a limit."""

    status = 413


class Unavailable(MHubError):
    """Raised when the database, the broker, the storage or a worker is away."""

    status = 503


class Busy(Unavailable):
    """Raised when as many others as there is room for are being served; after a moment it may be different."""


class Damaged(Unavailable):
    """Raised when the file of the database cannot be read any more."""


def to_json(error: MHubError) -> dict[str, Any]:
    """Return an error as plain JSON, so that it crosses processes and is kept in rows."""
    own = {name: getattr(error, name) for name in error.own_fields}
    told = {"happened": error.happened, "expected": error.expected, "mend": error.mend, "problems": error.problems}
    return {"kind": type(error).__name__, **told, **own}


def from_json(data: dict[str, Any]) -> MHubError:
    """Return the error that `to_json` wrote. A kind that this process does not know becomes an MHubError."""
    kind = next((known for known in _kinds(MHubError) if known.__name__ == data.get("kind")), MHubError)
    error = kind.__new__(kind)  # a child's own constructor may word the fields anew
    happened = data.get("happened") or "Something went wrong, and no details are available."
    MHubError.__init__(error, happened, data.get("expected") or "", data.get("mend") or "", data.get("problems"))
    for name in kind.own_fields:
        if name in data:
            setattr(error, name, data[name])
    return error


def _kinds(base: type[MHubError]) -> Iterator[type[MHubError]]:
    """Give a kind of error and all that descend from it."""
    yield base
    for child in base.__subclasses__():
        yield from _kinds(child)
