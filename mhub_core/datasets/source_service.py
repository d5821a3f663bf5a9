"""The verbs of sources for people: have data fetched from the web, S3 or a database, look how far it is, fetch it again.

What is fetched becomes an upload of its person, with a receipt, and goes the way of every other upload; of a refresh it becomes a
version only. Passwords are stored encrypted and never handed out.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from db.engine import database_now, reading, writing
from db.tables.datasets import DatasetRow
from db.tables.sources import FetchRow, SourceRow
from mhub_core import errors, queue
from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts.records import User
from mhub_core.datasets.records import Fetch, SourceOfDataset
from mhub_core.errors import Conflict, NotFound, Unavailable
from mhub_core.sharing import policy, texts
from mhub_core.sharing import service as sharing
from mhub_core.sources import sealing
from mhub_core.sources.registry import require_source

MAX_AT_ONCE = 3  # of one person
BUSY = ("waiting", "fetching")
_KEPT = timedelta(days=2)  # a source of which no dataset was made
_MAX_WORDS = 300  # of the field `source` of a dataset


def fetch(user: User | None, source: str, given: dict[str, str]) -> int:
    """Have data fetched by a worker. Returns the number to ask after it. Raises Invalid with one problem per field."""
    person = policy.require_signed_in(user)
    asked = require_source(source).check({name: text.strip() for name, text in given.items()})
    texts.refuse("Nothing was fetched.", asked.problems)
    quotas.require_room(person)
    secret = sealing.seal(asked.secret) if asked.secret else ""
    with writing() as session:
        _forget_unused(session, person.id)
        row = SourceRow(owner_id=person.id, kind=source, config=asked.config, secret=secret)
        session.add(row)
        session.flush()
        fetch_id = add(session, row.id, person)
    send(fetch_id)
    return fetch_id


def _forget_unused(session: Session, user_id: int) -> None:
    old = SourceRow.created < database_now(session) - _KEPT
    session.execute(delete(SourceRow).where(SourceRow.owner_id == user_id, SourceRow.dataset_id.is_(None), old))


def add(session: Session, source_id: int, person: User, **what: bool) -> int:
    """Have a source fetched within a transaction. `what`: `refreshes` or `tests`, see `db.tables.sources`. Returns its number."""
    busy = select(func.count(FetchRow.id)).where(FetchRow.user_id == person.id, FetchRow.state.in_(BUSY))
    if (session.scalar(busy) or 0) >= MAX_AT_ONCE:
        told = f"{MAX_AT_ONCE} sources are being fetched for you already."
        raise Conflict(told, f"At most {MAX_AT_ONCE} at a time.", "Wait for one, or cancel one.")
    row = FetchRow(source_id=source_id, user_id=person.id, progress={}, result={}, **what)
    session.add(row)
    session.flush()
    return row.id


def send(fetch_id: int) -> None:
    """Wake a worker. Where the queue is away the row waits on, and the sweeper sends it again."""
    with suppress(Unavailable):
        queue.send("fetch_source", fetch_id)


def require_fetch(user: User | None, fetch_id: int) -> Fetch:
    """Return how far it is, and when it is ready the receipt, which a refresh has not. Raises NotFound for what somebody
    else asked for."""
    with reading() as session:
        row, source = _require_mine(session, user, fetch_id)
        found = _record(row, source)
        return replace(found, progress={**found.progress, "words": _waits(session, row)}) if row.state == "waiting" else found


def _waits(session: Session, row: FetchRow) -> str:
    """Return for what it waits."""
    others = select(FetchRow.id).where(FetchRow.user_id == row.user_id, FetchRow.state == "fetching", FetchRow.id != row.id)
    is_own = session.scalar(others.limit(1)) is not None
    return "Waiting until your other source is fetched" if is_own else "Waiting for a worker"


def _require_mine(
    session: Session, user: User | None, fetch_id: int, hold: bool = False, or_of_mine: bool = False
) -> tuple[FetchRow, SourceRow]:
    person = policy.require_signed_in(user)
    row = session.get(FetchRow, fetch_id, with_for_update=hold)
    source = session.get(SourceRow, row.source_id) if row else None
    if row is None or source is None or (row.user_id != person.id and not (or_of_mine and source.owner_id == person.id)):
        raise NotFound("This is no longer being fetched.", mend="Fetch it again.")
    return row, source


def _record(row: FetchRow, source: SourceRow) -> Fetch:
    told = {name: row.progress.get(name) for name in ("done", "total", "words")}
    error = errors.from_json(row.result["error"]) if "error" in row.result else None
    kind, is_own = require_source(source.kind), row.user_id == source.owner_id
    # Who may refresh a dataset today may be nobody to it tomorrow, and its source may be another one by then.
    words = kind.words(source.config) if is_own else kind.public_words(source.config)
    receipt = None if row.refreshes else row.result.get("receipt")  # the whole file is not for who may edit the dataset
    return Fetch(row.id, source.kind, words, source.config if is_own else {}, row.state, told, receipt, error, row.created)


def cancel(user: User | None, fetch_id: int) -> None:
    """Let it be: who asked for it may, and whose source it is. A worker that is at it notices within a second. What is ended
    already stays as it is."""
    with writing() as session:
        row, _ = _require_mine(session, user, fetch_id, hold=True, or_of_mine=True)
        if row.state in BUSY:
            row.state, row.progress = "cancelled", {}


def attach(session: Session, person: User, fetch_id: int, key: str, dataset: DatasetRow) -> None:
    """Note within the transaction that makes a dataset that it was fetched. Raises NotFound where it was not."""
    row, source = _require_mine(session, person, fetch_id, hold=True)
    is_another = row.refreshes or row.tests or source.dataset_id is not None
    is_taken = is_another or source.owner_id != person.id  # it may hold another's password
    if is_taken or row.result.get("key") != key:
        raise NotFound("This dataset was not fetched from that source.", mend="Fetch it again.")
    source.dataset_id = dataset.id
    dataset.source = _card_words(source.kind, source.config)


def say(session: Session, dataset_id: int, source: SourceRow, config: dict[str, str]) -> None:
    """Have the card of a dataset say where it comes from now, unless its owner has written something else there."""
    dataset = session.get_one(DatasetRow, dataset_id)
    if dataset.source == _card_words(source.kind, source.config):
        dataset.source = _card_words(source.kind, config)


def _card_words(kind: str, config: dict[str, str]) -> str:
    return require_source(kind).public_words(config)[:_MAX_WORDS]


def get_source(viewer: User | None, dataset_id: int) -> SourceOfDataset | None:
    """Return from where a dataset was fetched, and how its last refresh went. Raises NotFound for who may not see it."""
    with reading() as session:
        dataset = sharing.require_row(session, viewer, policy.READ, sharing.DATASET, dataset_id)
        level = sharing.level(session, viewer, sharing.thing_of(dataset))
        may_edit = policy.reaches(level, policy.EDIT)
        source = of_dataset(session, dataset_id)
        if source is None:
            return None
        kind = require_source(source.kind)
        where = kind.words(source.config) if may_edit else ""  # names of servers may be nobody's business
        found = SourceOfDataset(source.kind, kind.title, where, may_edit, _last(session, source, FetchRow.refreshes, may_edit))
        found = replace(found, may_forget=policy.reaches(level, policy.OWN))
        if viewer is None or viewer.id != source.owner_id:
            return found
        tested = _last(session, source, FetchRow.tests)
        return replace(found, may_change=True, config=source.config, has_secret=bool(source.secret), tested=tested)


def of_dataset(session: Session, dataset_id: int) -> SourceRow | None:
    """Return the newest source of a dataset. One that is not its owner's serves nobody: it may hold another's password."""
    query = select(SourceRow).join(DatasetRow, DatasetRow.id == SourceRow.dataset_id)
    query = query.where(DatasetRow.id == dataset_id, SourceRow.owner_id == DatasetRow.owner_id)
    return session.scalar(query.order_by(SourceRow.id.desc()).limit(1))


def last_of(session: Session, source_id: int, what: Any) -> FetchRow | None:
    """Return the last refresh or test of a source. `what`: that column of `FetchRow`."""
    return session.scalar(select(FetchRow).where(FetchRow.source_id == source_id, what).order_by(FetchRow.id.desc()).limit(1))


def _last(session: Session, source: SourceRow, what: Any, may: bool = True) -> Fetch | None:
    row = last_of(session, source.id, what) if may else None
    return _record(row, source) if row else None


def refresh(user: User | None, dataset_id: int) -> int:
    """Have the data fetched again; a new version is made of it. Returns the number of the fetch.

    Raises Conflict for a dataset without a source, and while it is being fetched already.
    """
    with writing() as session:
        sharing.require_row(session, user, policy.EDIT, sharing.DATASET, dataset_id, hold=True)
        person = policy.require_signed_in(user)
        source = of_dataset(session, dataset_id)
        if source is None:
            raise Conflict("This dataset was uploaded as a file; there is nothing to fetch again.", mend="Upload the new file.")
        last = last_of(session, source.id, FetchRow.refreshes)
        if last and last.state in BUSY:
            raise Conflict("This data is being fetched already.", mend="Wait for it, or cancel it.")
        fetch_id = add(session, source.id, person, refreshes=True)
    send(fetch_id)
    return fetch_id
