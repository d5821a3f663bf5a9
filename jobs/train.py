"""The training job: take runs from the database one after the other, and carry each out in a process of its own.

The message is only a wake-up. This process keeps the lease alive, writes what the child reports and ends the child when the
run is no longer ours; it loads neither Keras nor TensorFlow, and nothing that happens to a child can end it.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from jobs import children, machine
from jobs.broker import NO_LIMIT, actor
from jobs.collector import Collector
from mhub_core import errors, queue, settings
from mhub_core.errors import MHubError, Unavailable
from mhub_core.runs import worker_service as runs
from mhub_core.runs.records import Claim
from mhub_core.storage import service as storage
from mhub_core.training.records import Outcome

WORKER = f"{socket.gethostname()}:{os.getpid()}:{queue.TRAINING}"
BEAT_SECONDS = 1.0
FILES_SECONDS = 2.0  # between two tries to reach the file store
STOP_SECONDS = 30.0  # within which a child heeds a stop, or is ended
FINISH_SECONDS = 600.0  # within which it then tests and saves what it learned
PATIENCE_SECONDS = 0.25  # how long a message of the child is waited for

shut_down = threading.Event()
spare = children.Runs()
_training = threading.Lock()
_log = logging.getLogger(__name__)
T = TypeVar("T")


@actor("train", seconds=NO_LIMIT)
def train() -> None:
    """Wake up and train what waits."""
    work_off()


def work_off() -> None:
    """Train until no run waits. Returns at once in a process that is training already: that goes on with the next run itself."""
    if not _training.acquire(timeout=0.5):
        return
    try:
        while not shut_down.is_set() and (claim := runs.claim(WORKER, machine.library_versions())):
            carry_out(claim)
    finally:
        _training.release()


def wait_until_idle(seconds: float) -> None:
    """Wait for a training to be given back after `shut_down` was set."""
    if _training.acquire(timeout=seconds):
        _training.release()


def carry_out(claim: Claim) -> None:
    """Train one run to its end. An error of ours ends the run in words, not this process."""
    _log.info("run %d, attempt %d", claim.run_id, claim.attempt)
    try:
        with _folder(claim) as folder, Heart(claim) as heart:
            wait_for_files(claim, heart)
            child = spare.start(claim.spec, folder)
            try:
                Follower(claim, heart, child).follow()
            finally:
                child.kill()
    except Exception as error:
        _log.exception("run %d broke off", claim.run_id)
        _end_in_words(claim, error)
    spare.warm()


def _end_in_words(claim: Claim, error: Exception) -> None:
    known = error if isinstance(error, MHubError) else None
    words = known or Unavailable(
        f"The worker failed with {type(error).__name__}: {error}", mend="The worker's log has the details. Train again."
    )
    insist(lambda: runs.fail(claim.run_id, claim.attempt, words))


@contextmanager
def _folder(claim: Claim) -> Iterator[Path]:
    """A folder for one attempt. What an attempt left that was killed goes first."""
    work = settings.home() / "work"
    for old in work.glob(f"run-{claim.run_id}-*"):
        shutil.rmtree(old, ignore_errors=True)
    folder = work / f"run-{claim.run_id}-{claim.attempt}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def insist(verb: Callable[[], T]) -> T | None:
    """Call a verb until the database answers; give up only when this process is shut down."""
    while True:
        try:
            return verb()
        except Unavailable as error:
            _log.warning("%s", error)
            if shut_down.wait(1.0):
                return None


def wait_for_files(claim: Claim, heart: Heart) -> None:
    """Return once the file store answers, so that a store that is away for a while fails no run; or when the run is to end."""

    def look() -> None:
        if heart.verdict != runs.STOP:
            storage.check()

    patiently(look, claim, heart, "The run is waiting for the file store.")


def patiently(verb: Callable[[], T], claim: Claim, heart: Heart, waiting: str) -> T | None:
    """Call a verb of the file store until it is not away or full, and tell the run's page once that this is what it waits for.

    Returns None when the run is no longer ours, or this process is shut down.
    """
    told = False
    while heart.verdict != runs.LOST and not shut_down.is_set():
        try:
            return verb()
        except Unavailable as error:
            _log.warning("run %d: %s", claim.run_id, error)
            words = f"{waiting} {error}"
            if not told:
                insist(lambda: runs.record(claim.run_id, claim.attempt, [], [words]))
            told = True
            shut_down.wait(FILES_SECONDS)
    return None


class Heart:
    """Keeps the lease of a claim alive from a thread of its own. `verdict` is the newest answer: go, stop or lost."""

    def __init__(self, claim: Claim) -> None:
        self.verdict = runs.GO
        self._claim = claim
        self._still = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._still.set()
        self._thread.join()

    def _beat(self) -> None:
        while self.verdict != runs.LOST and not self._still.wait(BEAT_SECONDS):
            try:
                self.verdict = runs.beat(self._claim.run_id, self._claim.attempt)
            except Unavailable as error:  # the training goes on; whose run it is will be seen when the database is back
                _log.warning("%s", error)


class Follower:
    """Writes down what a child reports, until its last message."""

    def __init__(self, claim: Claim, heart: Heart, child: children.Child) -> None:
        self.claim = claim
        self.heart = heart
        self.child = child
        self.collector = Collector(claim)
        self.began = time.monotonic()
        self.deadline: float | None = None  # until when the child must have ended, once it was told to stop

    def follow(self) -> None:
        """Return when the run ended, was lost, or was given back because this process is being shut down."""
        while self.heart.verdict != runs.LOST:
            if shut_down.is_set():
                return runs.give_back(self.claim.run_id, self.claim.attempt)
            self._pass_on_stop()
            if self.deadline and time.monotonic() > self.deadline:
                return self._give_up_on_child()
            message = self.child.receive(PATIENCE_SECONDS)
            if message and self._take(*message):
                return None
            self.collector.write_when_due()
        return None

    def _pass_on_stop(self) -> None:
        hours = settings.number("MHUB_MAX_RUN_HOURS")
        is_too_long = time.monotonic() - self.began > hours * 3600
        if self.deadline is None and (self.heart.verdict == runs.STOP or is_too_long):
            if is_too_long:
                self.collector.say(f"The run was stopped because it reached this hub's time limit of {hours:,} hours.")
            self.child.send("stop")
            self.deadline = time.monotonic() + STOP_SECONDS

    def _give_up_on_child(self) -> None:
        """End a child that does not stop, so that nobody holds the worker with a step that takes minutes."""
        insist(self.collector.write)
        error = Unavailable(
            "The run did not stop in time and was ended. The model it had trained so far was not saved.",
            "Each training step must finish within seconds.",
            "Try a smaller batch size, smaller images or a smaller model.",
        )
        insist(lambda: runs.fail(self.claim.run_id, self.claim.attempt, error))

    def _take(self, kind: str, *content: Any) -> bool:
        """Take one message. Return whether it was the last one."""
        if kind == "epoch":
            self.collector.add(*content)
        elif kind == "say":
            self.collector.say(*content)
        elif kind == "stopping":
            self.deadline = time.monotonic() + FINISH_SECONDS
        elif kind == "done":
            insist(self.collector.write)
            self._finish(content[0])
        elif kind in ("failed", "died"):
            insist(self.collector.write)
            verb = runs.fail if kind == "failed" else runs.died
            insist(lambda: verb(self.claim.run_id, self.claim.attempt, errors.from_json(content[0])))
        return kind in ("done", "failed", "died")

    def _finish(self, outcome: Outcome) -> None:
        """Store the model, then name it in the row. A store that is away or full for a while costs no hours of training."""
        waiting = "Training has finished; the model is waiting to be stored."
        key = patiently(lambda: storage.put_file(outcome.model_path), self.claim, self.heart, waiting)
        if key:
            insist(lambda: runs.finish(self.claim.run_id, self.claim.attempt, outcome, key))
        elif shut_down.is_set():
            runs.give_back(self.claim.run_id, self.claim.attempt)
