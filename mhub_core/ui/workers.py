"""Whether somebody is there to do the work."""

from __future__ import annotations

from mhub_core.runs import worker_service


def answer(queue: str) -> bool:
    """Return whether a worker of a queue (`training` or `quick`) said lately that it lives."""
    return worker_service.has_worker(queue)
