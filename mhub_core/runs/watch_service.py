"""One look at a run that goes on, for all who watch it.

Browsers ask more than once a second for what is new. However many they are, a run is looked up at most five times a second.
Whether somebody may see it is asked anew every few seconds, so that a page left open ends soon after a sign-out.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, field

from cachetools import TTLCache

from db.engine import reading
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import User
from mhub_core.runs import course_service, service
from mhub_core.runs.curves import Curve
from mhub_core.runs.records import Progress
from mhub_core.sharing import policy

FRESH_SECONDS = 0.2
ALLOWED_SECONDS = 3.0
MOST_POINTS = 3000  # held of a curve; beyond, it is fetched anew, thinned out


@dataclass(frozen=True, eq=False)
class Seen:
    """A run as it was found: how it goes, and all points of its curves so far, by name."""

    progress: Progress
    points: dict[str, Curve]


@dataclass
class _Watched:
    """A run that somebody watches."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    at: float = -math.inf
    seen: Seen | None = None

    def is_fresh(self) -> bool:
        return time.monotonic() - self.at <= FRESH_SECONDS


_watched: TTLCache[int, _Watched] = TTLCache(maxsize=500, ttl=300)
_allowed: TTLCache[tuple[str, int], str] = TTLCache(maxsize=20_000, ttl=ALLOWED_SECONDS)
_lock = threading.Lock()  # for both: such a cache is not safe when many threads change it


def glance(token: str, run_id: int) -> Seen | None:
    """Return what somebody found within the last moment, when this person's right to see it is known; None: `watch` instead.

    Never waits, so that it may be called where nothing else must wait.
    """
    with _lock:
        watched, key = _watched.get(run_id), _allowed.get((token, run_id))
    if watched is None or watched.seen is None or not watched.is_fresh():
        return None
    return watched.seen if watched.seen.progress.key == key else None


def watch(token: str, run_id: int) -> Seen:
    """Return how a run goes, to the holder of a session (empty: a visitor). Raises NotFound, Unavailable."""
    seen = _look(run_id)
    with _lock:
        key = _allowed.get((token, run_id))
    if key != seen.progress.key:
        key = service.require_visible(accounts.get_session_user(token) if token else None, run_id)
        with _lock:
            _allowed[token, run_id] = key
        seen = _look(run_id, key)
    return seen


def watch_as(viewer: User | None, run_id: int) -> Seen:
    """Return how a run goes, to somebody who is known already. Raises NotFound, Unavailable."""
    return _look(run_id, service.require_visible(viewer, run_id))


def forget() -> None:
    """Forget everything: for a process that turns to another database."""
    with _lock:
        _watched.clear()
        _allowed.clear()


def _look(run_id: int, key: str | None = None) -> Seen:
    """Look the run up, unless somebody did within a moment. Those who come meanwhile wait for that look.

    Raises NotFound where it must be the run of a key, and is not.
    """
    with _lock:
        watched = _watched.setdefault(run_id, _Watched())
    with watched.lock:
        if watched.seen is None or not watched.is_fresh() or key not in (None, watched.seen.progress.key):
            watched.seen = _newer(run_id, watched.seen)
            watched.at = time.monotonic()
        if key not in (None, watched.seen.progress.key):  # It was deleted in this very moment, and another has its number.
            raise policy.hidden("run")
        return watched.seen


def _newer(run_id: int, held: Seen | None) -> Seen:
    with reading() as session:
        after, attempt = (held.progress.epoch, held.progress.attempt) if held else (0, None)
        progress = course_service.progress(session, run_id, after, attempt)
        if held and held.progress.key != progress.key:  # another run under the number of one that was deleted
            held, progress = None, course_service.progress(session, run_id)
        known = held.points if held and held.progress.attempt == progress.attempt else {}
        points = {name: [*known.get(name, ()), *progress.points.get(name, ())] for name in {**known, **progress.points}}
        if max(map(len, points.values()), default=0) > MOST_POINTS:
            points = course_service.points(session, run_id, 0)
    return Seen(progress, points)
