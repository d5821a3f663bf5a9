"""Messages are wake-ups: they may be lost, and a broker may be away, but nobody waits for ever."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from jobs import sweep
from mhub_core import queue
from mhub_core.errors import MHubError, Unavailable
from tests import factories


def test_a_sent_job_lies_in_its_queue(hub):
    queue.send("train")
    queue.send("graph_facts", {})

    assert queue.lengths() == {"training": 1, "quick": 1}


def test_a_broker_that_is_away_is_said_at_once(hub_home):
    began = time.monotonic()

    for verb in (lambda: queue.send("train"), queue.lengths, lambda: queue.ask("graph_facts", {})):
        with pytest.raises(Unavailable):
            verb()
    assert time.monotonic() - began < 5


def test_a_question_without_a_worker_is_given_up_in_time(hub):
    began = time.monotonic()

    with pytest.raises(Unavailable, match="busy or not running"):
        queue.ask("graph_facts", {}, seconds=0.5)
    assert time.monotonic() - began < 5


def test_lost_wake_ups_are_sent_again_but_not_heaped_up(hub):
    ada = factories.person("ada")
    model, data = factories.model(ada), factories.dataset()
    for _ in range(3):
        factories.run_row(ada, model, data)

    for _ in range(4):
        sweep.sweep()

    assert queue.lengths()["training"] == 3


def test_a_broker_that_says_nothing_is_given_up(broker):
    queue.lengths()  # connected
    broker.send_signal(signal.SIGSTOP)
    told: list[MHubError] = []

    def ask() -> None:
        try:
            queue.ask("predict", seconds=1.0)
        except MHubError as error:
            told.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(90)  # it was 500 seconds
    assert [type(error) for error in told] == [Unavailable]
