"""Every error that M-Hub shows to a person. Each says what happened, what was expected and how to mend it."""

from __future__ import annotations


class MHubError(Exception):
    """Base of all errors that a person may read.

    `problems` holds one entry per form field when several things are wrong at once: `{"epochs": "must be 1 or more"}`.
    """

    status = 400

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
