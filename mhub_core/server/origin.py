"""Whether a request that changes something comes from our own pages.

Our cookie is SameSite=Lax, which is a browser's promise by site, not by address: another port of the same machine is the
same site. So what changes something compares the Origin header, which browsers always send there, with the Host that they
asked for. A proxy in front must pass the Host on.
"""

from __future__ import annotations

from urllib.parse import urlparse

from starlette.requests import HTTPConnection

from mhub_core.errors import Forbidden


def is_same_origin(request: HTTPConnection) -> bool:
    """Return whether the page that sent this lies on this very address."""
    origin = urlparse(request.headers.get("origin", ""))
    return origin.scheme in ("http", "https") and origin.netloc == request.headers.get("host")


def require_same_origin(request: HTTPConnection) -> None:
    """Raise Forbidden for a request from a foreign page, or from no page."""
    if not is_same_origin(request):
        raise Forbidden("This request did not come from a page of this hub.", "An Origin with this hub's own address.")


def is_https(request: HTTPConnection) -> bool:
    """Return whether the browser itself sees https, also when a proxy in front ends it."""
    return request.headers.get("origin", "").startswith("https://") or request.url.scheme in ("https", "wss")
