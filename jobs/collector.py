"""What a training reports, on its way into the database: what comes within a moment is written in one transaction.

A transaction costs the same for one epoch as for hundreds of them, and the other runs and the pages wait for it.
"""

from __future__ import annotations

import logging
import time

from mhub_core.errors import Unavailable
from mhub_core.runs import worker_service as runs
from mhub_core.runs.curve_service import Points
from mhub_core.runs.records import Claim

MOMENT_SECONDS = 1.0  # as often as a page asks
MOST_POINTS = 1000  # epochs that wait; quicker ones are written sooner
_log = logging.getLogger(__name__)


class Collector:
    """The points and sentences of one attempt that are not written yet. None is let go before it is written."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._points: Points = []
        self._words: list[str] = []
        self._written = 0.0

    def add(self, epoch: int, values: dict[str, float]) -> None:
        """Take the values of an epoch. The first one is due at once: people wait for it."""
        self._points.append((epoch, values))
        self._written = self._written if epoch > 1 else 0.0

    def say(self, words: str) -> None:
        """Take a sentence for the log."""
        self._words.append(words)

    def write_when_due(self) -> None:
        """Write what waited for a moment. A database that is away gets it with what comes next."""
        if time.monotonic() - self._written > MOMENT_SECONDS or len(self._points) >= MOST_POINTS:
            try:
                self.write()
            except Unavailable as error:
                _log.warning("%s", error)

    def write(self) -> None:
        """Return when all that was taken is in the database. Raises Unavailable, and keeps it then."""
        if self._points or self._words:
            runs.record(self._claim.run_id, self._claim.attempt, self._points, self._words)
            self._points, self._words = [], []
            self._written = time.monotonic()
