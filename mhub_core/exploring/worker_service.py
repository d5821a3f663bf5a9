"""The verbs of profiles for workers: look a version through, once, and keep what was found as a blob.

As a version is prepared: under a token in its row (`datasets.claim_service`).
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from db.engine import database_now, writing
from db.tables.datasets import DatasetVersionRow
from mhub_core import errors, sandbox
from mhub_core.data.records import DataSpec
from mhub_core.datasets.claim_service import STALE, Claim, Duty, Lost
from mhub_core.errors import MHubError, Unavailable
from mhub_core.exploring import child, mark
from mhub_core.exploring.registry import PROFILES
from mhub_core.kinds import arrays
from mhub_core.storage import service as storage

_LOOKED_AT = ("x", "y", "split", "parquet", "lengths", "gaps")
_PROFILE = Duty("profile", DatasetVersionRow, mark.NAME)


def make_profile(version_id: int) -> None:
    """Look a ready version through, unless that is done or somebody else is at it.

    Raises Unavailable when the database or the storage went away; then the next look at the page asks for it again.
    """
    claimed = _claim(version_id)
    if claimed is None:
        return
    claim, spec = claimed

    def do(folder: Path) -> None:
        _finish(claim, {"key": _make(claim, spec, folder)})

    _PROFILE.carry_out(claim, do, lambda error: _give_up(claim, error), _make_again, _because)


def _claim(version_id: int) -> tuple[Claim, dict[str, Any]] | None:
    with writing() as session:
        row = session.get(DatasetVersionRow, version_id, with_for_update=True)
        if row is None or row.spec is None or row.state != "ready" or DataSpec.from_json(row.spec).kind not in PROFILES:
            return None
        clock = database_now(session)
        if mark.made(row.report, row.spec) or mark.making(row.progress, clock):
            return None
        return _PROFILE.take(row, clock, "Looking through the data"), row.spec


def _make(claim: Claim, spec: dict[str, Any], folder: Path) -> str:
    """Return the key of the blob that holds the profile."""
    data, beat = DataSpec.from_json(spec), _PROFILE.beat(claim)
    names = [name for name in _LOOKED_AT if name in data.arrays]
    if "x" not in names and "parquet" not in names:  # who has no rows is looked at by its examples
        names.append("x")
    paths = {name: arrays.borrow(data, name, folder, beat) for name in names}
    return storage.put_bytes(json.dumps(child.profile_in_child(paths, data, beat).to_json()).encode())


def _finish(claim: Claim, told: dict[str, Any]) -> None:
    with writing() as session:
        row = _PROFILE.require_mine(session, claim)
        assert row.spec is not None
        row.report = {**(row.report or {}), mark.NAME: {**told, "of": mark.of(row.spec)}}
        row.progress = {name: value for name, value in row.progress.items() if name != mark.NAME}


def _give_up(claim: Claim, error: MHubError) -> None:
    """Say why there is no profile: it is not tried again."""
    with suppress(Lost):
        _finish(claim, {"error": errors.to_json(error)})


def _make_again(row: DatasetVersionRow, clock: datetime) -> None:
    """Have the next look at the page ask for it at once."""
    _PROFILE.tell(row, {**_PROFILE.told(row), "at": (clock - 2 * STALE).isoformat()})


def _because(death: sandbox.Died) -> MHubError:
    if death.code < 0:
        return child.too_much_memory()
    return Unavailable(
        "This data could not be looked through.", mend="The worker's log has the details. You can train on it all the same."
    )
