"""The broker of a worker process: the one of `mhub_core.queue`, with the middleware that running actors needs.

Actors are declared as `@actor("name")`; their queue stands in `mhub_core.queue.JOBS`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

import dramatiq

from mhub_core import errors, queue
from mhub_core.errors import MHubError, Unavailable

broker = queue.broker()
dramatiq.set_broker(broker)
NO_LIMIT = float("inf")
_log = logging.getLogger(__name__)


def actor(name: str, *, seconds: float = 600, answers: bool = False, retries: int = 0) -> Callable[..., Any]:
    """Declare a function as the job `name`. A message is a wake-up: it is not tried again unless `retries` says so.

    With `answers`, what the function returns goes back to `queue.ask`, and so does an MHubError that it raises.
    """

    def declare(function: Callable[..., Any]) -> Any:
        limit = NO_LIMIT if seconds == NO_LIMIT else int(seconds * 1000)
        options: dict[str, Any] = {
            "queue_name": queue.JOBS[name],
            "max_retries": retries,
            "time_limit": limit,
            "store_results": answers,
        }
        declared = dramatiq.actor(actor_name=name, broker=broker, **options)
        return declared(answering(function) if answers else function)

    return declare


def answering(function: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """Return the function with its value, or its error in words, wrapped as `queue.ask` expects."""

    @wraps(function)
    def answer(*arguments: Any) -> dict[str, Any]:
        try:
            return {"value": function(*arguments)}
        except MHubError as error:
            return {"error": errors.to_json(error)}
        except Exception:
            _log.exception("%s failed", function.__name__)
            return {
                "error": errors.to_json(
                    Unavailable("The worker could not compute this.", mend="The worker's log has the details.")
                )
            }

    return answer
