"""One look: what a page reads while it is drawn, it reads in one transaction.

A page asks some ten verbs, and most of them begin alike: who is looking, is there such a thing, and may this person see it?
Within `one_look()` all readings of the thread share a transaction, whose session keeps what it has read (`db.engine`). Whatever
is written in between ends it, so that a page sees its own changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any


class Look:
    """What one look holds open: a session of the database, which this room knows nothing about."""

    def __init__(self) -> None:
        self._session: Any = None

    def session(self, begin: Callable[[], Any]) -> Any:
        """Return the session of this look, begun when it is asked for first."""
        if self._session is None:
            self._session = begin()
        return self._session

    def forget(self) -> None:
        """Read anew from now on."""
        session, self._session = self._session, None
        if session is not None:
            session.close()


_look: ContextVar[Look | None] = ContextVar("look", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """Read in one transaction within the block, in this thread."""
    look = Look()
    token = _look.set(look)
    try:
        yield
    finally:
        _look.reset(token)
        look.forget()


def current() -> Look | None:
    """Return the look that this thread is within, if any."""
    return _look.get()


def forget() -> None:
    """Read anew from now on: something was written, or there is a wait ahead that no transaction should last through."""
    look = _look.get()
    if look is not None:
        look.forget()
