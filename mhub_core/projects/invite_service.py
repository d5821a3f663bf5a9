"""Sharing a model, a dataset or a project with a person that one knows by name or e-mail, and handing it over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from db.engine import reading
from db.tables.sharing import GrantRow
from mhub_core.accounts import find_service, throttle, try_service
from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts.records import User
from mhub_core.errors import Invalid, TooLarge
from mhub_core.notices import service as notices
from mhub_core.sharing import owner_service, policy
from mhub_core.sharing import service as sharing
from mhub_core.sharing.reach_service import on


def invite(user: User | None, kind: str, thing_id: int, who: str, level: str) -> str:
    """Let the person with this e-mail address or name read, edit or manage a thing. Returns what the person is called.

    Raises Throttled for who tells one person too often, and as `find_service.find_person` and
    `sharing.service.grant` do.
    """
    person_id, name = find_service.find_person(user, who)
    giver = policy.require_signed_in(user)
    sharing.require_kind(kind)
    with reading() as session:  # who may not share it is told so, and not to wait
        sharing.require_row(session, giver, policy.MANAGE, kind, thing_id)
    try_service.count(
        throttle.INVITE, f"{giver.id} {person_id}", f"You have shared many things with {name} within the last hour."
    )
    with sharing.giving() as session:
        row = sharing.give(session, user, kind, thing_id, person_id, level)
        _tell(session, user, person_id, kind, row, "shared", f"with you. You can {level} it.")
    return name


def hand_over(user: User | None, kind: str, thing_id: int, person_id: int) -> None:
    """Make somebody who has a grant on a thing its owner; who owned it manages it from then on. A source of data is forgotten.

    Raises Invalid when the person has no grant, TooLarge when its files do not fit into the person's room, and NotFound,
    SignInRequired or Forbidden for all but the owner.
    """
    owner = policy.require_signed_in(user)
    sharing.require_kind(kind)
    with sharing.giving() as session:
        row = sharing.require_row(session, owner, policy.OWN, kind, thing_id, hold=True)
        taken = delete(GrantRow).where(*on(kind, thing_id), GrantRow.person_id == person_id).returning(GrantRow.id)
        if session.scalar(taken) is None:
            told = f"This person has no permission on this {kind}."
            raise Invalid(told, "It can be handed over to a person it is shared with.", "Share it with the person first.")
        before = row.owner_id
        left = owner_service.give(session, kind, thing_id, person_id)
        if before is not None:
            sharing.put(session, kind, thing_id, before, policy.MANAGE)
        session.flush()
        if not quotas.fits(session, person_id):
            told = f"The files of this {kind} do not fit into what this person may store."
            raise TooLarge(told, mend="Ask the administrator of this hub to raise the person's storage limit.")
        more = " Its source was not handed over, so it cannot be refreshed." if left else ""
        _tell(session, owner, person_id, kind, row, "handed", f"over to you. You own it now.{more}")


def _tell(session: Session, user: User | None, person_id: int, kind: str, row: Any, did: str, what: str) -> None:
    """Tell somebody what they were given."""
    person = policy.require_signed_in(user)
    words = f"{person.name} {did} the {kind} {row.name} {what}"
    notices.tell(session, [person_id], notices.INVITATION, kind, row.id, person.id, words)
