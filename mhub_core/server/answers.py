"""The shapes of our answers: an error is `{"error": {"kind", "happened", "expected", "mend", "problems"}}`; and a plain page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse

from mhub_core import errors
from mhub_core.errors import MHubError

_PLAIN_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="/favicon.png"><title>{title}</title>
<body style="font: 18px/1.5 monospace; background: #bcd9f2; margin: 15vh 1em">
<div style="max-width: 32em; margin: auto; padding: 0.5em 1.5em 1em; background: #dfdfdf; border: 2px outset #fff">
{body}</div></body></html>"""


async def answer_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer an MHubError with its status and its words. Installed for all our routes."""
    assert isinstance(error, MHubError)
    return JSONResponse({"error": errors.to_json(error)}, status_code=error.status)


def plain_page(title: str, body: str, status: int, headers: dict[str, str] | None = None) -> HTMLResponse:
    """Return a page that stands by itself, without Streamlit. `body` is HTML."""
    return HTMLResponse(_PLAIN_PAGE.format(title=title, body=body), status, headers)
