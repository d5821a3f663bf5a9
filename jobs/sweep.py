"""Puts right what got lost on the way: runs of dead workers, and wake-ups that a broker forgot."""

from __future__ import annotations

import time

from mhub_core import queue, settings
from mhub_core.datasets import fetch_service as fetches
from mhub_core.datasets import worker_service as datasets
from mhub_core.runs import worker_service as runs

PATIENCE_SECONDS = 2.0  # for which somebody else may hold the database without having locked it
MOST_BETWEEN_LOOKS = 10.0  # seconds; who looked longer ago cannot say what was meanwhile


class Watch:
    """Knows for how long the database could be written. A worker that could not is silent, and not dead."""

    def __init__(self) -> None:
        self._since = self._last = 0.0

    def is_sure(self) -> bool:
        """Look now, and tell whether every worker could say that it lives for longer than it may be silent.

        By the clock on the wall: a machine that slept was not looking.
        """
        was_writable = runs.is_writable(PATIENCE_SECONDS)
        now = time.time()
        if not was_writable or not 0 <= now - self._last <= MOST_BETWEEN_LOOKS:
            self._since = now
        self._last = now
        return was_writable and now - self._since > settings.number("MHUB_LEASE_SECONDS")


watch = Watch()


def sweep() -> None:
    """Requeue what dead workers held, and wake workers for whatever waits. Raises Unavailable.

    A message is sent only when fewer lie in the queue than there is work, so that sweeping often does not fill it.
    """
    waiting = runs.sweep(may_take=watch.is_sure())
    quick = [("prepare_dataset", version_id) for version_id in datasets.list_unprepared()]
    quick += [("fetch_source", fetch_id) for fetch_id in fetches.list_unfetched()]
    lying = queue.lengths()
    for _ in range(len(waiting) - lying[queue.TRAINING]):
        queue.send("train")
    for job, number in quick[lying[queue.QUICK] :]:
        queue.send(job, number)
