"""The quick job that turns an upload into arrays."""

from __future__ import annotations

import threading
from contextlib import suppress

from jobs.broker import NO_LIMIT, actor
from mhub_core import queue
from mhub_core.datasets import worker_service as datasets
from mhub_core.errors import Unavailable

MOST_AT_ONCE = 4  # so that threads of the quick worker stay free for people who wait for an answer
room = threading.BoundedSemaphore(MOST_AT_ONCE)


@actor("prepare_dataset", seconds=NO_LIMIT)
def prepare_dataset(version_id: int) -> None:
    """Prepare a dataset version; one that is done, or that somebody else prepares, is left alone.

    Without room it stays as it is: the sweeper sends it again.
    """
    if not room.acquire(blocking=False):
        return
    try:
        datasets.prepare(version_id)
    finally:
        room.release()
    with suppress(Unavailable):  # whoever looks at it asks again
        queue.send("profile_dataset", version_id)
