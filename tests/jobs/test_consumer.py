"""A worker takes a message in the moment that it comes. The wait is 30 s here: who only looked now and then would be too late."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import dramatiq
import pytest
import redis
from dramatiq import Worker
from dramatiq.middleware import CurrentMessage

from jobs import valkey
from jobs.broker import answering, answering_now
from jobs.consumer import WaitingBroker
from mhub_core import queue, settings
from mhub_core.errors import Busy, Invalid, Unavailable
from tests.services import wait_until

JOB = "graph_facts"  # any job that answers
LONG = 30.0


@contextmanager
def working(function, threads: int = 1, now=None, **options) -> Iterator[Worker]:
    """Let a worker in this process carry out the job, until the block ends."""
    broker = WaitingBroker(url=settings.redis_url(), wait_seconds=LONG, **queue.BROKER_OPTIONS)
    broker.add_middleware(CurrentMessage())
    dramatiq.actor(actor_name=JOB, broker=broker, queue_name=queue.JOBS[JOB], max_retries=0, **options)(answering(function))
    if now:
        broker.now[JOB] = answering_now(now)
    broker.emit_after("process_boot")
    worker = Worker(broker, worker_threads=threads, worker_timeout=100)
    worker.queue_prefetch = threads
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def num_waiting() -> int:
    """Count the connections that wait at the quick queue or at its twin for later."""
    clients = redis.Redis.from_url(settings.redis_url()).client_list()
    return sum(client["cmd"] == "brpoplpush" and "b" in client["flags"] for client in clients)


def ask(*arguments, seconds: float = 10.0):
    return queue.ask(JOB, *arguments, seconds=seconds)


def test_an_idle_worker_is_woken_by_a_message(hub):
    with working(lambda number: number + 1):
        for number in (1, 2):
            wait_until(lambda: num_waiting() == 2)
            assert ask(number) == number + 1


def test_a_worker_whose_threads_are_busy_goes_on_as_soon_as_one_is_free(hub):
    with working(lambda number: time.sleep(0.05) or number), ThreadPoolExecutor(6) as askers:
        assert list(askers.map(ask, range(6))) == list(range(6))


def test_a_worker_that_is_told_to_stop_ends_its_waits_and_takes_no_more(hub):
    with working(lambda: "here"):
        wait_until(lambda: num_waiting() == 2)
    assert num_waiting() == 0
    queue.send(JOB)
    assert queue.lengths()["quick"] == 1


def test_a_worker_that_waits_survives_a_restart_of_the_broker(database, broker):
    with ExitStack() as at_the_end, working(lambda: "here"):
        wait_until(lambda: num_waiting() == 2)
        broker.kill()
        broker.wait()
        again = subprocess.Popen(valkey.command(database / "broker"), stdout=subprocess.DEVNULL)
        # After the worker has stopped: one that has not heard yet that its answer was taken would try again for ten minutes.
        at_the_end.callback(again.wait)
        at_the_end.callback(again.kill)
        wait_until(valkey.answers)
        wait_until(lambda: answered_by_now() == "here")
        assert ask() == "here"


def answered_by_now() -> str | None:
    try:
        return ask(seconds=1)
    except Unavailable:
        return None


def test_two_workers_share_what_comes_and_nothing_is_done_twice(hub):
    done, both = [], threading.Barrier(2, timeout=20)

    def job(number: int) -> int:
        both.wait()  # Each has one thread, so this ends only when both have one at the same time.
        done.append(number)
        return number

    with working(job), working(job), ThreadPoolExecutor(10) as askers:
        assert list(askers.map(ask, range(10))) == list(range(10))
    assert sorted(done) == list(range(10))


def test_an_answer_that_was_read_leaves_nothing_in_the_broker(hub):
    with working(lambda: "a long text" * 1000):
        ask()
        client = redis.Redis.from_url(settings.redis_url())
        kept = {b"dramatiq:__heartbeats__"}
        wait_until(lambda: set(client.keys()) == kept)


def test_what_takes_a_moment_is_answered_together_and_the_rest_by_threads(hub):
    together, by_thread = [], []

    def now(asked):
        together.append([number for [number, *_] in asked])
        return [None if number % 2 else -number for [number, *_] in asked]

    def job(number, text=""):
        by_thread.append(number)
        return number

    ids = [send_question(number) for number in range(4)] + [send_question(4, "a long text" * 10_000)]
    with working(job, now=now, threads=5):
        assert [read_answer(message_id) for message_id in ids] == [0, 1, -2, 3, 4]
        client = redis.Redis.from_url(settings.redis_url())
        wait_until(lambda: set(client.keys()) == {b"dramatiq:__heartbeats__"})
    assert together == [[0, 1, 2, 3]] and sorted(by_thread) == [1, 3, 4]


def test_a_question_that_nobody_waits_for_any_more_is_not_answered(hub):
    asked = []
    send_question(1, seconds=0.001)
    with working(asked.append, now=lambda found: asked.extend(found) or found):
        assert ask(2) == [2]
    assert asked == [(2,)]


def test_what_cannot_be_answered_together_is_left_to_the_job_and_errors_are_told(hub):
    def now(asked):
        if asked[0][0] == "bug":
            raise ValueError
        return [Invalid("This is wrong.") if what == "ours" else ValueError() for [what] in asked]

    with working(lambda what: f"job: {what}", now=now):
        assert ask("bug") == "job: bug" and ask("other") == "job: other"
        with pytest.raises(Invalid, match="This is wrong"):
            ask("ours")


def test_a_worker_that_stops_sends_the_answers_that_it_has(hub):
    begun, goes_on = threading.Event(), threading.Event()

    def now(asked):
        begun.set()
        goes_on.wait(20)
        return asked

    with ThreadPoolExecutor(1) as askers, working(lambda number: number, now=now) as worker:
        asked = askers.submit(ask, 1)
        begun.wait(20)
        stopping = threading.Thread(target=worker.stop)
        stopping.start()
        wait_until(lambda: worker.broker.is_stopping)
        goes_on.set()
        stopping.join()
        assert asked.result(20) == [1]


def send_question(*arguments, seconds: float = 30.0) -> str:
    """Lay a question into the queue as `queue.ask` does, without waiting. Return its id."""
    message = queue._message(JOB, arguments, {"max_retries": 0, "max_age": int(seconds * 1000)})
    queue._enqueue(message)
    return message.message_id


def read_answer(message_id: str):
    client = redis.Redis.from_url(settings.redis_url())
    _, told = client.blpop([queue.answer_key(message_id)], 20)
    return json.loads(told)["value"]


def test_errors_come_back_in_words_and_the_next_question_is_answered(hub):
    def job(what: str) -> str:
        if what == "ours":
            raise Invalid("This is wrong.")
        if what == "bug":
            return object()
        while what == "long":
            time.sleep(0.01)
        return what

    with working(job, time_limit=500):
        for what, error, told in (
            ("ours", Invalid, "This is wrong"),
            ("bug", Unavailable, "could not compute"),
            ("long", Unavailable, "took too long"),
        ):
            with pytest.raises(error, match=told):
                ask(what)
        assert ask("good") == "good"


def test_a_busy_worker_is_asked_again_as_long_as_the_answer_is_waited_for(hub):
    asked = []

    def job(num_refused: int) -> int:
        asked.append(num_refused)
        if len(asked) <= num_refused:
            raise Busy("The hub is busy.")
        return len(asked)

    with working(job):
        assert ask(2) == 3
        with pytest.raises(Busy):
            ask(1000, seconds=2)
