"""The files of the front end, compressed: once for all who ask at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import brotli
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.types import Message

from mhub_core.server.compression import CompressedFiles

TEXT = "the front end " * 1000


def test_a_file_that_many_ask_for_at_once_is_read_and_compressed_once():
    asked, told = [], []

    async def file(request: Request) -> PlainTextResponse:
        asked.append(request.url.path)
        return PlainTextResponse(TEXT)

    app = CompressedFiles(Starlette(routes=[Route("/static/a.js", file)]))
    headers = [(b"accept-encoding", b"br")]
    scope = {"type": "http", "method": "GET", "path": "/static/a.js", "raw_path": b"/static/a.js", "query_string": b""}

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        told.append(message.get("body"))

    async def all_at_once() -> None:
        await asyncio.gather(*(app({**scope, "headers": headers}, receive, send) for _ in range(20)))

    asyncio.run(all_at_once())
    assert asked == ["/static/a.js"]
    assert [brotli.decompress(body).decode() for body in told if body] == [TEXT] * 20


def test_of_a_file_whose_first_reader_left_in_the_middle_nothing_is_kept():
    told: list[bytes] = []

    async def pieces() -> AsyncIterator[str]:
        for _ in range(2):
            yield TEXT
            await asyncio.sleep(0.05)

    app = CompressedFiles(
        Starlette(routes=[Route("/static/a.js", lambda _request: StreamingResponse(pieces(), media_type="text/javascript"))])
    )
    scope = {"type": "http", "method": "GET", "path": "/static/a.js", "raw_path": b"/static/a.js", "query_string": b""}
    scope["headers"] = [(b"accept-encoding", b"br")]

    async def leave() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.disconnect"}

    async def stay() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        told.append(message.get("body", b""))

    async def one_after_the_other() -> None:
        await app(dict(scope), leave, send)
        told.clear()
        await app(dict(scope), stay, send)

    asyncio.run(one_after_the_other())
    assert brotli.decompress(b"".join(told)).decode() == TEXT * 2
