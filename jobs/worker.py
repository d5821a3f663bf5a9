"""One worker process: `python -m jobs.worker quick` or `training`. Any number may run, on any machine.

A broker or a database that is away is waited for: the process stays up and looks again.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import psutil
from dramatiq import Worker

from jobs import children, logs, machine
from jobs.broker import broker
from mhub_core import queue, sandbox
from mhub_core.datasets import worker_service as datasets
from mhub_core.errors import Unavailable
from mhub_core.mail import worker_service as mail
from mhub_core.runs import worker_service as runs
from mhub_core.storage import artifact_service as artifacts
from mhub_core.storage import service as storage

STOP_MILLISECONDS = 250  # how often an idle thread looks whether it is to stop; messages wake it
SEEN_SECONDS = 5.0
SWEEP_SECONDS = 5.0
MAIL_SECONDS = 3.0
COLLECT_SECONDS = 3600.0  # how often what nothing names is removed from the file store
POLL_SECONDS = 2.0
# More than what takes long may hold: datasets that are prepared, designs, slow models, files that are opened for a prediction.
QUICK_THREADS = 16

stop = threading.Event()
_log = logging.getLogger("jobs.worker")


def main(kind: str) -> None:
    """Work until a signal asks to stop."""
    if kind == queue.TRAINING:
        children.fork_server()
    else:
        children.do_apart(begin_the_home)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _ask_to_stop)
    logs.begin()
    name = f"{socket.gethostname()}:{os.getpid()}:{kind}"
    told = facts(kind)
    repeat(lambda: runs.worker_seen(name, kind, told), SEEN_SECONDS)
    {queue.QUICK: work_quickly, queue.TRAINING: work_on_trainings}[kind]()
    try:
        runs.worker_gone(name)
    except Unavailable:
        _log.warning("could not say goodbye")


def _ask_to_stop(number: int, frame: FrameType | None) -> None:
    stop.set()


def repeat(verb: Callable[[], object], seconds: float) -> None:
    """Call a verb again and again from a thread of its own, whatever happens to it, until this process stops."""

    def beat() -> None:
        while not stop.is_set():
            try:
                verb()
            except Unavailable as error:
                _log.warning("%s", error)
            except Exception:
                _log.exception("will be tried again")
            stop.wait(seconds)

    threading.Thread(target=beat, daemon=True).start()


def work_quickly() -> None:
    """Answer what people wait for, prepare datasets, send mail, and sweep."""
    from jobs import sweep

    for job in queue.jobs_of(queue.QUICK):
        importlib.import_module(f"jobs.{job}")  # loads Keras, so that nobody has to wait for it later
    gc.collect()
    gc.freeze()  # To walk through all of Keras in each full collection would hold an answer up for 300 ms.
    worker = start_worker(QUICK_THREADS)
    repeat(sweep.sweep, SWEEP_SECONDS)
    repeat(mail.send_due, MAIL_SECONDS)  # by a thread of its own: a mail server that does not answer holds up nobody else
    repeat(artifacts.collect, COLLECT_SECONDS)
    repeat(lambda: storage.clear_remains(sandbox.folders(), artifacts.GRACE), COLLECT_SECONDS)
    stop.wait()
    worker.stop(timeout=5000)


def begin_the_home() -> None:
    """Do what has to be done once in the life of a home, and takes memory that nothing else needs."""
    logs.begin()
    for verb in (datasets.open_all, datasets.install_builtins, artifacts.count_blobs):
        _until_answered(verb)


def _until_answered(verb: Callable[[], Any]) -> None:
    while not stop.is_set():
        try:
            verb()
            return
        except Unavailable as error:
            _log.warning("%s", error)
            stop.wait(1.0)


def work_on_trainings() -> None:
    """Train one run at a time. Idle, it also looks into the database by itself, should a wake-up have been lost."""
    from jobs import train

    train.spare.warm()
    worker = start_worker(1)
    repeat(train.work_off, POLL_SECONDS)
    stop.wait()
    train.shut_down.set()
    worker.stop(timeout=5000)
    train.wait_until_idle(5.0)
    train.spare.close()


def start_worker(num_threads: int) -> Worker:
    """Start taking messages. A message is fetched only when a thread is free for it, so that none waits behind a long job."""
    broker.emit_after("process_boot")
    worker = Worker(broker, worker_threads=num_threads, worker_timeout=STOP_MILLISECONDS)
    worker.queue_prefetch = num_threads
    worker.start()
    return worker


def facts(kind: str) -> dict[str, Any]:
    """Return what this machine is, for people who look after the hub."""
    return {
        **machine.library_versions(),
        "processors": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "gpus": machine.list_gpus() if kind == queue.TRAINING else [],
    }


if __name__ == "__main__":
    if sys.argv[1:] not in ([queue.QUICK], [queue.TRAINING]):
        sys.exit(f"Expected one word: {queue.QUICK} or {queue.TRAINING}.")
    main(sys.argv[1])
