"""The verbs of a source after a dataset was made of it: change it, give a new password, test it, forget it.

A source is its owner's alone, because a password of theirs may hang on it. Others who edit or manage the dataset, and
administrators, could else ask that server for anything in the owner's name, or have the password sent to a server of their own.
"""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from db.engine import writing
from db.tables.sources import FetchRow, SourceRow
from mhub_core.accounts.records import User
from mhub_core.datasets import source_service
from mhub_core.errors import Conflict, Forbidden
from mhub_core.sharing import policy, texts
from mhub_core.sharing import service as sharing
from mhub_core.sources import sealing
from mhub_core.sources.registry import require_source
from mhub_core.sources.source import SECRET, Asked, Source


def change(user: User | None, dataset_id: int, given: dict[str, str], drops_secret: bool = False) -> None:
    """Change from where a dataset is fetched. An empty password or key keeps the stored one, unless `drops_secret`.

    Raises Invalid with one problem per field: also where a stored password would go to another server than it was entered for.
    """
    with writing() as session:
        source = _require_own(session, user, dataset_id)
        kind = require_source(source.kind)
        asked = kind.check({name: text.strip() for name, text in given.items()})
        sealed = _sealed(kind, source, asked, drops_secret)
        texts.refuse("The source was not changed.", asked.problems)
        source_service.say(session, dataset_id, source, asked.config)
        source.config, source.secret = asked.config, sealed
        session.execute(delete(FetchRow).where(FetchRow.source_id == source.id, FetchRow.tests))  # they told of another one


def _require_own(session: Session, user: User | None, dataset_id: int) -> SourceRow:
    person = policy.require_signed_in(user)
    dataset = sharing.require_row(session, person, policy.READ, sharing.DATASET, dataset_id, hold=True)
    if dataset.owner_id != person.id:
        told = "Only the owner of this dataset can change or test its source."
        raise Forbidden(told, "A source may hold a password of its owner.", "Ask the owner.")
    source = source_service.of_dataset(session, dataset_id)
    if source is None:
        raise Conflict("This dataset has no source.", mend="Make a new dataset from the source.")
    return source


def _sealed(kind: Source, source: SourceRow, asked: Asked, drops_secret: bool) -> str:
    """Return the secret as it is to be stored, or add a problem where the stored one must not be kept."""
    if asked.secret:
        return sealing.seal(asked.secret)
    if drops_secret or not source.secret:
        return ""
    if all(asked.config.get(one.name) == source.config.get(one.name) for one in kind.fields if not one.keeps_secret):
        return source.secret
    for one in kind.fields:
        if one.kind == SECRET:
            asked.problems.setdefault(one.name, "is needed again, because the server, the account or the bucket has changed")
            break
    return ""


def test(user: User | None, dataset_id: int) -> int:
    """Have a worker try the source as it is stored, until the first of the data is there. Returns the number of the fetch.

    Raises Conflict while it is being tested already.
    """
    with writing() as session:
        source = _require_own(session, user, dataset_id)
        before = source_service.last_of(session, source.id, FetchRow.tests)
        if before and before.state in source_service.BUSY:
            raise Conflict("This source is being tested already.", mend="Wait for it, or cancel it.")
        session.execute(delete(FetchRow).where(FetchRow.source_id == source.id, FetchRow.tests))
        fetch_id = source_service.add(session, source.id, policy.require_signed_in(user), tests=True)
    source_service.send(fetch_id)
    return fetch_id


def forget(user: User | None, dataset_id: int) -> None:
    """Remove the source of a dataset with its password, and let go of what is being fetched. The versions stay.

    Its owner may, and an administrator; whoever made it.
    """
    with writing() as session:
        sharing.require_row(session, user, policy.OWN, sharing.DATASET, dataset_id, hold=True)
        session.execute(delete(SourceRow).where(SourceRow.dataset_id == dataset_id))
