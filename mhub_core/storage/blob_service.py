"""The list of all blobs and their sizes. The file store itself is asked for neither."""

from __future__ import annotations

import logging

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.engine import database_now, writing
from db.tables.storage import BlobRow
from mhub_core.errors import Unavailable

_log = logging.getLogger(__name__)


def record(key: str, num_bytes: int, sender_id: int | None = None) -> None:
    """Note that a blob is being stored, for the first time or again. Call it before the file is there, and in no transaction.
    `sender_id`: who sent it first counts as its sender.

    Before, so that no file is in the store of which nobody knows; again, because whoever removes what nothing names goes by
    when it was stored last. A database that is away keeps nobody from storing: then the blob is counted later.
    """
    try:
        with writing() as session:
            add(session, key, num_bytes, sender_id)
    except Unavailable as error:
        _log.warning("the blob %s is not counted yet: %s", key[:12], error)


def add(session: Session, key: str, num_bytes: int, sender_id: int | None) -> None:
    """Note the same in a transaction."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    new = insert(BlobRow).values(key=key, num_bytes=num_bytes, created=database_now(session), sender_id=sender_id)
    session.execute(new.on_conflict_do_update(index_elements=[BlobRow.key], set_={"created": new.excluded.created}))
