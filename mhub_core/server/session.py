"""The session cookie: set for a one-time ticket, dropped at sign-out. Scripts of a page cannot read it."""

from __future__ import annotations

import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mhub_core.accounts import devices, service
from mhub_core.accounts.devices import DEVICE_COOKIE
from mhub_core.accounts.records import SESSION_COOKIE
from mhub_core.errors import Invalid
from mhub_core.server.bodies import small_body
from mhub_core.server.browsers import COOKIE_SECONDS
from mhub_core.server.origin import is_https, require_same_origin


async def begin_session(request: Request) -> JSONResponse:
    """`POST /api/session` with `{"ticket": "..."}`: exchange the ticket for the cookie."""
    require_same_origin(request)
    answer = JSONResponse({"status": "ok"})
    await keep_session(request, answer, _ticket(await small_body(request)), is_https(request))
    return answer


async def keep_session(request: Request, answer: Response, ticket: str, secure: bool) -> None:
    """Exchange a ticket for a session, and have the browser keep it. `secure`: over https alone."""
    token = await run_in_threadpool(service.redeem_ticket, ticket, request.headers.get("user-agent", "a browser"))
    user = await run_in_threadpool(service.get_session_user, token)
    device = devices.with_user(request.cookies.get(DEVICE_COOKIE, ""), user.id) if user else ""
    # The session's row decides when it ends, and every use prolongs that.
    for name, value in ((SESSION_COOKIE, token), (DEVICE_COOKIE, device)):
        answer.set_cookie(name, value, max_age=COOKIE_SECONDS, httponly=True, samesite="lax", secure=secure)


async def end_session(request: Request) -> JSONResponse:
    """`POST /api/session/end`: end the session of the cookie, and drop the cookie."""
    require_same_origin(request)
    if token := request.cookies.get(SESSION_COOKIE):
        await run_in_threadpool(service.sign_out, token)
    answer = JSONResponse({"status": "ok"})
    answer.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax", secure=is_https(request))
    return answer


def _ticket(body: bytes) -> str:
    try:
        ticket = json.loads(body)["ticket"]
    except (ValueError, KeyError, TypeError, RecursionError):
        ticket = None
    if not isinstance(ticket, str) or not ticket.isascii():
        raise Invalid("The request contains no ticket.", 'JSON such as {"ticket": "..."}.')
    return ticket
