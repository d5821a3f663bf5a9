"""`GET /api/account/archive`: everything that is a person's, as one zip that is written while it is sent."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from mhub_core.accounts import service
from mhub_core.accounts.records import SESSION_COOKIE, User
from mhub_core.people import export_service
from mhub_core.server.zip_stream import Places, pieces
from mhub_core.sharing import policy

_HEADERS = {"Content-Disposition": 'attachment; filename="m-hub-account.zip"', "Cache-Control": "no-store"}
_places = Places("An archive is being downloaded already.")


async def archive(request: Request) -> StreamingResponse:
    """Answer with the archive of the holder of the session. Raises SignInRequired, and Busy while one is sent already."""
    person = policy.require_signed_in(await run_in_threadpool(_holder, request.cookies.get(SESSION_COOKIE, "")))
    sent = _places.hold(person.id, lambda: pieces(export_service.files(person)))
    return StreamingResponse(sent, headers=_HEADERS, media_type="application/zip")


def _holder(token: str) -> User | None:
    return service.get_session_user(token) if token else None
