"""A dataset whose data was fetched again: a new version of it, read and split as the first one was."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.engine import writing
from db.tables.datasets import DatasetVersionRow
from mhub_core.accounts.records import User
from mhub_core.datasets import service
from mhub_core.errors import Conflict
from mhub_core.sharing import policy
from mhub_core.sharing import service as sharing
from mhub_core.storage import uploads

_OF_THE_FILE = ("upload_key", "file_name", "num_bytes", "stored", "same_as", "from")


def renew(user: User | None, dataset_id: int, receipt: str) -> int | None:
    """Make a version of an upload that takes the place of the one before; a worker prepares it. Returns its id, or None where the
    upload is the same, byte for byte."""
    person = policy.require_signed_in(user)
    upload = uploads.unseal(person.id, receipt)
    with writing() as session:
        sharing.require_row(session, user, policy.EDIT, sharing.DATASET, dataset_id, hold=True)
        newest, root = _newest_and_root(session, dataset_id)
        if root.request.get("upload_key") == upload.key:
            return None
        service.require_turn(session, person)
        request = {name: value for name, value in root.request.items() if name not in _OF_THE_FILE}
        request |= {"upload_key": upload.key, "file_name": upload.file_name, "num_bytes": upload.num_bytes}
        request |= {"stored": upload.stored.isoformat(), "from": newest.number, "fetched": True}
        number = session.scalar(select(func.max(DatasetVersionRow.number)).where(DatasetVersionRow.dataset_id == dataset_id))
        facts = {"parent_id": newest.id, "author_id": person.id, "request": request, "progress": {}}
        row = DatasetVersionRow(dataset_id=dataset_id, number=(number or 0) + 1, **facts)
        session.add(row)
        session.flush()
        version_id = row.id
    service.send(version_id)
    return version_id


def _newest_and_root(session: Session, dataset_id: int) -> tuple[DatasetVersionRow, DatasetVersionRow]:
    """Return the newest ready version, and the one at its root that was made of an upload."""
    ready = select(DatasetVersionRow).where(DatasetVersionRow.dataset_id == dataset_id, DatasetVersionRow.state == "ready")
    newest = session.scalar(ready.order_by(DatasetVersionRow.number.desc()).limit(1))
    row = newest
    while row is not None and row.recipe:
        row = session.get(DatasetVersionRow, row.parent_id) if row.parent_id else None
    if newest is None or row is None or "target" not in row.request:
        raise Conflict("How this data was first read is no longer known.", mend="Make a new dataset from the source.")
    return newest, row
