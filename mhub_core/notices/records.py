"""What the notices room hands out, and what it needs to know of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Reader(Protocol):
    """Somebody with an account."""

    @property
    def id(self) -> int:
        """Return the number of the account."""


def query_of(thing_id: int, comment_id: int | None = None) -> dict[str, int]:
    """Return the query with which the page of a thing shows it, and there a comment."""
    return {"id": thing_id} if comment_id is None else {"id": thing_id, "comment": comment_id}


@dataclass(frozen=True)
class Notice:
    """Something that a person was told. `words`: a plain sentence."""

    id: int
    kind: str
    thing_kind: str
    thing_id: int
    comment_id: int | None
    words: str
    created: datetime
    is_read: bool

    @property
    def page(self) -> str:
        """Return the page that shows the thing: it is called as the kind of the thing."""
        return page_of(self.thing_kind)

    @property
    def query(self) -> dict[str, int]:
        """Return what the address of that page holds."""
        return query_of(self.thing_id, self.comment_id)


def page_of(thing_kind: str) -> str:
    """Return the page that shows a thing of a kind by `?id=`."""
    return thing_kind.capitalize()


@dataclass(frozen=True)
class Latest:
    """The newest notices of a person, and how many of all are unread."""

    num_unread: int
    notices: tuple[Notice, ...]


@dataclass(frozen=True)
class Choice:
    """How a person wants to be told of one kind."""

    in_hub: bool = True
    by_mail: bool = False
