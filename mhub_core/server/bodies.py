"""Reading what a small request holds."""

from __future__ import annotations

from starlette.requests import Request

from mhub_core.errors import TooLarge

MAX_BYTES = 1000


async def small_body(request: Request) -> bytes:
    """Return the body of a request. Raises TooLarge before more than a little of it was read."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BYTES:
            raise TooLarge("The request is too large.", f"At most {MAX_BYTES} bytes.")
    return body
