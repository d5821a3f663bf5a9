"""The one rule of who may do what with a thing, for one thing and as SQL. `service.py` reads the grants that it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, CompoundSelect, false, or_, true

from mhub_core.errors import Forbidden, Invalid, MHubError, NotFound, SignInRequired

PRIVATE, PUBLIC = VISIBILITIES = ("private", "public")
READ, EDIT, MANAGE, OWN = LEVELS = ("read", "edit", "manage", "own")  # each may do what those before it may
GRANTABLE = (READ, EDIT, MANAGE)


class Person(Protocol):
    """What the policy needs to know of who is asking."""

    @property
    def id(self) -> int:
        """Return the number of the account."""

    @property
    def is_admin(self) -> bool:
        """Return whether nothing is kept from this account."""


AnyPerson = TypeVar("AnyPerson", bound=Person)


@dataclass(frozen=True)
class Thing:
    """What the policy needs to know of a model, a dataset, a project ... `owner_id` None: it came with the hub."""

    kind: str
    id: int
    owner_id: int | None
    visibility: str


def level(viewer: Person | None, thing: Thing, granted: str | None = None) -> str | None:
    """Return how far the viewer (None: a visitor) may go, or None when the thing is not theirs to see.

    `granted` is the level that the viewer was given on the thing, by a grant or as a member of a project.
    """
    if viewer is not None and (viewer.is_admin or viewer.id == thing.owner_id):
        return OWN
    if viewer is not None and granted in GRANTABLE:
        return granted
    return READ if thing.visibility == PUBLIC else None


def reaches(has: str | None, needs: str) -> bool:
    """Tell whether one level is as high as another."""
    return has is not None and LEVELS.index(has) >= LEVELS.index(needs)


def lower(one: str, other: str) -> str | None:
    """Return the lower of two levels, or None where one of them can be granted by nobody."""
    return min(one, other, key=LEVELS.index) if {one, other} <= set(GRANTABLE) else None


def granting(needs: str) -> tuple[str, ...]:
    """Return the levels of grants that reach a level."""
    return tuple(one for one in GRANTABLE if reaches(one, needs))


def require_grantable(level: str) -> None:
    """Raise Invalid for a level that nobody can be given."""
    if level not in GRANTABLE:
        raise Invalid(f"“{level}” cannot be granted.", f"One of {', '.join(GRANTABLE)}.", "Choose one of these.")


def allowed(viewer: Person | None, needs: str, row: Any, granted_ids: CompoundSelect[int]) -> ColumnElement[bool]:
    """Return as SQL whether `level` reaches a level, for a table that has `id`, `owner_id` and `visibility`.

    `granted_ids` selects the ids of the things that the viewer reaches at that level by grants: see `reach_service`.
    """
    return or_(*reasons(viewer, needs, row, granted_ids))


def reasons(viewer: Person | None, needs: str, row: Any, granted_ids: CompoundSelect[int]) -> tuple[ColumnElement[bool], ...]:
    """Return the parts of `allowed`, any of which is enough: each can be looked up in an index of its own."""
    public = (row.visibility == PUBLIC,) if needs == READ else ()
    if viewer is None:
        return public or (false(),)
    return (owned(viewer, row),) if viewer.is_admin else (*public, *personal_reasons(viewer, row, granted_ids))


def personal_reasons(viewer: Person, row: Any, granted_ids: CompoundSelect[int]) -> tuple[ColumnElement[bool], ...]:
    """Return the parts of `allowed` that depend on who is asking: what a visitor may not."""
    return owned(viewer, row), row.id.in_(granted_ids)


def owned(viewer: Person | None, row: Any) -> ColumnElement[bool]:
    """Return as SQL whether the viewer has the level "own", for a table that has `owner_id`."""
    if viewer is None:
        return false()
    mine: ColumnElement[bool] = true() if viewer.is_admin else row.owner_id == viewer.id
    return mine


def require(viewer: Person | None, needs: str, thing: Thing, granted: str | None = None) -> None:
    """Let the viewer through to a thing, or raise as `demand` does."""
    demand(viewer, level(viewer, thing, granted), needs, thing.kind)


def demand(viewer: Person | None, has: str | None, needs: str, kind: str) -> None:
    """Let a viewer through who has the level that a verb needs, or raise.

    Raises:
        NotFound: the viewer may not even know that the thing exists.
        SignInRequired: a visitor wants to change something.
        Forbidden: somebody else's.
    """
    if has is None:
        raise hidden(kind)
    if not reaches(has, needs):
        require_signed_in(viewer)
        raise Forbidden(
            f"This {kind} belongs to another person.",
            "Only its owner, or a person with the owner's permission, can do this.",
            "Ask its owner.",
        )


def hidden(kind: str) -> MHubError:
    """Return the error for a thing that is not there, which is also the one for a thing that the viewer may not see."""
    return NotFound(f"This {kind} does not exist, or it is private.", mend="Check the address, or sign in as its owner.")


def require_signed_in(viewer: AnyPerson | None) -> AnyPerson:
    """Return the viewer. Raises SignInRequired for a visitor."""
    if viewer is None:
        raise SignInRequired()
    return viewer


def require_administrator(admin: Person | None, what: str) -> None:
    """Raise Forbidden for all but an administrator. `what` they want to do, such as "invite people"."""
    if admin is None or not admin.is_admin:
        raise Forbidden(f"Only an administrator can {what}.")
