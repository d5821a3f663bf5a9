"""A dataset whose data was fetched again: a new version of it, read, split and processed as the one before."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.engine import reading
from db.tables.datasets import DatasetVersionRow
from mhub_core.accounts.records import User
from mhub_core.datasets import addition_service
from mhub_core.datasets.child import REPLACE
from mhub_core.errors import Conflict
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing
from mhub_core.storage import uploads

_NOTE = "fetched again"


def renew(user: User | None, dataset_id: int, receipt: str) -> int | None:
    """Make a version of an upload that takes the place of the one before, with its steps; a worker prepares it. Returns its id,
    or None where the upload is the same, byte for byte."""
    person = policy.require_signed_in(user)
    upload = uploads.unseal(person.id, receipt)
    with reading() as session:
        sharing.require_row(session, user, policy.EDIT, sharing.DATASET, dataset_id)
        newest, root = _newest_and_root(session, dataset_id)
        is_same = root.request.get("upload_key") == upload.key
    return None if is_same else addition_service.add(person, newest.id, receipt, REPLACE, _NOTE)


def _newest_and_root(session: Session, dataset_id: int) -> tuple[DatasetVersionRow, DatasetVersionRow]:
    """Return the newest ready version, and the one of the last upload from which it came."""
    ready = select(DatasetVersionRow).where(DatasetVersionRow.dataset_id == dataset_id, DatasetVersionRow.state == "ready")
    newest = session.scalar(ready.order_by(DatasetVersionRow.number.desc()).limit(1))
    row = newest
    while row is not None and "upload_key" not in row.request:
        row = session.get(DatasetVersionRow, row.parent_id) if row.parent_id else None
    if newest is None or row is None:
        raise Conflict("How this data was first read is no longer known.", mend="Make a new dataset from the source.")
    return newest, row
