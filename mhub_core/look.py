"""One look: what a page reads while it is drawn, it reads in one transaction and only once.

A page asks some ten verbs, and most of them begin alike: who is looking, is there such a thing, and may this person see it?
Within `one_look()` all readings of the thread share a transaction (see `db.engine`), and `once` keeps answers. Whatever is
written in between ends both, so that a page sees its own changes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class Look:
    """What one look has read so far, and what has to be closed at its end."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, Any] = {}
        self._closers: list[Callable[[], None]] = []

    def answer(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """Return what `ask` returned when it was asked first under a key."""
        if key not in self._answers:
            self._answers[key] = ask()
        found: Answer = self._answers[key]
        return found

    def at_the_end(self, close: Callable[[], None]) -> None:
        """Have something done when the answers are forgotten."""
        self._closers.append(close)

    def forget(self) -> None:
        """Read anew from now on."""
        self._answers.clear()
        while self._closers:
            self._closers.pop()()


_look: ContextVar[Look | None] = ContextVar("look", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """Read each thing once within the block, in this thread."""
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


def once(key: Hashable, ask: Callable[[], Answer]) -> Answer:
    """Return what `ask` returns; within a look it is asked once under a key, which begins with the name of what is asked."""
    look = _look.get()
    return ask() if look is None else look.answer(key, ask)


def forget() -> None:
    """Read anew from now on: something was written, or there is a wait ahead that no transaction should last through."""
    look = _look.get()
    if look is not None:
        look.forget()
