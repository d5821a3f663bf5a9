"""The one shape of an error in an answer of ours: `{"error": {"kind", "happened", "expected", "mend", "problems"}}`."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

from mhub_core import errors
from mhub_core.errors import MHubError


async def answer_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer an MHubError with its status and its words. Installed for all our routes."""
    assert isinstance(error, MHubError)
    return JSONResponse({"error": errors.to_json(error)}, status_code=error.status)
