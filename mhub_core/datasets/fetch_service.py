"""The verbs of sources for workers: fetch what waits, and make a version of what was fetched again.

A fetch is done under a token in its row (`claim_service`).
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from db.engine import database_now, reading, writing
from db.tables.accounts import UserRow
from db.tables.sources import FetchRow, SourceRow
from mhub_core import errors, sandbox, settings
from mhub_core.accounts import quota_service as quotas
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import User
from mhub_core.datasets import claim_service, refresh_service
from mhub_core.datasets.claim_service import Claim, Duty, Lost
from mhub_core.datasets.source_service import BUSY
from mhub_core.errors import Invalid, MHubError, NotFound, TooLarge, Unavailable
from mhub_core.sources import addresses, fetching, sealing
from mhub_core.sources.source import FILE, Limits
from mhub_core.storage import service as storage
from mhub_core.storage import uploads

_log = logging.getLogger(__name__)
MOST_OF_ONE = 1  # fetches of one person at a time: each may take half an hour, and others wait for a place too
_MEMORY = 1_000_000_000
_MORE_SECONDS = 20.0  # in which a fetch that is late says so itself
_FETCH = Duty("fetch", FetchRow)


@dataclass(frozen=True)
class _Work:
    """What there is to do and for whom."""

    source: str
    config: dict[str, str]
    sealed: str
    user: User
    owner: User  # of the source, who keeps the file
    dataset_id: int | None  # of a refresh
    tests: bool  # whether anything comes is all that is asked


def list_unfetched() -> list[int]:
    """Return what waits for a worker, or whose worker stopped answering."""
    with reading() as session:
        clock = database_now(session)
        rows = session.scalars(select(FetchRow).where(FetchRow.state.in_(BUSY)).order_by(FetchRow.id))
        return [row.id for row in rows if row.state == "waiting" or claim_service.is_stale(row.progress, clock)]


def run(fetch_id: int) -> None:
    """Fetch, unless it is done or somebody else is at it. It ends ready, or failed with the reason told.

    Raises Unavailable when the database or the storage went away; then it is done again later.
    """
    claimed = _claim(fetch_id)
    if claimed is None:
        return
    claim, work = claimed

    def do(folder: Path) -> None:
        try:
            told = _fetch(claim, work, folder)
        except _Failed as failed:
            told = {"error": errors.to_json(failed.error)}
        _end(claim, told)

    _FETCH.carry_out(claim, do, lambda error: _end(claim, {"error": errors.to_json(error)}), _wait_again, lambda _: _broken())


def _wait_again(row: FetchRow, _: datetime) -> None:
    row.state = "waiting"


class _Failed(Exception):
    """Raised when the source, not the hub, is why nothing came."""

    def __init__(self, error: MHubError) -> None:
        super().__init__(str(error))
        self.error = error


def _claim(fetch_id: int) -> tuple[Claim, _Work] | None:
    with writing() as session:
        row = session.get(FetchRow, fetch_id, with_for_update=True)
        clock = database_now(session)
        if row is None or row.state not in BUSY or (row.state == "fetching" and not claim_service.is_stale(row.progress, clock)):
            return None
        if _num_under_way(session, row, clock) >= MOST_OF_ONE:
            return None  # it goes on waiting, and the sweeper sends it again
        claim = _FETCH.take(row, clock, "Connecting")
        if claim.attempt > settings.number("MHUB_MAX_ATTEMPTS"):
            _give_up(row, _broken())
            return None
        source = session.get(SourceRow, row.source_id)
        if source is None:
            _give_up(row, NotFound("The source of this data was forgotten.", mend="Fetch it again from a new source."))
            return None
        row.state = "fetching"
        return claim, _work(session, row, source)


def _give_up(row: FetchRow, error: MHubError) -> None:
    row.state, row.result, row.progress = "failed", {"error": errors.to_json(error)}, {}


def _num_under_way(session: Session, fetch: FetchRow, clock: datetime) -> int:
    """Return how many other fetches of the same person go on."""
    rows = session.scalars(select(FetchRow).where(FetchRow.state == "fetching", FetchRow.user_id == fetch.user_id))
    return sum(row.id != fetch.id and not claim_service.is_stale(row.progress, clock) for row in rows)


def _work(session: Session, row: FetchRow, source: SourceRow) -> _Work:
    user = accounts.record(session.get_one(UserRow, row.user_id))
    owner = accounts.record(session.get_one(UserRow, source.owner_id))
    dataset_id = source.dataset_id if row.refreshes else None
    return _Work(source.kind, source.config, source.secret, user, owner, dataset_id, row.tests)


def _fetch(claim: Claim, work: _Work, folder: Path) -> dict[str, Any]:
    """Fetch into the folder, and return the result that is to be told."""
    try:
        limits = limits_now()
    except ValueError as error:  # which names a setting
        raise _Failed(Unavailable(str(error), mend="Tell the administrator.")) from error
    try:
        secret = sealing.unseal(work.sealed) if work.sealed else {}
        asked = {"source": work.source, "config": work.config, "secret": secret, "limits": asdict(limits), "tests": work.tests}
        held = sandbox.Limits(_MEMORY, wall_seconds=limits.seconds + _MORE_SECONDS, file_bytes=2 * limits.max_bytes)
        name: str = sandbox.run("fetch_source", asked, held, _FETCH.beat(claim), folder)["file_name"]
    except sandbox.TooLong as error:
        raise _Failed(fetching.too_long(limits)) from error
    except sandbox.TooMuchMemory as error:
        _log.warning("fetch %s: %s", claim.row_id, error)
        raise _Failed(_broken()) from error
    except MHubError as error:
        raise _Failed(error) from error
    return {} if work.tests else _kept(work, name, folder / FILE)


def _broken() -> MHubError:
    return Invalid("What the source sent cannot be read.", "A file, or rows of a few megabytes each.", "Ask for less of it.")


def limits_now() -> Limits:
    """Return the limits that the settings set. The folder for files of SQLite never holds the hub's own."""
    folder = settings.text("MHUB_SOURCE_FOLDER")
    place = Path(folder).expanduser().resolve() if folder else None
    is_apart = place is not None and _is_apart(place)
    return Limits(
        max_bytes=settings.number("MHUB_MAX_UPLOAD_MB") * 1_000_000,
        seconds=float(settings.number("MHUB_SOURCE_SECONDS")),
        max_rows=settings.number("MHUB_MAX_ROWS"),
        max_columns=settings.number("MHUB_MAX_COLUMNS"),
        networks=addresses.networks(settings.text("MHUB_SOURCE_NETWORKS")),
        folder=str(place) if is_apart else "",
        min_bytes_per_second=1_000 * settings.number("MHUB_SOURCE_MIN_KB"),
    )


