"""Sends the files of the front end compressed: a quarter of their size. Streamlit compresses all but them.

Their names hold a hash of what they hold, so each is compressed once and kept.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

import brotli
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FOLDER = "/static/"
_KINDS = ("text/", "application/javascript", "application/json", "application/wasm", "image/svg+xml")
# What a browser may take, the smallest first. Brotli beyond 9 takes seconds for a file, for which the first visitor would wait.
_ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=9),
    "gzip": lambda body: gzip.compress(body, 9),
}
_MIN_BYTES, MAX_KEPT_BYTES = 1_000, 60_000_000


@dataclass
class _Captured:
    """An answer that is held back until it is whole."""

    start: Message = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    is_whole: bool = False  # of somebody who left in the middle, only a part was read

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
            self.is_whole = not message.get("more_body", False)

    def is_worth_it(self) -> bool:
        if not self.is_whole:
            return False
        headers = Headers(raw=self.start["headers"])
        kind = headers.get("content-type", "")
        plain = self.start["status"] == 200 and "content-encoding" not in headers
        return plain and kind.startswith(_KINDS) and len(self.body) >= _MIN_BYTES


class CompressedFiles:
    """Answers for the front end's files, compressed for browsers that take it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._kept: dict[tuple[str, str], tuple[Message, bytes]] = {}
        self._kept_bytes = 0
        self._at_work: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        encoding = _encoding(scope)
        if encoding is None:
            await self.app(scope, receive, send)
            return
        lock = self._at_work.setdefault((scope["path"], encoding), asyncio.Lock())
        async with lock:  # Who asks for the same file meanwhile waits, and holds no copy of it.
            start, body = self._kept.get((scope["path"], encoding)) or await self._ask(scope, receive, encoding)
        if start:  # else who asked has left already
            await send(start)
            await send({"type": "http.response.body", "body": body})

    async def _ask(self, scope: Scope, receive: Receive, encoding: str) -> tuple[Message, bytes]:
        answer = _Captured()
        await self.app(scope, receive, answer.take)
        if not answer.is_worth_it():
            return answer.start, bytes(answer.body)
        body = await run_in_threadpool(_ENCODINGS[encoding], bytes(answer.body))
        headers = MutableHeaders(raw=list(answer.start["headers"]))
        headers["Content-Encoding"], headers["Content-Length"] = encoding, str(len(body))
        headers.add_vary_header("Accept-Encoding")
        if "etag" in headers:  # The same bytes under another encoding are another entity.
            del headers["etag"]
        start = {**answer.start, "headers": headers.raw}
        if self._kept_bytes + len(body) <= MAX_KEPT_BYTES:
            self._kept[scope["path"], encoding] = start, body
            self._kept_bytes += len(body)
        return start, body


def _encoding(scope: Scope) -> str | None:
    """Return how a file of the front end is to be compressed; None: not at all, or the request asks for something else."""
    if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(_FOLDER):
        return None
    headers = Headers(scope=scope)
    if any(name in headers for name in ("range", "if-none-match", "if-modified-since")):
        return None
    taken = {part.split(";")[0].strip() for part in headers.get("accept-encoding", "").split(",")}
    return next((encoding for encoding in _ENCODINGS if encoding in taken), None)
