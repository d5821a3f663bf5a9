"""The letters of accounts, put into the outbox within the transaction of a verb."""

from __future__ import annotations

from sqlalchemy.orm import Session

from mhub_core.accounts import hub_service, links
from mhub_core.accounts.links import Owner
from mhub_core.mail import service as mail


def reset(session: Session, owner: Owner) -> None:
    """Send the link with which a forgotten password is set anew."""
    hub, link = hub_service.name(), mail.link(f"/Account?reset={links.reset(owner, links.HOUR)}")
    mail.put(
        session,
        owner.email,
        f"Set a new password on {hub}",
        f"Somebody, probably you, asked to set a new password on {hub}.\n\n"
        f"Open this link within an hour. It works once:\n{link}\n\n"
        "If it was not you, ignore this e-mail: your password stays as it is.\n",
    )


def confirm(session: Session, owner: Owner, new_email: str | None = None) -> None:
    """Send the link that shows that an address is a person's: the one they have, or a new one that they want to have.

    Nothing in it was typed by anybody: else strangers could have their words sent to any address.
    """
    hub, link = hub_service.name(), mail.link(f"/Account?confirm={links.confirm(owner, new_email or owner.email)}")
    what = f"use this e-mail address for your account on {hub}" if new_email else "confirm that this e-mail address is yours"
    mail.put(
        session,
        new_email or owner.email,
        f"Confirm your {'new ' if new_email else ''}e-mail address on {hub}",
        f"Open this link within a week to {what}:\n{link}\n\nIf you did not ask for this, ignore this e-mail: nothing changes.\n",
    )


def changed(session: Session, email: str, name: str, new_email: str) -> None:
    """Tell the old address of a person that another one was taken."""
    hub = hub_service.name()
    mail.put(
        session,
        email,
        f"Your e-mail address on {hub} was changed",
        f"Hello {name},\n\nyour account on {hub} now has the e-mail address {new_email}.\n\n"
        "If you did not change it, ask the administrator of the hub for help.\n",
    )


def test(session: Session, email: str) -> None:
    """Send an administrator a letter that shows that the hub's mail arrives."""
    hub = hub_service.name()
    mail.put(session, email, f"Test e-mail from {hub}", f"The mail settings of {hub} work. Its address is {mail.link('/')}\n")
