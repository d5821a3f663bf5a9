"""How quickly the messages of a tab are heard: whoever sends more waits, and is read no further until then.

Streamlit begins the page anew at every message, without waiting for the one before it. Two thousand small ones, which a program
sends in a moment, would keep the event loop from everybody else for ten seconds.
"""

from __future__ import annotations

import math
from collections import defaultdict

TAB = (60, 10.0)  # so many at once, then so many a second: more than anybody clicks
ADDRESS = (200, 100.0)  # of all tabs of one address, which may be a whole school's: as many pages as a web process can draw


class Pace:
    """Lets so many through at once, and then so many a second."""

    def __init__(self, at_once: int, per_second: float) -> None:
        self._step, self._slack = 1 / per_second, at_once / per_second
        self._next = 0.0  # when the next one would come if all came evenly

    def wait(self, now: float, longest: float = math.inf) -> float:
        """Count one more and return the seconds that it has to wait; 0 when it may come now. `now`: seconds of a steady clock.

        One that would have to wait longer than `longest` is sent away and not counted: else it would keep others waiting.
        """
        wanted = max(self._next, now) + self._step
        seconds = max(0.0, wanted - self._slack - now)
        self._next = wanted if seconds <= longest else self._next
        return seconds

    def is_rested(self, now: float) -> bool:
        """Tell whether this pace is as good as a new one."""
        return self._next <= now


class Paces:
    """The paces of all addresses that have open tabs."""

    def __init__(self) -> None:
        self._of: defaultdict[str, Pace] = defaultdict(lambda: Pace(*ADDRESS))

    def of_tab(self, address: str, now: float) -> list[Pace]:
        """Return by what the messages of a new tab are paced: its own, and what all tabs of its address share."""
        for other in [other for other, pace in self._of.items() if pace.is_rested(now) and other != address]:
            del self._of[other]
        return [Pace(*TAB), self._of[address]]
