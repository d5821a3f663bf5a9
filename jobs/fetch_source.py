"""The quick job that fetches data from the web, from S3 or from a database."""

from __future__ import annotations

import threading

from jobs.broker import NO_LIMIT, actor
from mhub_core.datasets import fetch_service

MOST_AT_ONCE = 4  # so that threads of the quick worker stay free for people who wait for an answer
room = threading.BoundedSemaphore(MOST_AT_ONCE)


@actor("fetch_source", seconds=NO_LIMIT)
def fetch_source(fetch_id: int) -> None:
    """Fetch what somebody asked for; what is done, or what somebody else fetches, is left alone.

    Without room it stays as it is: the sweeper sends it again.
    """
    if not room.acquire(blocking=False):
        return
    try:
        fetch_service.run(fetch_id)
    finally:
        room.release()
