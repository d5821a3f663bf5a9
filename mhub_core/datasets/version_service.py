"""The verbs of versions: make one of another by a recipe, go back to one, delete one. A version itself never changes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.engine import reading, writing
from db.tables.datasets import DatasetVersionRow
from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec
from mhub_core.datasets import service, use_service
from mhub_core.errors import Conflict, Invalid
from mhub_core.kinds.kind import Recipes
from mhub_core.kinds.registry import require_kind
from mhub_core.recipes import run
from mhub_core.sharing import policy, texts
from mhub_core.sharing import service as sharing
from mhub_core.storage import artifact_service as artifacts
from mhub_core.storage import service as storage

MAX_NOTE = 300
_OF_ONE_VERSION = ("upload_key", "stored", "file_name", "num_bytes", "from", "same_as", "steps", "adds")
MAX_VERSIONS = 1_000  # of a dataset


def columns(viewer: User | None, version_id: int) -> dict[str, Any]:
    """Return what the steps of a version start from: of a table its columns, each with "number", "text" or "date".

    Raises Invalid for a kind of data without steps.
    """
    return columns_of(service.require_ready(viewer, version_id))


def columns_of(data: DataSpec) -> dict[str, Any]:
    """Return the same of a version that somebody was let through to."""
    return recipes_of(data).before(data, lambda name: storage.local_path(data.arrays[name]))


def recipes_of(data: DataSpec) -> Recipes:
    """Return what can be done to a version. Raises Invalid where that is nothing."""
    kind = require_kind(data.kind)
    if kind.recipes is None:
        what = kind.noun[1]
        raise Invalid(
            f"This version holds {what}, which cannot be processed in steps.",
            "A table, images or texts.",
            "Choose another dataset.",
        )
    return kind.recipes


def checked(data: DataSpec, recipe: Any) -> list[dict[str, Any]]:
    """Return a recipe for a version as it is kept. Raises Invalid with what is wrong of it."""
    return run.check(recipe, columns_of(data), data.target["name"], data.classes, recipes_of(data).steps)


def require_editor(user: User | None, version_id: int) -> None:
    """Let somebody through who may make versions of this one. Raises NotFound, SignInRequired and Forbidden."""
    with reading() as session:
        require_version_row(session, user, policy.EDIT, version_id)


def process(user: User | None, version_id: int, recipe: list[dict[str, Any]], note: str = "") -> int:
    """Make a version of another by a recipe; a worker prepares it. Returns its id.

    Raises Invalid with what is wrong of the recipe, Conflict while the version is not ready or too much else is prepared.
    """
    require_editor(user, version_id)
    data = service.require_ready(user, version_id)
    clean, said = checked(data, recipe), checked_note(note)
    quotas.require_room(person := policy.require_signed_in(user))
    with writing() as session:
        parent = require_version_row(session, person, policy.EDIT, version_id, hold=True)
        service.require_turn(session, person)
        request = reading_of(parent) | {"steps": [*steps_of(parent), *clean]}
        made = add(session, parent, person, said, request=request, recipe=clean, progress={})
    service.send(made)
    return made


def restore(user: User | None, version_id: int, note: str = "") -> int:
    """Go back to a version: a new one that holds the same, at once. Returns its id.

    Raises Conflict when it is not ready, or is the newest already.
    """
    with writing() as session:
        old = require_version_row(session, user, policy.EDIT, version_id, hold=True)
        if old.state != "ready":
            raise Conflict("This version is not ready.", "A version that can be trained on.", "Choose another one.")
        newest = select(func.max(DatasetVersionRow.number)).where(
            DatasetVersionRow.dataset_id == old.dataset_id, DatasetVersionRow.state == "ready"
        )
        if session.scalar(newest) == old.number:
            raise Conflict("This is already the newest version.", mend="Choose an earlier one.")
        request = {**old.request, "same_as": old.number}
        facts: dict[str, Any] = {"state": "ready", "spec": old.spec, "report": old.report, "progress": {}, "recipe": []}
        return add(session, old, policy.require_signed_in(user), checked_note(note), request=request, **facts)


def delete_version(user: User | None, version_id: int) -> None:
    """Remove one version, for good. Raises Conflict when models were trained on it, when a version is being made of it just now,
    and for the only one."""
    in_use = "This version cannot be deleted, because models were trained on it"
    try:
        with writing() as session:
            row = require_version_row(session, user, policy.MANAGE, version_id, hold=True)
            if named := use_service.in_words(use_service.uses_of_version(session, user, version_id)):
                raise Conflict(f"{in_use}: {named}.", mend="Delete those runs first.")
            _require_others(session, row)
            artifacts.let_go_of_dataset_version(session, version_id)
            session.execute(update(DatasetVersionRow).where(DatasetVersionRow.parent_id == version_id).values(parent_id=None))
            session.execute(delete(DatasetVersionRow).where(DatasetVersionRow.id == version_id))
    except IntegrityError as error:  # a run was submitted in this very moment
        raise Conflict(f"{in_use} just now.", mend="Delete those runs first.") from error


def _require_others(session: Session, row: DatasetVersionRow) -> None:
    of_it = select(func.count(DatasetVersionRow.id))
    busy = DatasetVersionRow.state.in_(("waiting", "preparing"))
    if session.scalar(of_it.where(DatasetVersionRow.parent_id == row.id, busy)):
        raise Conflict("Another version is being made of this one.", mend="Wait until it is ready, then try again.")
    if session.scalar(of_it.where(DatasetVersionRow.dataset_id == row.dataset_id)) == 1:
        raise Conflict("This is the only version of the dataset.", mend="Delete the dataset instead.")


def require_version_row(
    session: Session, user: User | None, level: str, version_id: int, hold: bool = False
) -> DatasetVersionRow:
    """Return the row of a version of a dataset that the user has a level on. `hold`: versions are made one after the other."""
    version = session.get(DatasetVersionRow, version_id)
    sharing.require_row(session, user, level, sharing.DATASET, version.dataset_id if version else 0, hold=hold)
    assert version is not None
    return version


def checked_note(note: str) -> str:
    """Return a note in one line. Raises Invalid for one that is too long."""
    said = texts.one_line(note)
    texts.refuse("The version was not made.", {"note": texts.problem(said, MAX_NOTE)})
    return said


def steps_of(version: DatasetVersionRow) -> list[dict[str, Any]]:
    """Return the steps of a version since its upload."""
    return list(version.request.get("steps", version.recipe))


def reading_of(version: DatasetVersionRow) -> dict[str, Any]:
    """Return how the file at the root of a version was read and split, as a further one is to be."""
    return {name: value for name, value in version.request.items() if name not in _OF_ONE_VERSION}


def add(session: Session, parent: DatasetVersionRow, person: User, note: str, request: dict[str, Any], **facts: Any) -> int:
    """Insert the version that follows on the newest one, made of its parent. Returns its id."""
    of_dataset = DatasetVersionRow.dataset_id == parent.dataset_id
    num, last = session.execute(
        select(func.count(DatasetVersionRow.id), func.max(DatasetVersionRow.number)).where(of_dataset)
    ).one()
    if num >= MAX_VERSIONS:
        raise Conflict(f"This dataset has {num:,} versions.", f"At most {MAX_VERSIONS:,}.", "Delete some of them.")
    row = DatasetVersionRow(
        dataset_id=parent.dataset_id,
        number=last + 1,
        parent_id=parent.id,
        author_id=person.id,
        note=note,
        request={**request, "from": parent.number},
        **facts,
    )
    session.add(row)
    session.flush()
    return row.id
