"""The verbs of datasets for people: look at an upload, make a dataset of it, find it, see it, change it, remove it."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy import delete as delete_rows
from sqlalchemy import update as update_rows
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.engine import reading, writing
from db.tables.accounts import UserRow
from db.tables.datasets import DatasetRow, DatasetVersionRow
from mhub_core import queue, settings
from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts import service as accounts
from mhub_core.accounts import turn_service as turn
from mhub_core.accounts.records import User
from mhub_core.data import split_ways
from mhub_core.data.records import DataSpec, UploadPreview
from mhub_core.datasets import child, history, list_service, source_service, use_service
from mhub_core.datasets.records import TEST_ROWS, Dataset, DatasetCard, DatasetVersion
from mhub_core.errors import Conflict, Invalid, TooLarge, Unavailable
from mhub_core.kinds.registry import KINDS, require_kind
from mhub_core.sharing import belonging_service as belonging
from mhub_core.sharing import policy, texts
from mhub_core.sharing import service as sharing
from mhub_core.storage import artifact_service as artifacts
from mhub_core.storage import service as storage
from mhub_core.storage import uploads

MAX_TEXT = {"name": 120, "description": 20_000, "licence": 120, "source": 300, "target": 200, "faults": 20_000}
MAX_UNPREPARED = 20  # datasets of one person: they would stand in the way of others

# Bringing in


def inspect_upload(user: User | None, token: str, chosen: dict[str, Any] | None = None) -> UploadPreview:
    """Return what an upload looks like. `chosen`: what to read otherwise than was guessed, by the names of its `options`.

    Raises Invalid or TooLarge when no dataset can be made of it: then it is removed, unless something was chosen.
    """
    person = policy.require_signed_in(user)
    upload = uploads.unseal(person.id, token)
    uploads.require_file(upload)
    try:
        with tempfile.TemporaryDirectory(prefix="preview-", dir=storage.incoming()) as folder:
            return child.preview_in_child(storage.borrow(upload.key, Path(folder)), upload.file_name, chosen or {})
    except (Invalid, TooLarge):
        if chosen:
            raise  # another choice may do
        artifacts.release(upload.key, upload.stored, person.id)
        raise


def discard_upload(user: User | None, token: str) -> None:
    """Remove an upload of which no dataset was made. One that is gone, or that something names, is left as it is."""
    person = policy.require_signed_in(user)
    with suppress(Invalid):
        upload = uploads.unseal(person.id, token)
        artifacts.release(upload.key, upload.stored, person.id)


def create(
    user: User | None,
    upload_token: str,
    name: str,
    description: str,
    kind: str,
    target: str,
    task: str,
    visibility: str = policy.PRIVATE,
    fetch_id: int | None = None,
    **choices: Any,
) -> int:
    """Make a dataset of an upload; a worker prepares it. Returns its id. Raises Invalid with one problem per field.

    `fetch_id`: the fetch by which the upload came, if any. `choices` are those that the kind offers besides, such as the size of
    images, and `split` as `Split.to_json` writes it.
    """
    person = policy.require_signed_in(user)
    upload = uploads.unseal(person.id, upload_token)
    fields = {"name": name, "description": description, "target": target, "visibility": visibility}
    request, problems = _request(kind, target.strip(), task, choices)
    fields = _check(fields, problems)
    quotas.require_room(person)
    uploads.require_file(upload)
    request |= {"upload_key": upload.key, "file_name": upload.file_name, "num_bytes": upload.num_bytes, "kind": kind}
    request["stored"] = upload.stored.isoformat()
    request |= {"fetched": True} if fetch_id is not None else {}
    with writing() as session:
        require_turn(session, person)
        row = DatasetRow(owner_id=person.id, name=fields["name"], description=fields["description"], visibility=visibility)
        session.add(row)
        session.flush()
        if fetch_id is not None:
            source_service.attach(session, person, fetch_id, upload.key, row)
        belonging.begin(session, person.id, sharing.DATASET, row.id)
        version = DatasetVersionRow(dataset_id=row.id, number=1, request=request, progress={}, author_id=person.id)
        session.add(version)
        session.flush()
        dataset_id, version_id = row.id, version.id
    send(version_id)
    return dataset_id


def send(version_id: int) -> None:
    """Wake a worker for a version that waits. Where the queue is away the row waits on, and the sweeper sends it again."""
    with suppress(Unavailable):
        queue.send("prepare_dataset", version_id)


def require_turn(session: Session, person: User) -> None:
    """Raise Conflict when too many versions of a person's are being prepared already; else nobody passes them until the end."""
    turn.take(session, person.id)
    unprepared = select(func.count(DatasetVersionRow.id)).join(DatasetRow, DatasetRow.id == DatasetVersionRow.dataset_id)
    theirs = or_(DatasetRow.owner_id == person.id, DatasetVersionRow.author_id == person.id)
    unprepared = unprepared.where(theirs, DatasetVersionRow.state.in_(("waiting", "preparing")))
    if (session.scalar(unprepared) or 0) >= MAX_UNPREPARED:
        told, mend = f"{MAX_UNPREPARED} of your datasets are still being prepared.", "Wait for one to be ready, or delete one."
        raise Conflict(told, f"At most {MAX_UNPREPARED} at a time.", mend)


