"""The quick job that looks a dataset version through."""

from __future__ import annotations

import threading

from jobs.broker import NO_LIMIT, actor
from mhub_core.exploring import worker_service as exploring

MOST_AT_ONCE = 2  # it takes a processor for seconds, and people wait for other answers
room = threading.BoundedSemaphore(MOST_AT_ONCE)


@actor("profile_dataset", seconds=NO_LIMIT)
def profile_dataset(version_id: int) -> None:
    """Make the profile of a version; one that is made, or that somebody else makes, is left alone.

    Without room nothing happens: whoever looks at the version asks again.
    """
    if not room.acquire(blocking=False):
        return
    try:
        exploring.make_profile(version_id)
    finally:
        room.release()
