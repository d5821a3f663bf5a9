"""`GET /api/datasets/versions/7/files?form=csv`: a version as a zip that is written while it is sent."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from mhub_core.accounts import service
from mhub_core.accounts.records import SESSION_COOKIE
from mhub_core.datasets import download_service
from mhub_core.errors import NotFound
from mhub_core.server.zip_stream import Places, pieces

_MAX_DIGITS = 9
_places = Places("A dataset is being downloaded already.")


async def download(request: Request) -> StreamingResponse:
    """Answer with the files. Raises NotFound for a version that the holder of the session may not see, and Busy."""
    given = request.path_params["version_id"]
    if not (given.isascii() and given.isdigit() and len(given) <= _MAX_DIGITS):
        raise NotFound("This version does not exist.")
    token, form = request.cookies.get(SESSION_COOKIE, ""), request.query_params.get("form", "")
    address = request.client.host if request.client else ""
    name, sent = await run_in_threadpool(_begin, token, int(given), form, address)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(sent, headers=headers, media_type="application/zip")


def _begin(token: str, version_id: int, form: str, address: str) -> tuple[str, Iterator[bytes]]:
    viewer = service.get_session_user(token) if token else None
    name, files = download_service.download(viewer, version_id, form)
    return name, _places.hold(viewer.id if viewer else address, lambda: pieces(files))
