"""`GET /api/people/7/image`: the image of a person, for whoever may know of them."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mhub_core.accounts import service
from mhub_core.accounts.records import SESSION_COOKIE
from mhub_core.errors import NotFound
from mhub_core.people import profile_service

_MAX_DIGITS = 9
# Its address changes with the image. Not for caches that many share: a visitor may not see everybody.
_HEADERS = {"Cache-Control": "private, max-age=86400"}


async def picture(request: Request) -> Response:
    """Answer with a PNG. Raises NotFound."""
    given = request.path_params["person_id"]
    if not (given.isascii() and given.isdigit() and len(given) <= _MAX_DIGITS):
        raise NotFound("There is no such person here.")
    png = await run_in_threadpool(_read, request.cookies.get(SESSION_COOKIE, ""), int(given))
    return Response(png, headers=_HEADERS, media_type="image/png")


def _read(token: str, person_id: int) -> bytes:
    viewer = service.get_session_user(token) if token else None
    return profile_service.read_picture(viewer, person_id)