def _request(kind: str, target: str, task: str, choices: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    if kind not in KINDS:
        return {}, {"kind": f"must be one of {', '.join(KINDS)}"}
    asked, problems = require_kind(kind).check_request(target, task, choices)
    split, more = split_ways.check(choices.get("split"), require_kind(kind).split_ways, target)
    return asked | {"split": split.to_json()}, problems | more


def _check(given: dict[str, str], more_problems: dict[str, str]) -> dict[str, str]:
    """Return the texts without outer blanks. Raises Invalid with all problems at once."""
    clean = {field: text.strip() for field, text in given.items()} | {"name": texts.one_line(given["name"])}
    problems = {field: texts.problem(text, MAX_TEXT[field]) for field, text in clean.items() if field in MAX_TEXT}
    if clean["visibility"] not in policy.VISIBILITIES:
        problems["visibility"] = f"must be one of {' or '.join(policy.VISIBILITIES)}"
    elif clean["visibility"] != policy.PUBLIC and settings.has_open_data():
        problems["visibility"] = "must be public, because all datasets of this hub are"
    problems["name"] = texts.name_problem(clean["name"], MAX_TEXT["name"])
    texts.refuse("The dataset was not saved.", problems | more_problems)
    return clean


# Finding and seeing


def list_datasets(
    viewer: User | None,
    search: str = "",
    mine: bool = False,
    limit: int = 50,
    offset: int = 0,
    built_in: bool = False,
    shared: bool = False,
    project_id: int | None = None,
) -> list[DatasetCard]:
    """Return the datasets that the viewer may see, newest first; of other people's only those that are ready.

    `mine`: only their own. `built_in`: only those that came with the hub. `shared`: only what others share with them.
    `project_id`: only what belongs to that project; raises NotFound where they may not see it.
    """
    asked = list_service.list_of(viewer, search, limit, offset, built_in, mine, shared=shared, project_id=project_id)
    with reading() as session:
        sharing.require_project(session, viewer, project_id)
        return [DatasetCard(*row) for row in session.execute(asked)]


def require_dataset(viewer: User | None, dataset_id: int) -> Dataset:
    """Return a dataset with its versions. Raises NotFound when it does not exist or is private."""
    with reading() as session:
        row = sharing.require_row(session, viewer, policy.READ, sharing.DATASET, dataset_id)
        level = sharing.level(session, viewer, sharing.thing_of(row))
        rows = session.execute(_VERSIONS, {"dataset": row.id})
        return Dataset(
            id=row.id,
            owner_id=row.owner_id,
            owner_name=accounts.name_of(session, row.owner_id),
            name=row.name,
            description=row.description,
            licence=row.licence,
            source=row.source,
            faults=row.faults,
            visibility=row.visibility,
            test_rows=row.test_rows,
            created=row.created,
            may_edit=policy.reaches(level, policy.EDIT),
            may_manage=policy.reaches(level, policy.MANAGE),
            versions=tuple(_version(version, row, author) for version, author in rows),
        )


# Put together once, because that takes as long as to ask.
_VERSIONS = (
    select(DatasetVersionRow, UserRow.name)
    .outerjoin(UserRow, UserRow.id == DatasetVersionRow.author_id)
    .where(DatasetVersionRow.dataset_id == bindparam("dataset"))
    .order_by(DatasetVersionRow.number.desc())
)


def _version(version: DatasetVersionRow, row: DatasetRow, author: str | None) -> DatasetVersion:
    spec = DataSpec.from_json(version.spec) if version.spec else None
    progress = {name: version.progress.get(name) for name in ("done", "total", "words")}
    facts = (version.id, row.id, version.number, row.name, version.state, progress, spec, version.report, version.created)
    made = (version.author_id, author, version.note, version.request.get("from"))
    return DatasetVersion(*facts, *made, history.words(version.request, version.recipe), bool(version.recipe))


def require_version(viewer: User | None, version_id: int) -> DatasetVersion:
    """Return one version, in whatever state. Raises NotFound when it does not exist or its dataset is private."""
    with reading() as session:
        version = session.get(DatasetVersionRow, version_id)
        row = sharing.require_row(session, viewer, policy.READ, sharing.DATASET, version.dataset_id if version else 0)
        assert version is not None
        return _version(version, row, accounts.name_of(session, version.author_id))


def require_ready(viewer: User | None, version_id: int) -> DataSpec:
    """Return what a version holds. Raises NotFound as `require_version`, and Conflict while it is not ready."""
    version = require_version(viewer, version_id)
    if version.spec is None:
        raise Conflict(
            "This version is not ready.",
            "Only a fully prepared version can be used.",
            "Wait until it is ready, or upload the data again.",
        )
    return version.spec


# Changing


def update(
    user: User | None,
    dataset_id: int,
    name: str,
    description: str,
    licence: str,
    source: str,
    visibility: str,
    faults: str | None = None,
    test_rows: str | None = None,
) -> None:
    """Change what is said about a dataset; its versions never change. Raises Invalid with one problem per field.

    `test_rows`: who downloads the test rows, one of `records.TEST_ROWS`. None leaves what is. Who may edit it changes what its
    card says; Forbidden for a new name, visibility or `test_rows` below "manage".
    """
    given = {"name": name, "description": description, "licence": licence, "source": source, "visibility": visibility}
    wrong = {} if test_rows in (None, *TEST_ROWS) else {"test_rows": f"must be one of {', '.join(TEST_ROWS)}"}
    fields = _check(given | ({} if faults is None else {"faults": faults}), wrong)
    fields |= {} if test_rows is None else {"test_rows": test_rows}
    with writing() as session:
        row = sharing.require_row(session, user, policy.EDIT, sharing.DATASET, dataset_id, hold=True)
        if any(getattr(row, field) != fields.get(field, getattr(row, field)) for field in ("name", "visibility", "test_rows")):
            sharing.require(session, user, policy.MANAGE, sharing.thing_of(row))
        session.execute(update_rows(DatasetRow).where(DatasetRow.id == dataset_id).values(**fields))


def delete(user: User | None, dataset_id: int) -> None:
    """Remove a dataset with all versions: only its owner may. Raises Conflict, naming the models, when one was trained on it."""
    in_use = "This dataset cannot be deleted, because models were trained on it"
    try:
        with writing() as session:
            sharing.require_row(session, user, policy.OWN, sharing.DATASET, dataset_id)
            if named := use_service.in_words(use_service.uses_of(session, user, dataset_id)):
                raise Conflict(f"{in_use}: {named}.", mend="Delete those runs first, or make the dataset private instead.")
            artifacts.let_go_of_dataset(session, dataset_id)
            session.execute(delete_rows(DatasetVersionRow).where(DatasetVersionRow.dataset_id == dataset_id))
            session.execute(delete_rows(DatasetRow).where(DatasetRow.id == dataset_id))
            sharing.forget(session, sharing.DATASET, dataset_id)
    except IntegrityError as error:  # a run was submitted in this very moment
        raise Conflict(f"{in_use} just now.", mend="Delete those runs first, or make the dataset private instead.") from error
