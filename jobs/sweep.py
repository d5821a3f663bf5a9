"""Puts right what got lost on the way: runs of dead workers, and wake-ups that a broker forgot."""

from __future__ import annotations

from mhub_core import queue
from mhub_core.datasets import worker_service as datasets
from mhub_core.runs import worker_service as runs


def sweep() -> None:
    """Requeue what dead workers held, and wake workers for whatever waits. Raises Unavailable.

    A message is sent only when fewer lie in the queue than there is work, so that sweeping often does not fill it.
    """
    waiting = runs.sweep()
    unprepared = datasets.list_unprepared()
    lying = queue.lengths()
    for _ in range(len(waiting) - lying[queue.TRAINING]):
        queue.send("train")
    for version_id in unprepared[lying[queue.QUICK] :]:
        queue.send("prepare_dataset", version_id)
