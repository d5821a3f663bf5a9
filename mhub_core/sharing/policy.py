"""The one policy that every verb of every room asks."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, or_, true

from mhub_core.errors import Forbidden, NotFound, SignInRequired

PUBLIC, PRIVATE = "public", "private"


class Person(Protocol):
    """What the policy needs to know of who is asking."""

    id: int
    is_admin: bool


AnyPerson = TypeVar("AnyPerson", bound=Person)


def may(viewer: Person | None, action: str, *, owner_id: int | None, visibility: str) -> bool:
    """Return whether `viewer` (None: a visitor) may `see`, `edit` or `manage` a thing. `owner_id` None: it came with the hub."""
    if action == "see" and visibility == PUBLIC:
        return True
    return viewer is not None and (viewer.is_admin or viewer.id == owner_id)


def visible(viewer: Person | None, row: Any) -> ColumnElement[bool]:
    """Return the rule of `may(viewer, "see")` as SQL, for a table that has `owner_id` and `visibility`."""
    if viewer is None:
        return row.visibility == PUBLIC
    return true() if viewer.is_admin else or_(row.visibility == PUBLIC, row.owner_id == viewer.id)


def require(viewer: Person | None, action: str, *, owner_id: int | None, visibility: str, what: str) -> None:
    """Let the viewer through, or raise.

    Raises:
        NotFound: the viewer may not even know that the thing exists.
        SignInRequired: a visitor wants to change something.
        Forbidden: somebody else's.
    """
    if may(viewer, action, owner_id=owner_id, visibility=visibility):
        return
    if not may(viewer, "see", owner_id=owner_id, visibility=visibility):
        raise NotFound(f"This {what} does not exist, or it is private.", mend="Check the address, or sign in as its owner.")
    require_signed_in(viewer)
    raise Forbidden(f"This {what} belongs to somebody else.", "Only its owner may change it.", "Make a copy of your own.")


def require_signed_in(viewer: AnyPerson | None) -> AnyPerson:
    """Return the viewer. Raises SignInRequired for a visitor."""
    if viewer is None:
        raise SignInRequired("This needs an account.", mend="Sign in or sign up; you come back here afterwards.")
    return viewer
