"""`GET /api/runs/7/live?attempt=1&epoch=12&log=..&revision=..`: what is new of a run. 204: nothing is."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mhub_core.accounts.records import SESSION_COOKIE
from mhub_core.errors import Invalid
from mhub_core.runs import watch_service
from mhub_core.ui import live_words
from mhub_core.ui.live_words import Known

_MOST_DIGITS = 10
_HEADERS = {"Cache-Control": "no-store"}


async def live(request: Request) -> Response:
    """Answer one who watches a run. Most answers need neither a thread nor the database."""
    run_id = _number(request.path_params["run_id"])
    known = Known(**{name: _number(request.query_params.get(name, "0")) for name in ("attempt", "epoch", "log", "revision")})
    token = request.cookies.get(SESSION_COOKIE, "")
    seen = watch_service.glance(token, run_id)
    if seen is None:
        seen = await run_in_threadpool(watch_service.watch, token, run_id)
    body = live_words.answer(seen, known)
    return Response(body, 200 if body else 204, _HEADERS, "application/json" if body else None)


def _number(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS):
        raise Invalid("This is not a number.", "Digits, such as 7.")
    return int(given)
