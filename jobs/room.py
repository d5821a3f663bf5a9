"""How many of a long job run at once in one worker, so that threads stay free for people who wait for an answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps


class Room:
    """Decorates a job of which at most `num` run at once. Without room nothing is done: it is asked for again later."""

    def __init__(self, num: int) -> None:
        self.free = threading.BoundedSemaphore(num)

    def __call__(self, job: Callable[[int], None]) -> Callable[[int], None]:
        """Return the job as it is to be declared."""

        @wraps(job)
        def do(number: int) -> None:
            if not self.free.acquire(blocking=False):
                return
            try:
                job(number)
            finally:
                self.free.release()

        return do
