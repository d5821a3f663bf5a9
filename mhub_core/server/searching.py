"""`GET /api/search?q=`: what is suggested while somebody types into the search of the bar, in the groups that it is shown in."""

from __future__ import annotations

import asyncio
import time

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from mhub_core.accounts import devices, service
from mhub_core.accounts.devices import DEVICE_COOKIE
from mhub_core.accounts.records import SESSION_COOKIE
from mhub_core.errors import Throttled
from mhub_core.finding import service as finding
from mhub_core.server.limits import address_of
from mhub_core.server.pace import ADDRESS, Pace
from mhub_core.ui import found

BROWSER = (20, 5.0)  # searches at once, then so many a second: quicker than people type
_LONGEST_WAIT = 1.0  # seconds; a browser whose turn is later is told to come again
_MOST_PACES = 10_000
_AT_ONCE = 8  # searches of all browsers; others wait, and pages keep their threads
_HEADERS = {"Cache-Control": "no-store"}
_paces: dict[str, Pace] = {}
_room = asyncio.Semaphore(_AT_ONCE)


async def search(request: Request) -> JSONResponse:
    """Answer what is found for the words, as the holder of the session may see it. Raises Throttled."""
    # The browser first: what it is refused costs the others of its address nothing.
    waits = [_pace(_browser(request), *BROWSER), _pace(f"address {address_of(request.scope)}", *ADDRESS)]
    await asyncio.sleep(max(waits))
    async with _room:
        told = await run_in_threadpool(_find, request.cookies.get(SESSION_COOKIE, ""), request.query_params.get("q", ""))
    return JSONResponse(told, headers=_HEADERS)


def _find(token: str, words: str) -> dict[str, object]:
    viewer = service.get_session_user(token) if token else None
    return found.to_json(words, finding.find_first(viewer, words))


def _browser(request: Request) -> str:
    """Return what one browser is paced by: the cookie that it is known by, else its address."""
    device = devices.read(request.cookies.get(DEVICE_COOKIE, ""))
    return f"browser {device.name}" if device else f"unknown {address_of(request.scope)}"


def _pace(who: str, at_once: int, per_second: float) -> float:
    """Count one more search and return the seconds that it has to wait. Raises Throttled instead, uncounted, for many seconds."""
    now = time.monotonic()
    if len(_paces) > _MOST_PACES:
        for name in [name for name, pace in _paces.items() if pace.is_rested(now)]:
            del _paces[name]
    wait = _paces.setdefault(who, Pace(at_once, per_second)).wait(now, _LONGEST_WAIT)
    if wait > _LONGEST_WAIT:
        raise Throttled("This browser searches too often.", mend="Wait a few seconds.")
    return wait
