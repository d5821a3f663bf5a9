"""Whether a request that changes something comes from our own pages.

Our cookie is SameSite=Lax, which is a browser's promise by site, not by address: another port of the same machine is the
same site. So what changes something compares the Origin header, which browsers always send there, with the Host that they
asked for. A proxy in front must pass the Host on.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from mhub_core import settings
from mhub_core.errors import Forbidden

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_ANY_INTERFACE = ("0.0.0.0", "::")


def is_known_host(connection: HTTPConnection) -> bool:
    """Return whether the browser asked for this hub by one of its own names, see MHUB_ALLOWED_HOSTS.

    A foreign page whose name an attacker lets point to this machine ("DNS rebinding") is of our origin to the browser, and is
    told by nothing but that name.
    """
    known, host = _known_hosts(), connection.headers.get("host", "")
    return _taken_apart(f"//{host}") is not None and ("*" in known or _name(host) in known)


def _known_hosts() -> set[str]:
    named = {name.strip().lower() for name in settings.text("MHUB_ALLOWED_HOSTS").split(",") if name.strip()}
    own = settings.text("MHUB_HOST").lower()
    if not named and own in _ANY_INTERFACE:
        return {"*"}  # Which names a lab's machine has is known to its administrator alone.
    return {*named, *_LOOPBACK, f"[{own}]" if ":" in own else own}


def _name(host: str) -> str:
    """Return a Host header without its port: `[::1]:8501` is `[::1]`."""
    return re.sub(r":\d*\Z", "", host.lower())


def is_same_origin(request: HTTPConnection) -> bool:
    """Return whether the page that sent this lies on this very address."""
    parts = _taken_apart(request.headers.get("origin", ""))
    return parts is not None and parts[0] in ("http", "https") and parts[1] == request.headers.get("host")


def _taken_apart(address: str) -> tuple[str, str, int | None] | None:
    """Return scheme, host with port, and port; None for what is no address, such as `http://[::1` or one with port 99999."""
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.netloc, parts.port
    except ValueError:
        return None


def require_same_origin(request: HTTPConnection) -> None:
    """Raise Forbidden for a request from a foreign page, or from no page."""
    if not is_same_origin(request):
        raise Forbidden("This request did not come from a page of this hub.", "The Origin header must be this hub's own address.")


def is_https(request: HTTPConnection) -> bool:
    """Return whether the browser itself sees https, also when a proxy in front ends it."""
    return request.headers.get("origin", "").startswith("https://") or request.url.scheme in ("https", "wss")
