"""The names of the jobs, and how to send one. The only place in the core that knows the broker.

Messages are sent by name, without importing the actors, so the web process never loads what a worker needs.
"""

from __future__ import annotations

import os
from functools import cache
from math import ceil
from typing import Any

from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import ConnectionClosed
from dramatiq.results import ResultFailure, ResultMissing, Results, ResultTimeout
from dramatiq.results.backends import RedisBackend
from redis import Redis
from redis.exceptions import RedisError

from mhub_core import errors, settings
from mhub_core.errors import Unavailable

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
}
ANSWER_SECONDS = 120


@cache
def _broker(url: str, process_id: int) -> RedisBroker:
    # Dramatiq's defaults notice a dead worker after hours; these notice it within seconds.
    broker = RedisBroker(url=url, heartbeat_timeout=15_000, maintenance_chance=1_000_000)  # type: ignore[no-untyped-call]
    # The client's own time-out of 5 s would end a longer wait for an answer.
    answers = RedisBackend(client=Redis.from_url(url, socket_timeout=ANSWER_SECONDS + 5, socket_connect_timeout=5))
    broker.add_middleware(Results(backend=answers, result_ttl=ANSWER_SECONDS * 1000))  # type: ignore[no-untyped-call]
    return broker


def broker() -> RedisBroker:
    """Return this process's broker. No connection is made before the first use."""
    return _broker(settings.redis_url(), os.getpid())


def _message(job: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Message[Any]:
    return Message(queue_name=JOBS[job], actor_name=job, args=arguments, kwargs={}, options=options)


def _enqueue(message: Message[Any]) -> None:
    try:
        broker().declare_queue(message.queue_name)
        broker().enqueue(message)
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
    """Send a quick job and wait for its answer, plain JSON. The client counts whole seconds, so at least one is waited.

    Raises Unavailable when the broker or the worker does not answer in time, and the MHubError that the job raised.
    """
    # A question that nobody waits for any more is not worth an answer: a worker that was away passes it over.
    message = _message(job, arguments, {"max_retries": 0, "max_age": int(seconds * 1000)})
    _enqueue(message)
    backend = broker().get_results_backend()
    try:
        answer = message.get_result(backend=backend, block=True, timeout=ceil(seconds) * 1000)
    except (ResultTimeout, ResultMissing) as error:
        raise Unavailable(
            "The worker that computes this is busy or not running.",
            f"An answer within {seconds:.0f} seconds.",
            "Try again in a moment.",
        ) from error
    except (ResultFailure, RedisError, OSError) as error:
        raise Unavailable("The worker that computes this failed.", mend="Try again; the worker's log has the details.") from error
    if "error" in answer:
        raise errors.from_json(answer["error"])
    return answer["value"]


def lengths() -> dict[str, int]:
    """Return the number of messages that wait in each queue. Raises Unavailable."""
    try:
        return {name: int(broker().client.llen(f"dramatiq:{name}")) for name in (TRAINING, QUICK)}
    except (RedisError, OSError) as error:
        raise Unavailable("The queue did not answer.") from error
