"""A run that does not stop when it is told to, with a real process that hears nothing."""

import time
from multiprocessing import forkserver

import pytest

from jobs import children, train
from mhub_core.accounts.records import User
from mhub_core.runs import service as runs
from mhub_core.runs import worker_service
from tests import factories

pytestmark = pytest.mark.slow


def deaf(pipe):
    """Report one epoch and then work on one step for ever."""
    pipe.send(("epoch", 1, {"loss": 0.5}))
    time.sleep(600)


def slow_to_save(pipe):
    """Heed the stop at once, and take longer to save than a deaf one may go on."""
    pipe.recv()
    pipe.send(("stopping",))
    time.sleep(7)
    pipe.send(("failed", {"kind": "Invalid", "happened": "It has come to its end.", "expected": "", "mend": "", "problems": {}}))
    pipe.recv()


def ready(pipe):
    """Say so."""
    pipe.send(("say", "ready"))


@pytest.fixture
def followed(database, monkeypatch):
    """Follow a child of a claimed run until its end, and return the run."""
    monkeypatch.setattr(train, "STOP_SECONDS", 5.0)
    first = children.start(ready)  # starts what the others are forked from, which takes a while
    assert first.receive(120) == ("say", "ready")
    first.close()
    ada = factories.person("ada")
    run_id = factories.run_row(ada, factories.model(ada), factories.dataset())
    claim = worker_service.claim("here:1:training", {})

    def follow(function, verdict):
        heart = train.Heart(claim)
        heart.verdict = verdict
        child = children.start(function)
        try:
            train.Follower(claim, heart, child).follow()
        finally:
            child.kill()
        return runs.require_run(ada, run_id)

    yield follow
    forkserver._forkserver._stop()  # It knows this test's home only.


def test_a_child_that_does_not_stop_is_ended_and_the_run_says_so(followed):
    run = followed(deaf, worker_service.STOP)
    assert run.state == "failed" and run.error["happened"].startswith("The run did not stop in time")


def test_a_child_that_is_testing_and_saving_gets_the_time_for_it(followed):
    run = followed(slow_to_save, worker_service.STOP)
    assert run.error["happened"] == "It has come to its end."


def test_a_run_that_takes_longer_than_the_hub_allows_is_stopped(followed, monkeypatch):
    monkeypatch.setenv("MHUB_MAX_RUN_HOURS", "0")
    run = followed(deaf, worker_service.GO)
    words = [line.words for line in factories.progress(User(run.owner_id, "", "", False), run.id).log]
    assert run.state == "failed" and any("time limit of 0 hours" in line for line in words)
