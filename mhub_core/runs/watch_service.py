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
_allowed: TTLCache[tuple[str, int], bool] = TTLCache(maxsize=20_000, ttl=ALLOWED_SECONDS)
_lock = threading.Lock()  # for both: such a cache is not safe when many threads change it


def glance(token: str, run_id: int) -> Seen | None:
    """Return what somebody found within the last moment, when this person's right to see it is known; None: `watch` instead.

    Never waits, so that it may be called where nothing else must wait.
    """
    with _lock:
        watched = _watched.get(run_id) if (token, run_id) in _allowed else None
    return watched.seen if watched and watched.is_fresh() else None


def watch(token: str, run_id: int) -> Seen:
    """Return how a run goes, to the holder of a session (empty: a visitor). Raises NotFound, Unavailable."""
    with _lock:
        is_allowed = (token, run_id) in _allowed
    if not is_allowed:
        service.require_visible(accounts.get_session_user(token) if token else None, run_id)
        with _lock:
            _allowed[token, run_id] = True
    return _look(run_id)


def watch_as(viewer: User | None, run_id: int) -> Seen:
    """Return how a run goes, to somebody who is known already. Raises NotFound, Unavailable."""
    service.require_visible(viewer, run_id)
    return _look(run_id)


def forget() -> None:
    """Forget everything: for a process that turns to another database."""
    with _lock:
        _watched.clear()
        _allowed.clear()


def _look(run_id: int) -> Seen:
    """Look the run up, unless somebody did within a moment or found that it has ended, after which nothing changes any more.

    Those who come meanwhile wait for that look.
    """
    with _lock:
        watched = _watched.setdefault(run_id, _Watched())
    with watched.lock:
        if watched.seen is None or (watched.seen.progress.is_active and not watched.is_fresh()):
            watched.seen = _newer(run_id, watched.seen)
            watched.at = time.monotonic()
        return watched.seen


def _newer(run_id: int, held: Seen | None) -> Seen:
    with reading() as session:
        after, attempt = (held.progress.epoch, held.progress.attempt) if held else (0, None)
        progress = course_service.progress(session, run_id, after, attempt)
        known = held.points if held and held.progress.attempt == progress.attempt else {}
        points = {name: [*known.get(name, ()), *progress.points.get(name, ())] for name in {**known, **progress.points}}
        if max(map(len, points.values()), default=0) > MOST_POINTS:
            points = course_service.points(session, run_id, 0)
    return Seen(progress, points)
