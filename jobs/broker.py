"""The broker of a worker process, which runs actors.

Actors are declared as `@actor("name")`; their queue stands in `mhub_core.queue.JOBS`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import dramatiq
from dramatiq.middleware import CurrentMessage, TimeLimitExceeded

from jobs.consumer import ANSWER, WaitingBroker
from mhub_core import queue, settings
from mhub_core.errors import MHubError, Unavailable

broker = WaitingBroker(url=settings.redis_url(), **queue.BROKER_OPTIONS)
broker.add_middleware(CurrentMessage())
dramatiq.set_broker(broker)
NO_LIMIT = float("inf")
Now = Callable[[list[Sequence[Any]]], list[Any]]
_log = logging.getLogger(__name__)


def actor(
    name: str, *, seconds: float = 600, answers: bool = False, retries: int = 0, now: Now | None = None
) -> Callable[..., Any]:
    """Declare a function as the job `name`. A message is a wake-up: it is not tried again unless `retries` says so.

    With `answers`, what the function returns goes back to `queue.ask`, and so does an MHubError that it raises. `now` gets the
    arguments of several messages that wait, and returns value or error for each, or None for one that takes longer than a moment.
    """

    def declare(function: Callable[..., Any]) -> Any:
        limit = NO_LIMIT if seconds == NO_LIMIT else int(seconds * 1000)
        options: dict[str, Any] = {
            "queue_name": queue.JOBS[name],
            "max_retries": retries,
            "time_limit": limit,
        }
        if now:
            broker.now[name] = answering_now(now)
        declared = dramatiq.actor(actor_name=name, broker=broker, **options)
        return declared(answering(function) if answers else function)

    return declare


def answering(function: Callable[..., Any]) -> Callable[..., None]:
    """Return the function so that its value, or its error in words, goes back to `queue.ask` with the acknowledgement."""

    @wraps(function)
    def answer(*arguments: Any) -> None:
        message = CurrentMessage.get_current_message()
        assert message is not None
        message.options[ANSWER] = answer_of(function, *arguments)

    return answer


def answering_now(function: Now) -> Callable[[list[Sequence[Any]]], list[bytes | None]]:
    """Return the function so that what it returns is ready to be sent. What goes wrong is left to the job itself."""

    @wraps(function)
    def answer(asked: list[Sequence[Any]]) -> list[bytes | None]:
        try:
            return [None if told is None else _encoded(told) for told in function(asked)]
        except Exception:
            _log.exception("%s failed", function.__name__)
            return [None] * len(asked)

    return answer


def _encoded(told: Any) -> bytes | None:
    if isinstance(told, MHubError):
        return queue.encode_answer(error=told)
    return None if isinstance(told, Exception) else queue.encode_answer(value=told)


def answer_of(function: Callable[..., Any], *arguments: Any) -> bytes:
    """Return what `queue.ask` gets from a function: its value, or its error in words."""
    try:
        return queue.encode_answer(value=function(*arguments))
    except MHubError as error:
        return queue.encode_answer(error=error)
    except TimeLimitExceeded:
        _log.warning("%s took too long", function.__name__)
        return queue.encode_answer(error=Unavailable("The worker took too long to compute this.", mend="Request less at once."))
    except Exception:
        _log.exception("%s failed", function.__name__)
        return queue.encode_answer(
            error=Unavailable("The worker could not compute this.", mend="The worker's log has the details.")
        )
