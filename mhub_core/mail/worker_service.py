"""The verbs of mail for workers: send what is due, try again after growing pauses, and give up in words.

A worker moves the time at which a letter is due before it sends it, by one conditional update: nobody else takes it meanwhile.
Sent letters are deleted, with the links that they hold. One that a worker handed in as it died is sent again, under its number.
"""

from __future__ import annotations

import logging
import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from db.engine import database_now, num_changed, reading, writing
from db.tables.mail import OutboxRow
from mhub_core.mail import smtp

_log = logging.getLogger(__name__)
_LEASE = timedelta(minutes=5)  # longer than a server may take
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360)]  # between the tries, of which there is one more
_KEPT = timedelta(days=7)  # how long is known what could not be sent
_MOST_AT_ONCE = 50


@dataclass(frozen=True)
class _Letter:
    id: int
    to: str
    subject: str
    text: str
    tries: int
    created: datetime


def send_due() -> int:
    """Send the letters that are due, the oldest first, and return how many were. Raises ValueError for a wrong setting."""
    where = smtp.server()
    if where is None:
        return 0
    with reading() as session:
        at = database_now(session)
        due = session.scalars(
            select(OutboxRow.id).where(OutboxRow.due <= at).order_by(OutboxRow.due, OutboxRow.id).limit(_MOST_AT_ONCE)
        ).all()
    return sum(_send(where, letter_id) for letter_id in due)


def _send(where: smtp.Server, letter_id: int) -> bool:
    letter = _claim(letter_id)
    if letter is None:
        return False
    try:
        smtp.send(where, smtp.letter(letter.to, letter.subject, letter.text, f"{letter.id}.{letter.created:%Y%m%d%H%M%S%f}"))
    except (smtplib.SMTPException, OSError) as error:
        _failed(letter, error)
        return False
    with writing() as session:
        session.execute(delete(OutboxRow).where(OutboxRow.id == letter.id))
    return True


def _claim(letter_id: int) -> _Letter | None:
    """Take a letter that is due, or None when somebody else was quicker."""
    with writing() as session:
        at = database_now(session)
        mine = update(OutboxRow).where(OutboxRow.id == letter_id, OutboxRow.due <= at)
        if not num_changed(session, mine.values(due=at + _LEASE, tries=OutboxRow.tries + 1)):
            return None
        row = session.get_one(OutboxRow, letter_id)
        return _Letter(row.id, row.recipient, row.subject, row.text, row.tries, row.created)


def _failed(letter: _Letter, error: Exception) -> None:
    """Set the time of the next try; after the last one forget the letter's text and keep what was wrong."""
    said = smtp.in_words(error)
    is_last = smtp.is_final(error) or letter.tries > len(PAUSES)
    with writing() as session:
        at = database_now(session)
        next_try: datetime | None = None if is_last else at + PAUSES[letter.tries - 1]
        mine = update(OutboxRow).where(OutboxRow.id == letter.id, OutboxRow.tries == letter.tries)
        session.execute(mine.values(due=next_try, trouble=said, text="" if is_last else letter.text))
        session.execute(delete(OutboxRow).where(OutboxRow.due.is_(None), OutboxRow.created < at - _KEPT))
    end = "it is given up" if is_last else f"it is tried again at {next_try:%H:%M} UTC"
    _log.warning("The e-mail %r to %s was not sent, try %d: %s; %s", letter.subject, letter.to, letter.tries, said, end)
