"""The verbs of mail: put a letter into the outbox. Workers send it, see `mail.worker_service`."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from db.tables.mail import OutboxRow
from mhub_core import settings
from mhub_core.errors import Invalid, Unavailable
from mhub_core.mail import smtp

MAX_SUBJECT, MAX_TEXT = 150, 20_000
# One address and nothing else: no second one, no name, no line that would become a header of its own.
_ADDRESS = re.compile(r"[!-~]+@[!-~]+")
_NOT_IN_ONE = re.compile(r"[\s<>\"',;:()\[\]\\]")


def is_configured() -> bool:
    """Tell whether this hub sends mail."""
    return bool(settings.text("MHUB_SMTP_URL"))


def require_configured() -> None:
    """Raise Unavailable where this hub sends no mail."""
    if not is_configured():
        raise Unavailable("This hub does not send e-mail.", mend="Ask its administrator for help.")


def check() -> None:
    """Raise ValueError that names the setting of mail that is wrong or missing, before somebody waits for a letter."""
    if smtp.server() is None:
        return
    smtp.sender()
    settings.require_address("MHUB_SMTP_URL")


def link(path: str) -> str:
    """Return the address of a page of this hub for a letter, such as `link("/Account")`.

    It is made of the setting MHUB_ADDRESS, never of what a browser says: else a stranger could have links of their own sent.
    """
    return settings.address() + path


def is_address(text: str) -> bool:
    """Tell whether a letter can be sent to this."""
    try:
        smtp.recipient(text)
    except smtp.NoAddress:
        return False
    return True


def put(session: Session, to: str, subject: str, text: str) -> None:
    """Put a letter in plain text into the outbox, within a write transaction: it is sent when that commits, within seconds.

    `subject` becomes one line. Without a mail server nothing is put. Raises Invalid when `to` is not one address.
    """
    if not (_ADDRESS.fullmatch(to) and not _NOT_IN_ONE.search(to) and len(to) <= 254):
        raise Invalid("This is not an e-mail address.", "One address such as ada@school.edu.")
    if is_configured():
        session.add(OutboxRow(recipient=to, subject=_one_line(subject), text=_printable(text)[:MAX_TEXT]))


def _one_line(subject: str) -> str:
    return " ".join(_printable(subject).split())[:MAX_SUBJECT]


def _printable(text: str) -> str:
    """Return a text without what a database or a mail server does not take, or a reader does not see."""
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)
