"""The verbs of datasets for workers: prepare what waits, find what was forgotten, install the built-in sets.

A version is prepared under a token in its row (`claim_service`).
"""

from __future__ import annotations

import logging
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.engine import database_now, reading, writing
from db.tables.datasets import DatasetRow, DatasetVersionRow
from mhub_core import errors, sandbox, settings
from mhub_core.data.records import DataSpec
from mhub_core.datasets import child, claim_service
from mhub_core.datasets.builtins import BUILT_INS, BuiltIn
from mhub_core.datasets.claim_service import Claim, Duty, Lost
from mhub_core.errors import MHubError, Unavailable
from mhub_core.kinds.registry import require_kind
from mhub_core.sharing import policy
from mhub_core.storage import artifact_service as artifacts
from mhub_core.storage import service as storage

_log = logging.getLogger(__name__)
MOST_OF_ONE = 2  # datasets of one person that are prepared at once: one may take hours, and others wait for a place too
_PREPARE = Duty("prepare", DatasetVersionRow)


def list_unprepared() -> list[int]:
    """Return the versions that wait for a worker, or whose worker stopped answering."""
    with reading() as session:
        clock = database_now(session)
        query = (
            select(DatasetVersionRow).where(DatasetVersionRow.state.in_(("waiting", "preparing"))).order_by(DatasetVersionRow.id)
        )
        return [row.id for row in session.scalars(query) if row.state == "waiting" or _is_stale(row, clock)]


def _is_stale(row: DatasetVersionRow, clock: datetime) -> bool:
    return claim_service.is_stale(row.progress, clock)


def prepare(version_id: int) -> None:
    """Prepare a version, unless it is done or somebody else is at it. It ends ready, or refused with the reason told.

    Raises Unavailable when the database or the storage went away; then it is prepared again later.
    """
    claimed = _claim(version_id)
    if claimed is None:
        return
    claim, work = claimed

    def do(folder: Path) -> None:
        _finish(claim, *_prepare(claim, work, folder))

    _PREPARE.carry_out(claim, do, lambda error: _refuse(claim, error), _wait_again, _because)


def _wait_again(row: DatasetVersionRow, _: datetime) -> None:
    row.state = "waiting"


def _because(death: sandbox.Died) -> MHubError:
    return child.too_much_memory() if death.code < 0 else child.unreadable()


class _Work(NamedTuple):
    """What there is to do: prepare an upload as was asked or, where there is a recipe, make a version of its parent."""

    request: dict[str, Any]
    recipe: list[Any]
    parent: DataSpec | None


def _claim(version_id: int) -> tuple[Claim, _Work] | None:
    with writing() as session:
        row = session.get(DatasetVersionRow, version_id, with_for_update=True)
        clock = database_now(session)
        if row is None or row.state not in ("waiting", "preparing") or (row.state == "preparing" and not _is_stale(row, clock)):
            return None
        if _num_under_way(session, row, clock) >= MOST_OF_ONE:
            return None  # it goes on waiting, and the sweeper sends it again
        row.state = "preparing"
        claim = _PREPARE.take(row, clock, "Starting")
        parent = session.get(DatasetVersionRow, row.parent_id) if row.parent_id else None
        spec = DataSpec.from_json(parent.spec) if parent and parent.spec else None
        return claim, _Work(row.request, row.recipe, spec)


def _num_under_way(session: Session, version: DatasetVersionRow, clock: datetime) -> int:
    """Return how many other versions of the same person are being prepared."""
    owner_id = select(DatasetRow.owner_id).where(DatasetRow.id == version.dataset_id).scalar_subquery()
    query = select(DatasetVersionRow).join(DatasetRow, DatasetRow.id == DatasetVersionRow.dataset_id)
    rows = session.scalars(query.where(DatasetVersionRow.state == "preparing", DatasetRow.owner_id == owner_id))
    return sum(row.id != version.id and not _is_stale(row, clock) for row in rows)


