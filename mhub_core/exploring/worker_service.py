"""The verbs of profiles for workers: look a version through, once, and keep what was found as a blob.

As a version is prepared (`datasets.worker_service`): under a token in its row, so that whoever holds it may write, and a worker
that died is noticed because its beat grows old.
"""

from __future__ import annotations

import json
import logging
import secrets
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from db.engine import database_now, writing
from db.tables.datasets import DatasetVersionRow
from mhub_core import errors, sandbox, settings
from mhub_core.data.records import DataSpec
from mhub_core.errors import MHubError, Unavailable
from mhub_core.exploring import child, mark
from mhub_core.exploring.registry import PROFILES
from mhub_core.storage import service as storage

_log = logging.getLogger(__name__)
_LOOKED_AT = ("x", "y", "split", "parquet")
_BEAT_SECONDS = 1.0
_KILLED_BY_HAND = (-2, -15)  # SIGINT and SIGTERM: the worker is being stopped


class _Lost(Exception):
    """Raised when another worker took the version over, or somebody deleted it."""


def make_profile(version_id: int) -> None:
    """Look a ready version through, unless that is done or somebody else is at it.

    Raises Unavailable when the database or the storage went away; then the next look at the page asks for it again.
    """
    claimed = _claim(version_id)
    if claimed is None:
        return
    token, attempt, spec = claimed
    folder = Path(tempfile.mkdtemp(prefix=f"profile-{version_id}-", dir=_without_remains(version_id)))
    try:
        _finish(version_id, token, {"key": _make(version_id, token, spec, folder)})
    except Unavailable:
        raise
    except MHubError as error:
        _give_up(version_id, token, error)
    except sandbox.Died as death:
        _after_death(version_id, token, attempt, death)
    except _Lost:
        _log.info("the profile of dataset version %s is no longer ours", version_id)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _without_remains(version_id: int) -> Path:
    """Return the folder of incoming files, cleared of what a dead worker left of this profile."""
    for left in storage.incoming().glob(f"profile-{version_id}-*"):
        shutil.rmtree(left, ignore_errors=True)
    return storage.incoming()


def _claim(version_id: int) -> tuple[str, int, dict[str, Any]] | None:
    token = secrets.token_hex(8)
    with writing() as session:
        row = session.get(DatasetVersionRow, version_id, with_for_update=True)
        if row is None or row.spec is None or row.state != "ready" or DataSpec.from_json(row.spec).kind not in PROFILES:
            return None
        clock = database_now(session)
        if mark.made(row.report, row.spec) or mark.making(row.progress, clock):
            return None
        attempt = (row.progress.get(mark.NAME) or {}).get("attempt", 0) + 1
        told = {
            "done": 0,
            "total": 0,
            "words": "Looking through the data",
            "token": token,
            "attempt": attempt,
            "at": clock.isoformat(),
        }
        row.progress = {**row.progress, mark.NAME: told}
        return token, attempt, row.spec


def _require_mine(session: Session, version_id: int, token: str) -> DatasetVersionRow:
    row = session.get(DatasetVersionRow, version_id, with_for_update=True)
    if row is None or row.progress.get(mark.NAME, {}).get("token") != token:
        raise _Lost
    return row


def _make(version_id: int, token: str, spec: dict[str, Any], folder: Path) -> str:
    """Return the key of the blob that holds the profile."""
    last = 0.0

    def beat(progress: dict[str, Any] | None) -> None:
        nonlocal last
        if time.monotonic() - last < _BEAT_SECONDS:
            return
        last = time.monotonic()
        with writing() as session:
            row = _require_mine(session, version_id, token)
            told = {**row.progress[mark.NAME], **(progress or {}), "at": database_now(session).isoformat()}
            row.progress = {**row.progress, mark.NAME: told}

    data = DataSpec.from_json(spec)
    arrays = {name: storage.borrow(key, folder) for name, key in data.arrays.items() if name in _LOOKED_AT}
    return storage.put_bytes(json.dumps(child.profile_in_child(arrays, data, beat).to_json()).encode())


def _finish(version_id: int, token: str, told: dict[str, Any]) -> None:
    with writing() as session:
        row = _require_mine(session, version_id, token)
        assert row.spec is not None
        row.report = {**(row.report or {}), mark.NAME: {**told, "of": mark.of(row.spec)}}
        row.progress = {name: value for name, value in row.progress.items() if name != mark.NAME}


def _give_up(version_id: int, token: str, error: MHubError) -> None:
    """Say why there is no profile: it is not tried again."""
    try:
        _finish(version_id, token, {"error": errors.to_json(error)})
    except _Lost:
        return


def _after_death(version_id: int, token: str, attempt: int, death: sandbox.Died) -> None:
    """A child that was killed may have met the end of memory or of the machine: try again, but not for ever."""
    _log.warning("the profile of dataset version %s: %s", version_id, death)
    if death.code < 0 and (death.code in _KILLED_BY_HAND or attempt < settings.number("MHUB_MAX_ATTEMPTS")):
        with writing() as session:
            row, long_ago = _require_mine(session, version_id, token), database_now(session) - 2 * mark.STALE
            row.progress = {**row.progress, mark.NAME: {**row.progress[mark.NAME], "at": long_ago.isoformat()}}
    else:
        _give_up(version_id, token, child.too_much_memory() if death.code < 0 else _broken())


def _broken() -> MHubError:
    return Unavailable(
        "This data could not be looked through.", mend="The worker's log has the details. You can train on it all the same."
    )
