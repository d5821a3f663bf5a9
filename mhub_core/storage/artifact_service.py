"""What runs and model versions left in the file store, which blobs anything names, and how much of it is whose.

Whoever may see a run or a version may see what it left: the verbs of those rooms ask for that, these do not.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, cast, delete, func, or_, select, union_all, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.engine import database_now, num_changed, reading, writing
from db.tables.accounts import UserRow
from db.tables.datasets import DatasetRow, DatasetVersionRow
from db.tables.models import ModelRow, ModelVersionRow
from db.tables.runs import RunRow
from db.tables.storage import ArtifactRow, BlobRow
from mhub_core.errors import NotFound
from mhub_core.storage import blob_service
from mhub_core.storage import service as storage
from mhub_core.storage.records import Artifact

MODEL = "model"  # the role of a trained model that can predict
# A blob that nothing names may be named yet: a receipt of an upload is good for a day, and a worker may wait for the database.
GRACE = timedelta(hours=48)
_MOMENT = timedelta(minutes=10)
NAMING_COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (ArtifactRow.key, ModelVersionRow.model_key, UserRow.picture_key)
_OF_DATASETS: tuple[InstrumentedAttribute[Any], ...] = (
    DatasetVersionRow.request,
    DatasetVersionRow.spec,
    DatasetVersionRow.report,  # its profile
)
NAMING_JSON: tuple[InstrumentedAttribute[Any], ...] = (
    *_OF_DATASETS,
    ModelVersionRow.serving,
    ModelVersionRow.content,
    RunRow.spec,
    RunRow.result,
)
_AT_ONCE = 500  # a database takes only so many values in one question
_KEY_IN_JSON = re.compile(r'"([0-9a-f]{64})"')
_log = logging.getLogger(__name__)
_FIELDS = tuple(getattr(ArtifactRow, name) for name in Artifact.__dataclass_fields__)


def record(
    session: Session, role: str, key: str, *, run_id: int | None = None, version_id: int | None = None, epoch: int | None = None
) -> None:
    """Note in a transaction what a run or (not and) a model version left."""
    session.add(ArtifactRow(role=role, key=key, run_id=run_id, version_id=version_id, epoch=epoch))


def list_artifacts(*, run_id: int | None = None, version_id: int | None = None, role: str | None = None) -> list[Artifact]:
    """Return what a run or a model version left, in the order in which it did; of one role or of all."""
    query = select(*_FIELDS).order_by(ArtifactRow.id)
    for column, wanted in ((ArtifactRow.run_id, run_id), (ArtifactRow.version_id, version_id), (ArtifactRow.role, role)):
        query = query.where(column == wanted) if wanted is not None else query
    with reading() as session:
        return [Artifact(*row) for row in session.execute(query)]


def require_artifact(artifact_id: int) -> Artifact:
    """Return one artifact. Raises NotFound when it is gone with its run or version."""
    with reading() as session:
        row = session.execute(select(*_FIELDS).where(ArtifactRow.id == artifact_id)).one_or_none()
    if row is None:
        raise NotFound("The files of this run have been deleted.", "The run or version must still exist.", "Choose another one.")
    return Artifact(*row)


def num_bytes_of(user_id: int) -> int:
    """Return how many bytes of the store a person's uploads, runs, models, datasets and image fill. What several of them name
    counts once, and what nothing names any more until it is collected."""
    with reading() as session:
        return num_bytes_in(session, user_id)


def num_bytes_in(session: Session, user_id: int) -> int:
    """Return the same as a transaction sees it."""
    keys = set(session.scalars(_SENT, {"user": user_id}))
    keys.update(session.scalars(_LEFT, {"user": user_id}))
    keys.update(session.scalars(select(UserRow.picture_key).where(UserRow.id == user_id, UserRow.picture_key.is_not(None))))
    for texts in session.execute(_TEXTS, {"user": user_id}):
        keys.update(key for text in texts if text for key in _KEY_IN_JSON.findall(text))
    return _num_bytes(session, sorted(keys))


# Put together once, because that takes as long as to ask.
_SENT = select(BlobRow.key).where(BlobRow.sender_id == bindparam("user"))
_LEFT = union_all(  # by runs and by models apart: for both at once a database reads what everybody left
    select(ArtifactRow.key).join(RunRow, RunRow.id == ArtifactRow.run_id).where(RunRow.owner_id == bindparam("user")),
    select(ArtifactRow.key)
    .join(ModelVersionRow, ModelVersionRow.id == ArtifactRow.version_id)
    .join(ModelRow, ModelRow.id == ModelVersionRow.model_id)
    .where(ModelRow.owner_id == bindparam("user")),
)
_TEXTS = (
    select(*(cast(column, Text) for column in _OF_DATASETS))
    .join(DatasetRow, DatasetRow.id == DatasetVersionRow.dataset_id)
    .where(DatasetRow.owner_id == bindparam("user"))
    .execution_options(yield_per=100)
)


def _num_bytes(session: Session, keys: list[str]) -> int:
    total = select(func.sum(BlobRow.num_bytes))
    some = (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))
    return sum(int(session.scalar(total.where(BlobRow.key.in_(of_them))) or 0) for of_them in some)


def _text(column: InstrumentedAttribute[Any]) -> Select[str]:
    return select(cast(column, Text)).where(column.is_not(None))


def _keys_in(session: Session, texts: Select[str]) -> Iterator[str]:
    """Give every text in some JSON that could be a key, wherever it stands: rows of other releases are read too."""
    for text in session.scalars(texts.execution_options(yield_per=100)):
        yield from _KEY_IN_JSON.findall(text)


def unnamed(grace: timedelta = GRACE) -> list[str]:
    """Return the blobs that no row names and that were last stored longer ago than the grace period."""
    with reading() as session:
        _see_one_moment(session)
        before = database_now(session) - grace
        left = set(session.scalars(select(BlobRow.key).where(BlobRow.created < before)))
        for column in NAMING_COLUMNS:
            left.difference_update(session.scalars(select(column).execution_options(yield_per=1000)))
        for column in NAMING_JSON:
            left.difference_update(_keys_in(session, _text(column)))
    return sorted(left)


def collect(grace: timedelta = GRACE) -> int:
    """Remove the blobs that nothing names; returns how many bytes that freed. May be called by several workers at once.

    Files that are in the store and were never counted are counted first, and so collected after a grace period. Unfinished
    files of processes that were killed go after the same time. Raises Unavailable.
    """
    storage.clear_incoming(grace)
    _count(set(storage.list_keys()) - _counted())
    return sum(_remove(key, grace) for key in unnamed(grace))


def release(key: str, stored: datetime, sender_id: int) -> int:
    """Remove at once a blob of which its sender needs no more, unless something names it, somebody stored it after `stored`, or
    another person sent it first, who may still want it. Returns how many bytes that freed. Raises Unavailable."""
    storage.check()  # before the row is held: a store that is away may take long to say so
    with writing() as session:
        mine = and_(BlobRow.created <= stored, BlobRow.sender_id == sender_id)
        return 0 if _is_named(session, key) else _delete(session, key, mine)


def let_go_of_dataset(session: Session, dataset_id: int) -> None:
    """Let the next collection remove what only this dataset names. Call it in the transaction that deletes it."""
    _let_go_of_data(session, DatasetVersionRow.dataset_id == dataset_id)


def let_go_of_dataset_version(session: Session, version_id: int) -> None:
    """Let the next collection remove what only this version names. Call it in the transaction that deletes it."""
    _let_go_of_data(session, DatasetVersionRow.id == version_id)


def _let_go_of_data(session: Session, which: ColumnElement[bool]) -> None:
    let_go(session, {key for column in _OF_DATASETS for key in _keys_in(session, _text(column).where(which))})


def let_go_of_model(session: Session, model_id: int) -> None:
    """Let the next collection remove what only this model and its runs name. Call it in the transaction that deletes it."""
    left = select(ArtifactRow.key).outerjoin(RunRow, RunRow.id == ArtifactRow.run_id)
    left = left.outerjoin(ModelVersionRow, ModelVersionRow.id == ArtifactRow.version_id)
    keys = set(session.scalars(left.where(or_(RunRow.model_id == model_id, ModelVersionRow.model_id == model_id))))
    keys.update(session.scalars(select(ModelVersionRow.model_key).where(ModelVersionRow.model_id == model_id)))
    let_go(session, keys - {None})


def let_go_of_run(session: Session, run_id: int) -> None:
    """Let the next collection remove what only this run names. Call it in the transaction that deletes it."""
    let_go(session, set(session.scalars(select(ArtifactRow.key).where(ArtifactRow.run_id == run_id))))


def let_go_of_person(session: Session, user_id: int) -> None:
    """Let the next collection remove what a person sent and nothing names. Call it where the account is deleted."""
    let_go(session, set(session.scalars(_SENT, {"user": user_id})))
    session.execute(update(BlobRow).where(BlobRow.sender_id == user_id).values(sender_id=None))


def let_go(session: Session, keys: set[str]) -> None:
    """Let the next collection remove those of some blobs that nothing names any more.

    Takes most of the grace period from some blobs. What is left of it is for who stores the same bytes just now, and names
    them in a moment."""
    stored, ordered = database_now(session) - GRACE + _MOMENT, sorted(keys)
    for start in range(0, len(ordered), _AT_ONCE):
        some = BlobRow.key.in_(ordered[start : start + _AT_ONCE])
        session.execute(update(BlobRow).where(some, BlobRow.created > stored).values(created=stored))


def _is_named(session: Session, key: str) -> bool:
    named = [select(column).where(column == key) for column in NAMING_COLUMNS]
    named += [_text(column).where(cast(column, Text).contains(key, autoescape=True)) for column in NAMING_JSON]
    return any(session.scalar(query.limit(1)) is not None for query in named)


def _remove(key: str, grace: timedelta) -> int:
    with writing() as session:
        return _delete(session, key, BlobRow.created < database_now(session) - grace)


def _delete(session: Session, key: str, may_go: ColumnElement[bool]) -> int:
    """Remove a blob if nobody has stored it again meanwhile: whoever does (`blob_service.record`) waits for this transaction,
    and then writes the file anew."""
    size = session.scalar(select(BlobRow.num_bytes).where(BlobRow.key == key, may_go))
    if size is None or not num_changed(session, delete(BlobRow).where(BlobRow.key == key, may_go)):
        return 0
    storage.delete(key)
    _log.info("removed the blob %s of %d bytes, which nothing names", key[:12], size)
    return size


def _see_one_moment(session: Session) -> None:
    """Let all queries of a transaction see the same rows, as on SQLite: a name could move meanwhile to a table that was read."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def count_blobs() -> int:
    """Count the blobs that rows name and that were never counted, such as those of an older hub. Returns how many these were.

    A blob that is gone from the store is left out. May be called again and by several workers at once. Raises Unavailable.
    """
    with reading() as session:
        named = {key for column in NAMING_COLUMNS for key in session.scalars(select(column).where(column.is_not(None)))}
        named.update(key for column in _OF_DATASETS for key in _keys_in(session, _text(column)))
    return _count(named - _counted())


def _counted() -> set[str]:
    with reading() as session:
        return set(session.scalars(select(BlobRow.key)))


def _count(keys: set[str]) -> int:
    num = 0
    for key in sorted(keys):
        with suppress(NotFound):
            blob_service.record(key, storage.num_bytes(key))
            num += 1
    return num