def _prepare(claim: Claim, work: _Work, folder: Path) -> tuple[DataSpec, dict[str, Any]]:
    beat = _PREPARE.beat(claim)
    if work.parent and work.request.get("adds"):
        paths = {name: storage.borrow(key, folder) for name, key in work.parent.arrays.items()}
        upload = storage.borrow(work.request["upload_key"], folder)
        spec, report = child.extend_in_child(work.parent, paths, work.recipe, upload, work.request, folder, beat)
        return _store(spec, folder), _store_report(report, folder)
    if work.recipe and work.parent:
        paths = {name: storage.borrow(key, folder) for name, key in work.parent.arrays.items()}
        spec, report = child.process_in_child(work.parent, paths, work.recipe, folder, beat)
        return _store(spec, folder, frozenset(work.parent.arrays.values())), report
    upload = storage.borrow(work.request["upload_key"], folder)
    spec, report = child.prepare_in_child(upload, work.request, folder, beat)
    return _store(spec, folder), _store_report(report, folder)


def _store(spec: DataSpec, folder: Path, shared: frozenset[str] = frozenset()) -> DataSpec:
    """Move the arrays into the store and return the spec that names them by key. `shared`: keys of its parent, which it may name
    as they are."""
    arrays = {name: file if file in shared else storage.take_file(folder / Path(file).name) for name, file in spec.arrays.items()}
    return replace(spec, arrays=arrays)


def _store_report(report: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Move the list of refused rows into the store and return the report that names it by key."""
    if "refused_rows" not in report:
        return report
    return {**report, "refused_rows": storage.take_file(folder / Path(report["refused_rows"]).name)}


def _finish(claim: Claim, spec: DataSpec, report: dict[str, Any]) -> None:
    with writing() as session:
        row = _PREPARE.require_mine(session, claim)
        row.state, row.spec, row.report, row.progress = "ready", spec.to_json(), report, {}


def _refuse(claim: Claim, error: MHubError) -> None:
    """Say why nothing came of an upload, and remove it: a refused version is never prepared again."""
    with writing() as session:
        try:
            row = _PREPARE.require_mine(session, claim)
        except Lost:
            return
        key, stored = row.request.get("upload_key"), row.request.get("stored")
        sender_id = session.scalar(select(DatasetRow.owner_id).where(DatasetRow.id == row.dataset_id))
        row.request = {name: value for name, value in row.request.items() if name != "upload_key"}
        report = {"accepted": 0, "refused": 0, "reasons": [], "warnings": [], "error": errors.to_json(error)}
        row.state, row.report, row.progress = "refused", report, {}
    if key and stored and sender_id:  # without: it was asked for before this release
        with suppress(Unavailable):  # what is left now, the next collection finds
            artifacts.release(key, datetime.fromisoformat(stored), sender_id)


def open_all() -> None:
    """Make all datasets public where the hub says so (`MHUB_OPEN_DATA`). Their runs learn of it by the key that names them."""
    if not settings.has_open_data():
        return
    with writing() as session:
        made = session.execute(update(DatasetRow).where(DatasetRow.visibility != policy.PUBLIC).values(visibility=policy.PUBLIC))
    if num := made.rowcount:  # type: ignore[attr-defined]
        _log.warning("MHUB_OPEN_DATA made %d private datasets public", num)


def install_builtins() -> None:
    """Install the built-in sets that this hub lacks. Several workers may do it at once."""
    with reading() as session:
        there = set(session.scalars(select(DatasetRow.slug).where(DatasetRow.slug.is_not(None))))
    for built_in in reversed(BUILT_INS):
        if built_in.slug in there:
            continue
        try:
            _install(built_in)
        except ImportError:
            _log.warning("the built-in dataset %s needs a package that is not installed", built_in.slug)


def _install(built_in: BuiltIn) -> None:
    with tempfile.TemporaryDirectory(prefix="builtin-", dir=storage.incoming()) as name:
        kind = require_kind(built_in.kind)
        spec, report = kind.keep(built_in.load(), built_in.target, built_in.task, Path(name))
        spec = _store(spec, Path(name))
    texts = {field: getattr(built_in, field) for field in ("slug", "name", "description", "licence", "source")}
    try:
        with writing() as session:
            row = DatasetRow(owner_id=None, visibility="public", **texts)
            session.add(row)
            session.flush()
            request = {"kind": spec.kind, "target": built_in.target, "task": spec.task}
            facts = {"request": request, "progress": {}, "spec": spec.to_json(), "report": report}
            session.add(DatasetVersionRow(dataset_id=row.id, number=1, state="ready", **facts))
    except IntegrityError:
        _log.info("another worker installed the built-in dataset %s", built_in.slug)
