"""`GET /api/health`: is the hub well, and if not, what is away. Answers within 100 ms also when something hangs."""

from __future__ import annotations

import asyncio
import time
import tomllib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from mhub_core import queue, settings
from mhub_core.errors import Damaged, MHubError
from mhub_core.runs import worker_service as runs
from mhub_core.storage import disk
from mhub_core.storage import service as storage

SECONDS = 0.08
FRESH_SECONDS, KNOWN_SECONDS = 10.0, 90.0  # of what the file store said, which may take a while to say it
# Threads of its own: one that hangs on a dead database must not take those that serve pages.
_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="health")


@cache
def version() -> str:
    """Return the version of this hub."""
    project = tomllib.loads((settings.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


async def health(_request: Request) -> JSONResponse:
    """Answer with 200 when all is well, with 503 when something is away, and with the same facts in both."""
    answers = await asyncio.gather(_ask(runs.list_workers), _ask(queue.lengths), files.words())
    (workers, database), (queued, broker), stored = answers
    away = (("database", database), ("broker", broker), ("file store", stored))
    wrong = [f"the {name} {words}" for name, words in away if words != "ok"]
    if database == "ok":
        alive = {worker.queue for worker in workers if worker.alive}
        silent = [name for name in (queue.QUICK, queue.TRAINING) if name not in alive]
        if silent and (await _ask(lambda: runs.is_writable(SECONDS / 2)))[0] is False:
            database = "is locked by another program or its disk is full, so workers cannot say that they are alive"
            wrong.append(f"the database {database}")
        else:
            wrong += [f"no {name} worker is alive" for name in silent]
    facts = {
        "status": "; ".join(wrong) or "ok",
        "version": version(),
        "database": database,
        "broker": broker,
        "storage": stored,
        "disk": await _ask_words(disk.state),
        "queued": queued or {},
        "workers": [{"queue": worker.queue, "alive": worker.alive} for worker in workers or []],
    }
    return JSONResponse(facts, status_code=503 if wrong else 200)


async def _ask_words(check: Callable[[], str]) -> str:
    """Return what a check says, or what is wrong with what it asked."""
    said, wrong = await _ask(check)
    return said if said is not None else wrong


async def _ask(check: Callable[[], Any]) -> tuple[Any, str]:
    """Return what a check found, and "ok" or what is wrong with what it asked."""
    answer = asyncio.get_running_loop().run_in_executor(_threads, check)
    try:
        return await asyncio.wait_for(answer, SECONDS), "ok"
    except TimeoutError:
        return None, f"did not answer within {SECONDS * 1000:.0f} ms"
    except Damaged:
        return None, "is damaged: on the hub's machine, `./mhub status` tells how to repair it"
    except (MHubError, OSError):
        return None, "is away"


class Files:
    """What the file store last said. It may be far away: it is asked in the background, and its answer counts for a while."""

    def __init__(self) -> None:
        self._said, self._when = "", 0.0
        self._answer: Future[None] | None = None

    async def words(self) -> str:
        """Return "ok", or what is wrong."""
        if time.monotonic() - self._when > FRESH_SECONDS and (self._answer is None or self._answer.done()):
            self._answer = _threads.submit(self._look)
        if self._answer and not self._answer.done():
            await asyncio.wait([asyncio.wrap_future(self._answer)], timeout=SECONDS)
        if time.monotonic() - self._when > KNOWN_SECONDS:
            return f"did not answer within {SECONDS * 1000:.0f} ms"
        return self._said

    def _look(self) -> None:
        try:
            storage.check()
            said = "ok"
        except (MHubError, OSError):
            said = "is away"
        self._said, self._when = said, time.monotonic()


files = Files()
