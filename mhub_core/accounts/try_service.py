"""Counting tries at something that is throttled, over all web processes."""

from __future__ import annotations

from sqlalchemy import delete, func, or_, select

from db.base import now
from db.engine import writing
from db.tables.accounts import AttemptRow
from mhub_core.accounts import throttle
from mhub_core.errors import Throttled


def count(limit: throttle.Limit, who: str, happened: str = "Too many attempts.") -> int:
    """Count one try and return its id. Raises Throttled, in the words of `happened` and uncounted, while a wait lasts."""
    subject, at = limit.subject(who), now()
    with writing() as session:
        if session.get_bind().dialect.name == "postgresql":  # else tries that come all at once would not see each other
            session.execute(select(func.pg_advisory_xact_lock(func.hashtext(subject))))
        session.execute(delete(AttemptRow).where(AttemptRow.at < at - throttle.WINDOW))
        tries = session.scalars(select(AttemptRow.at).where(AttemptRow.subject == subject)).all()
        seconds = throttle.wait(limit, tries, at).total_seconds()
        if seconds > 0:
            raise Throttled(happened, mend=f"Wait {max(1, round(seconds))} seconds and try again.")
        row = AttemptRow(subject=subject, at=at)
        session.add(row)
        session.flush()
        return row.id


def forgive(*attempt_ids: int, subject: str = "") -> None:
    """Count tries no longer, nor any that were counted under a subject: it was right."""
    with writing() as session:
        session.execute(delete(AttemptRow).where(or_(AttemptRow.id.in_(attempt_ids), AttemptRow.subject == subject)))
