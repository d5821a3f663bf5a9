"""The names of the jobs, and how to send one. The only place in the core that knows the broker.

Messages are sent by name, without importing the actors, so the web process never loads what a worker needs.
"""

from __future__ import annotations

import json
import os
import random
import time
from functools import cache
from math import ceil
from typing import Any

from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import ConnectionClosed
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError
from redis.retry import Retry

from mhub_core import errors, look, settings
from mhub_core.errors import Busy, MHubError, Unavailable

TRAINING = "training"
QUICK = "quick"
# Every job and the queue it goes to; its actor is in jobs/ in the file of the same name, and workers load it from there.
# Jobs of the training queue take no arguments: they wake a worker, which asks the database.
JOBS = {
    "train": TRAINING,
    "prepare_dataset": QUICK,
    "graph_facts": QUICK,
    "graph_repairs": QUICK,
    "predict": QUICK,
    "profile_dataset": QUICK,
    "find_rows": QUICK,
    "fetch_source": QUICK,
}
ANSWER_SECONDS = 120
_PATIENCE_STEP, _SLACK_SECONDS = 10, 5
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 2.0  # seconds before a busy worker is asked again
# Dramatiq's defaults notice a dead worker after hours; these notice it within seconds.
BROKER_OPTIONS = {"heartbeat_timeout": 15_000, "maintenance_chance": 1_000_000}


@cache
def _broker(url: str, process_id: int) -> RedisBroker:
    return RedisBroker(url=url, **BROKER_OPTIONS)  # type: ignore[no-untyped-call]


@cache
def _answers(url: str, process_id: int, seconds: int) -> Redis:
    """Return a client that waits so long for an answer. A broker that says nothing at all is not asked again: that would take as
    long once more."""
    again = Retry(NoBackoff(), 1, (Disconnected,))  # one that was started again meanwhile
    return Redis.from_url(url, socket_timeout=seconds + _SLACK_SECONDS, socket_connect_timeout=_SLACK_SECONDS, retry=again)


def broker() -> RedisBroker:
    """Return the broker by which this process sends. No connection is made before the first use."""
    return _broker(settings.redis_url(), os.getpid())


def _message(job: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Message[Any]:
    return Message(queue_name=JOBS[job], actor_name=job, args=arguments, kwargs={}, options=options)


def _enqueue(message: Message[Any]) -> None:
    try:
        sender = broker()
        sender.declare_queue(message.queue_name)
        sender.enqueue(message)
    except (RedisError, ConnectionClosed, OSError) as error:
        raise Unavailable(
            "The queue did not answer, so the job is waiting.",
            "A Redis-compatible server must be reachable at REDIS_URL.",
            "It is sent again automatically.",
        ) from error


def jobs_of(queue_name: str) -> list[str]:
    """Return the names of the jobs that go to a queue."""
    return [job for job, goes_to in JOBS.items() if goes_to == queue_name]


def send(job: str, *arguments: Any) -> None:
    """Send a wake-up. Call it after the commit that the job must see. Raises Unavailable when the broker is away."""
    _enqueue(_message(job, arguments, {}))


def ask(job: str, *arguments: Any, seconds: float = 10.0) -> Any:
    """Send a quick job and wait for its answer, plain JSON. Is the worker Busy, it is asked again while the answer is waited for.

    Raises Unavailable when the broker or the worker does not answer in time, and the MHubError that the job raised.
    """
    look.forget()  # no transaction of a page lasts while it waits
    end, pause = time.monotonic() + seconds, FIRST_PAUSE
    while True:
        try:
            return _ask_once(job, arguments, end - time.monotonic())
        except Busy:
            if time.monotonic() + pause > end - 1:
                raise
        time.sleep(pause * random.uniform(0.5, 1))
        pause = min(pause * 2, LONGEST_PAUSE)


def _ask_once(job: str, arguments: tuple[Any, ...], seconds: float) -> Any:
    """Send a question and wait for its answer in one round trip. The client counts whole seconds, so at least one is waited."""
    # A question that nobody waits for any more is not worth an answer: a worker that was away passes it over.
    message = _message(job, arguments, {"max_retries": 0, "max_age": int(seconds * 1000)})
    message.options["redis_message_id"] = message.message_id
    list_name = f"dramatiq:{message.queue_name}"
    try:
        patience = ceil(seconds / _PATIENCE_STEP) * _PATIENCE_STEP  # few of them, because each has connections of its own
        with _answers(settings.redis_url(), os.getpid(), patience).pipeline(transaction=False) as pipe:
            # As dramatiq's script does it, which also looks for dead workers; those that wait for messages do that, too.
            pipe.hset(f"{list_name}.msgs", message.message_id, message.encode())
            pipe.rpush(list_name, message.message_id)
            pipe.blpop([answer_key(message.message_id)], ceil(seconds))
            *_, found = pipe.execute()
    except (RedisError, OSError) as error:
        raise Unavailable("The queue did not answer.", mend="Try again in a moment.") from error
    if found is None:
        raise Unavailable(
            "The worker that computes this is busy or not running.",
            f"An answer within {seconds:.0f} seconds.",
            "Try again in a moment.",
        )
    answer = json.loads(found[1])
    if "error" in answer:
        raise errors.from_json(answer["error"])
    return answer["value"]


def answer_key(message_id: str) -> str:
    """Return the name of the list in the broker in which the answer to a message is waited for."""
    return f"mhub-answer:{message_id}"


def encode_answer(value: Any = None, error: MHubError | None = None) -> bytes:
    """Return an answer as `ask` reads it: a value as plain JSON, or an error."""
    answer = {"error": errors.to_json(error)} if error else {"value": value}
    return json.dumps(answer, separators=(",", ":")).encode()


def lengths() -> dict[str, int]:
    """Return the number of messages that wait in each queue. Raises Unavailable."""
    try:
        return {name: int(broker().client.llen(f"dramatiq:{name}")) for name in (TRAINING, QUICK)}
    except (RedisError, OSError) as error:
        raise Unavailable("The queue did not answer.") from error
