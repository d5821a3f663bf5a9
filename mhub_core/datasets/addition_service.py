"""The verbs of further files for a dataset: what differs, and the version to which they are appended or that they replace."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.engine import reading, writing
from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts.records import User
from mhub_core.data.records import UploadPreview
from mhub_core.datasets import child, service, version_service
from mhub_core.datasets.child import APPEND, REPLACE
from mhub_core.errors import Invalid
from mhub_core.kinds.registry import KIND
from mhub_core.sharing import policy
from mhub_core.storage import service as storage
from mhub_core.storage import uploads


@dataclass(frozen=True)
class Differences:
    """A further file beside a version: why it cannot be added, what is to be known before, and how many steps are done again."""

    problems: tuple[str, ...]
    notes: tuple[str, ...]
    num_steps: int


def look(user: User | None, version_id: int, token: str) -> Differences:
    """Compare an upload with a version. Raises Invalid or TooLarge for a file that cannot be read."""
    version_service.require_editor(user, version_id)
    data = service.require_ready(user, version_id)
    upload = uploads.unseal(policy.require_signed_in(user).id, token)
    uploads.require_file(upload)
    with reading() as session:
        row = version_service.require_version_row(session, user, policy.EDIT, version_id)
        request, steps = row.request, version_service.steps_of(row)
    chosen = {name: value for name, value in (request.get("reading") or {}).items() if name != "columns"}
    with tempfile.TemporaryDirectory(prefix="preview-", dir=storage.incoming()) as folder:
        found = _preview(storage.borrow(upload.key, Path(folder)), upload.file_name, chosen, data.kind)
    recipes = version_service.recipes_of(data)
    problems, notes = recipes.differences(data, lambda name: storage.local_path(data.arrays[name]), found)
    return Differences(tuple(problems), tuple(notes), len(steps))


def _preview(path: Path, file_name: str, chosen: dict[str, Any], kind: str) -> UploadPreview:
    """Return what a file holds as the kind that the dataset is of; as what it looks like where it cannot be read as that."""
    try:
        return child.preview_in_child(path, file_name, {**chosen, KIND: kind})
    except Invalid as error:
        if not error.problems.keys() & {KIND, *chosen}:
            raise
        as_kind = {} if KIND in error.problems else {KIND: kind}  # the kind says which columns it lacks
    return child.preview_in_child(path, file_name, as_kind)


def add(user: User | None, version_id: int, token: str, adds: str = APPEND, note: str = "") -> int:
    """Make a version of another and a further file; a worker prepares it, with the steps of that one. Returns its id.

    `adds` is "append" or "replace". Raises Invalid, and Conflict while the version is not ready or too much else is prepared.
    """
    version_service.require_editor(user, version_id)
    version_service.recipes_of(service.require_ready(user, version_id))
    person, said = policy.require_signed_in(user), version_service.checked_note(note)
    if adds not in (APPEND, REPLACE):
        raise Invalid(f"A file cannot {adds[:40]!r} a dataset.", f"{APPEND} or {REPLACE}.")
    upload = uploads.unseal(person.id, token)
    quotas.require_room(person)
    uploads.require_file(upload)
    sent: dict[str, Any] = {"upload_key": upload.key, "file_name": upload.file_name, "num_bytes": upload.num_bytes}
    with writing() as session:
        parent = version_service.require_version_row(session, person, policy.EDIT, version_id, hold=True)
        service.require_turn(session, person)
        steps = version_service.steps_of(parent)
        request = version_service.reading_of(parent) | sent | {"stored": upload.stored.isoformat(), "steps": steps, "adds": adds}
        made = version_service.add(session, parent, person, said, request=request, recipe=steps, progress={})
    service.send(made)
    return made
