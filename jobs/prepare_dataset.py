"""The quick job that turns an upload into arrays."""

from __future__ import annotations

from contextlib import suppress

from jobs.broker import NO_LIMIT, actor
from jobs.room import Room
from mhub_core import queue
from mhub_core.datasets import worker_service as datasets
from mhub_core.errors import Unavailable

MOST_AT_ONCE = 4
room = Room(MOST_AT_ONCE)


@actor("prepare_dataset", seconds=NO_LIMIT)
@room
def prepare_dataset(version_id: int) -> None:
    """Prepare a dataset version; one that is done, or that somebody else prepares, is left alone."""
    datasets.prepare(version_id)
    with suppress(Unavailable):  # whoever looks at it asks again
        queue.send("profile_dataset", version_id)
