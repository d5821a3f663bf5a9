"""`GET /api/health`: is the hub well, and if not, what is away. Answers within 100 ms also when something hangs."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from mhub_core import queue, settings
from mhub_core.errors import MHubError
from mhub_core.runs import worker_service as runs

SECONDS = 0.08
# Threads of its own: one that hangs on a dead database must not take those that serve pages.
_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="health")


@cache
def version() -> str:
    """Return the version of this hub."""
    return tomllib.loads((settings.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


async def health(_request: Request) -> JSONResponse:
    """Answer with 200 when all is well, with 503 when something is away, and with the same facts in both."""
    (workers, database), (queued, broker) = await asyncio.gather(_ask(runs.list_workers), _ask(queue.lengths))
    wrong = [f"the {name} {words}" for name, words in (("database", database), ("broker", broker)) if words != "ok"]
    if database == "ok":
        alive = {worker.queue for worker in workers if worker.alive}
        wrong += [f"no {name} worker is alive" for name in (queue.QUICK, queue.TRAINING) if name not in alive]
    facts = {
        "status": "; ".join(wrong) or "ok",
        "version": version(),
        "database": database,
        "broker": broker,
        "queued": queued or {},
        "workers": [{"name": worker.name, "queue": worker.queue, "alive": worker.alive} for worker in workers or []],
    }
    return JSONResponse(facts, status_code=503 if wrong else 200)


async def _ask(check: Callable[[], Any]) -> tuple[Any, str]:
    """Return what a check found, and "ok" or what is wrong with what it asked."""
    answer = asyncio.get_running_loop().run_in_executor(_threads, check)
    try:
        return await asyncio.wait_for(answer, SECONDS), "ok"
    except TimeoutError:
        return None, f"did not answer within {SECONDS * 1000:.0f} ms"
    except (MHubError, OSError):
        return None, "is away"