def _is_apart(place: Path) -> bool:
    home, database = settings.home(), make_url(settings.database_url())
    file = Path(database.database or "").resolve() if database.get_backend_name() == "sqlite" else home
    return not place.is_relative_to(home) and not any(own.is_relative_to(place) for own in (home, file))


def _kept(work: _Work, name: str, path: Path) -> dict[str, Any]:
    """Store the file as an upload of its person. Of a refresh, make a version of it: who asked for that gets no receipt, because
    the file holds the hidden test examples too."""
    num_bytes = path.stat().st_size
    told: dict[str, Any] = {"file_name": name, "num_bytes": num_bytes}
    try:
        key = storage.take_file(path, work.owner.id, partial(_admit, work))
        receipt = uploads.seal(work.user.id, key, name, num_bytes)
        if work.dataset_id is None:
            return told | {"receipt": receipt, "key": key}
        return told | {"version_id": refresh_service.renew(work.user, work.dataset_id, receipt)}
    except Unavailable:
        raise
    except MHubError as error:
        raise _Failed(error) from error


def _admit(work: _Work, key: str, num_bytes: int) -> None:
    """Count the file as its owner's. How much another person fills is nobody's business."""
    try:
        quotas.admit(work.owner, key, num_bytes)
    except TooLarge as error:
        if work.owner.id == work.user.id:
            raise
        told = "The new data does not fit into the storage of the dataset's owner."
        raise TooLarge(told, mend="Ask the owner to delete what is no longer needed.") from error


def _end(claim: Claim, told: dict[str, Any]) -> None:
    """Tell what came of it, unless it is no longer ours."""
    with writing() as session:
        try:
            row = _FETCH.require_mine(session, claim)
        except Lost:
            return
        row.state, row.result, row.progress = "failed" if "error" in told else "ready", told, {}
