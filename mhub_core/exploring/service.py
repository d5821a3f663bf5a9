"""The verbs of looking at the data of a version: its profile, and the rows that somebody asks for.

Nothing of the hidden test split leaves this room but counts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

import numpy as np
from cachetools import LRUCache, TTLCache, cached
from sqlalchemy import bindparam, select

from db.engine import database_now, reading
from db.tables.datasets import DatasetVersionRow
from mhub_core import errors, queue
from mhub_core.accounts.records import User
from mhub_core.data.splits import TRAIN
from mhub_core.datasets import service as datasets
from mhub_core.datasets.records import Rows
from mhub_core.errors import Invalid, MHubError, Unavailable
from mhub_core.exploring import mark
from mhub_core.exploring import rows as finding
from mhub_core.exploring.records import Profile
from mhub_core.exploring.registry import PROFILES
from mhub_core.kinds.registry import require_kind
from mhub_core.storage import service as storage
from mhub_core.tasks.registry import require_task

MAX_PAGE = 500
FEW_ROWS = 200_000  # so many are looked through by whoever asks; more of them by the quick worker, whose memory is its own
_KEPT_BYTES = 30_000_000  # of profiles
_ASK_AGAIN_SECONDS = 5
_ANSWER_SECONDS = 20.0


@dataclass(frozen=True)
class Seen:
    """What is known of a version so far. While it is looked through, `profile` is None; `error` says why there is none."""

    profile: Profile | None = None
    error: MHubError | None = None
    is_making: bool = False  # else it waits for a worker
    done: int = 0
    total: int = 0
    words: str = ""


def see(viewer: User | None, version_id: int) -> Seen:
    """Return the profile of a ready version, or how far it is. Who looks first, or after a worker died, has it made.

    Raises NotFound when the version does not exist or is private, and Conflict when it is not ready.
    """
    if datasets.require_ready(viewer, version_id).kind not in PROFILES:
        return Seen(Profile())
    with reading() as session:
        report, spec, progress = session.execute(_STATE, {"version": version_id}).one_or_none() or (None, None, {})
        told, under_way = mark.made(report, spec), mark.making(progress, database_now(session))
    if told:
        return _told(told)
    if under_way:
        return Seen(is_making=True, **{name: under_way[name] for name in ("done", "total", "words")})
    with suppress(Unavailable):  # the next look asks again
        _ask_for(version_id)
    return Seen()


_STATE = select(DatasetVersionRow.report, DatasetVersionRow.spec, DatasetVersionRow.progress).where(
    DatasetVersionRow.id == bindparam("version")
)


def _told(told: dict[str, Any]) -> Seen:
    if "error" in told:
        return Seen(error=errors.from_json(told["error"]))
    try:
        return Seen(_profile(told["key"])[0])
    except MHubError as error:  # the file store is away, or lost it
        return Seen(error=error)


@cached(LRUCache(_KEPT_BYTES, getsizeof=lambda kept: kept[1]), lock=Lock())
def _profile(key: str) -> tuple[Profile, int]:
    """Return a profile and the size that it has as text; a blob never changes."""
    data = storage.read_bytes(key)
    return Profile.from_json(json.loads(data)), len(data)


@cached(TTLCache(10_000, _ASK_AGAIN_SECONDS), lock=Lock())
def _ask_for(version_id: int) -> None:
    """Wake a worker, however many look meanwhile."""
    queue.send("profile_dataset", version_id)


def rows(viewer: User | None, version_id: int, query: finding.Query, offset: int = 0, limit: int = 20) -> Rows:
    """Return a page of the training rows of a table that somebody asks for, and how many these are.

    Raises NotFound, Conflict when the version is not ready, Invalid for what cannot be asked, and Unavailable when there are many
    rows and no worker to look through them.
    """
    spec = datasets.require_ready(viewer, version_id)
    if "parquet" not in spec.arrays:
        raise Invalid(f"This version holds {require_kind(spec.kind).noun[1]}, not a table.")
    offset, limit = max(0, offset), min(max(0, limit), MAX_PAGE)
    asked = {"parquet": spec.arrays["parquet"], "split": spec.arrays["split"], **asdict(query)}
    if spec.num_rows <= FEW_ROWS:
        total, numbers = find_rows(asked, offset, limit)
    else:
        total, numbers = queue.ask("find_rows", asked, offset, limit, seconds=_ANSWER_SECONDS)
    frame = finding.fetch(storage.local_path(spec.arrays["parquet"]), numbers)
    task, y = require_task(spec.task), np.load(storage.local_path(spec.arrays["y"]), mmap_mode="r")
    truths = tuple(task.truth(y[number], spec) for number in numbers)
    return Rows(tuple(frame.columns), tuple(frame.iter_rows(named=True)), total, truths)


def some_rows(viewer: User | None, version_id: int, numbers: Sequence[int]) -> dict[int, tuple[dict[str, Any], dict[str, Any]]]:
    """Return some rows of a table or of texts by their numbers, each with what is true of it.

    Rows that are hidden for the test, or that do not exist, are left out. Raises NotFound, Conflict when the version is not
    ready, and Invalid for images.
    """
    spec = datasets.require_ready(viewer, version_id)
    if "parquet" not in spec.arrays:
        raise Invalid(f"This version holds {require_kind(spec.kind).noun[1]}, not a table.")
    split, y = (np.load(storage.local_path(spec.arrays[name]), mmap_mode="r") for name in ("split", "y"))
    shown = [row for row in numbers[:MAX_PAGE] if 0 <= row < len(split) and split[row] == TRAIN]
    frame, task = finding.fetch(storage.local_path(spec.arrays["parquet"]), shown), require_task(spec.task)
    return {row: (cells, task.truth(y[row], spec)) for row, cells in zip(shown, frame.iter_rows(named=True), strict=True)}


def find_rows(asked: dict[str, Any], offset: int, limit: int) -> tuple[int, list[int]]:
    """Return how many training rows fit and where those of a page are, see `exploring.rows`. Only for `rows` and its job."""
    query = finding.Query(**{name: asked[name] for name in finding.Query.__dataclass_fields__})
    return finding.find(storage.local_path(asked["parquet"]), storage.local_path(asked["split"]), query, offset, limit)
