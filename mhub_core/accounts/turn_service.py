"""One after the other: what is counted by person is counted by one at a time, also from several web processes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.accounts import UserRow


def take(session: Session, user_id: int) -> None:
    """Hold a person's row until the end of a transaction. SQLite has one writer at a time anyway.

    Rows that refer to the person may be written meanwhile: a worker that ends a run tells its owner while it holds what the owner
    waits for.
    """
    session.execute(select(UserRow.id).where(UserRow.id == user_id).with_for_update(key_share=True))
