"""Whose word counts for a visitor's address, where our own front server passes requests on: its own, and that of the proxies
that MHUB_TRUSTED_PROXIES names.
"""

from __future__ import annotations

import os
import socket
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from mhub_core import settings

_FRONT = "our own front server"  # who speaks on a unix socket has no address


class FromFront:
    """Gives each request the address that stands last in X-Forwarded-For and is not a trusted proxy's: the front appends it."""

    def __init__(self, app: ASGIApp) -> None:
        proxies = settings.text("MHUB_TRUSTED_PROXIES")
        self._app = ProxyHeadersMiddleware(cast(Any, app), proxies if proxies == "*" else f"{_FRONT},{proxies}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            scope["client"] = (_FRONT, 0)
        await self._app(cast(Any, scope), cast(Any, receive), cast(Any, send))


@lru_cache(maxsize=4096)
def is_proxy(address: str) -> bool:
    """Return whether somebody at this address speaks for many."""
    return address in ProxyHeadersMiddleware(cast(Any, None), settings.text("MHUB_TRUSTED_PROXIES")).trusted_hosts


def bind(path: Path) -> socket.socket:
    """Return a unix socket for the front server. Called before there are threads: it leaves the folder for a moment.

    A socket's path holds 108 bytes at most, which a deep home exceeds, so only its name is told to the system. Nobody can connect
    before the server listens.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    listener, here = socket.socket(socket.AF_UNIX), os.getcwd()
    os.chdir(path.parent)
    try:
        listener.bind(path.name)
    finally:
        os.chdir(here)
    return listener
