"""What one browser, one address and all together may take of the web process, so that nobody fills it or stands in its door.

Behind a proxy the addresses are those that it names, if it is trusted: see MHUB_TRUSTED_PROXIES.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from mhub_core import errors, settings
from mhub_core.accounts import throttle
from mhub_core.errors import MHubError, TooLarge, Unavailable
from mhub_core.server import browsers
from mhub_core.server.answers import plain_page
from mhub_core.server.connections import max_connections, max_of_address
from mhub_core.server.pace import Pace, Paces
from mhub_core.server.typed import Typed, TypedInTab

BODY_SECONDS = 30  # the longest silence within a body
_PIECE = 65_536
_FILES_OF_A_TAB = 5  # its connection, and the event loop in which Streamlit runs its scripts
_FILES_OF_THE_PROCESS = 200
_UPLOADS = "/_stcore/upload_file/"
# Files for a prediction lie in memory until their tab closes: as many as a person compares at once.
MAX_FILES, MAX_BYTES = 200, 40_000_000
MAX_BYTES_OF_ADDRESS, MAX_BYTES_IN_ALL = 200_000_000, 400_000_000

_FULL = """<h1>This hub is full at the moment</h1><p>It allows no more open browser tabs, in all or from your network address.
Nothing is lost: runs continue, and everything you saved is there.</p><p>Close tabs that you do not need, and
<a href="">try again</a> in a minute. The person who runs the hub can allow more with MHUB_MAX_TABS and
MHUB_MAX_TABS_PER_ADDRESS.</p>"""


@cache
def max_tabs() -> int:
    """Return how many tabs may be open at once: what the setting says, and no more than there are files for."""
    free = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _FILES_OF_THE_PROCESS - max_connections()
    return max(1, min(settings.number("MHUB_MAX_TABS"), free // _FILES_OF_A_TAB))


class Limits:
    """Counts open tabs and the bytes of their files, refuses what is too much in words, and ends requests that stand still."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._tabs: Counter[str] = Counter()
        self._paces, self._typed = Paces(), Typed()
        self._requests: Counter[str] = Counter()
        self._address_of_session: dict[str, str] = {}
        self._coming: Counter[tuple[str, str]] = Counter()  # bytes of files that are on their way, by session and name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._tab(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        if refusal := self._refusal(scope):
            await refusal(scope, receive, send)
            return
        self._requests[address := address_of(scope)] += 1
        try:
            with self._counted_as_coming(scope):
                await self.app(scope, _impatient(receive), _in_pieces(send))
        except ClientDisconnect:
            await Response(status_code=408)(scope, receive, send)  # where a broken connection is not read, nobody reads this
        finally:
            self._requests[address] -= 1
            if not self._requests[address]:
                del self._requests[address]

    @contextmanager
    def _counted_as_coming(self, scope: Scope) -> Iterator[None]:
        """Count a file until it is there: else all that come at the same time would find the same room."""
        if not scope["path"].startswith(_UPLOADS):
            yield
            return
        num_bytes = int(Headers(scope=scope).get("content-length") or 0)
        self._coming[file := _file(scope)] += num_bytes
        try:
            yield
        finally:
            self._coming[file] -= num_bytes
            self._coming += Counter()  # What has come goes.

    async def _tab(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = address_of(scope)
        if self._is_full(address):
            await send({"type": "websocket.close", "code": 1013, "reason": "too many tabs"})
            return
        self._tabs[address] += 1
        paces, typed = self._paces.of_tab(address, time.monotonic()), TypedInTab(self._typed, address)
        try:
            await self.app(browsers.named(scope), *_bytes_only(_heard(receive, paces, typed), send))
        finally:
            typed.close()
            self._tabs[address] -= 1
            self._tabs += Counter()  # Addresses of which no tab is left go.

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if self._requests[address_of(scope)] >= max_of_address():  # where a proxy stands in front, which has the connections
            return Response(status_code=503, headers={"Retry-After": "5"})
        if scope["path"].startswith(_UPLOADS) and scope["method"] != "OPTIONS":
            try:
                browsers.require_own_tab(HTTPConnection(scope), _file(scope)[0])
                if scope["method"] != "DELETE":
                    self._require_room(scope, headers)
            except MHubError as error:
                return JSONResponse({"error": errors.to_json(error)}, error.status)
        elif "text/html" in headers.get("accept", "") and self._is_full(address_of(scope)):
            return plain_page("M-Hub is full", _FULL, 503, {"Retry-After": "60"})
        return None

    def _is_full(self, address: str) -> bool:
        return self._tabs.total() >= max_tabs() or self._tabs[address] >= settings.number("MHUB_MAX_TABS_PER_ADDRESS")

    def _require_room(self, scope: Scope, headers: Headers) -> None:
        """Raise TooLarge or Unavailable for a file that the memory has no place for."""
        if not headers.get("content-length", "").isdigit():
            raise TooLarge("The upload does not say how large it is.", "A Content-Length.")
        new = int(headers["content-length"])
        session, _ = _file(scope)
        held = _held(self._coming)
        self._address_of_session = {name: place for name, place in self._address_of_session.items() if name in held}
        self._address_of_session[session] = address = address_of(scope)
        files, size = held.get(session, (0, 0))
        of_address = sum(held[name][1] for name, place in self._address_of_session.items() if place == address and name in held)
        if files >= MAX_FILES or size + new > MAX_BYTES:
            limit = f"At most {MAX_FILES} files with {MAX_BYTES // 1_000_000} MB together."
            raise TooLarge("These files are too many or too large.", limit, "Remove some of them, or reload the page.")
        in_all = sum(size for _, size in held.values())
        if of_address + new > MAX_BYTES_OF_ADDRESS or in_all + new > MAX_BYTES_IN_ALL:
            raise Unavailable("The hub cannot hold more files for predictions at the moment.", mend="Try again in a few minutes.")


def _file(scope: Scope) -> tuple[str, str]:
    """Return the session and the name of a file that is sent."""
    session, _, name = scope["path"].removeprefix(_UPLOADS).partition("/")
    return session, name


def _held(coming: Mapping[tuple[str, str], int]) -> dict[str, tuple[int, int]]:
    """Return for each session how many files of it lie in memory or are on their way there, and their bytes."""
    manager = get_instance().uploaded_file_mgr
    assert isinstance(manager, MemoryUploadedFileManager)
    with manager._lock:
        stored = manager.file_storage.items()
        held = {session: {name: len(file.data) for name, file in files.items()} for session, files in stored}
    for (session, name), num_bytes in coming.items():
        files = held.setdefault(session, {})
        files[name] = max(files.get(name, 0), num_bytes)
    return {session: (len(sizes), sum(sizes.values())) for session, sizes in held.items()}


def address_of(scope: Scope) -> str:
    """Return what counts as the address of a request or a tab."""
    client = HTTPConnection(scope).client
    return throttle.network(client.host) if client else "this machine"


def _heard(receive: Receive, paces: list[Pace], typed: TypedInTab) -> Receive:
    """Return `receive` for a tab. While one of its messages waits, no more are read from its connection."""

    async def receive_later() -> Message:
        message = await receive()
        if message["type"] != "websocket.receive":
            return message
        if seconds := max(pace.wait(time.monotonic()) for pace in paces):
            await asyncio.sleep(seconds)
        data = message.get("bytes")
        return {**message, "bytes": typed.take(data)} if data else message

    return receive_later


def _bytes_only(receive: Receive, send: Send) -> tuple[Receive, Send]:
    """Return both for a tab that ends when text comes, which no page of ours sends and Streamlit answers with a trace."""
    is_closed = False

    async def receive_bytes() -> Message:
        nonlocal is_closed
        message = await receive()
        if message["type"] != "websocket.receive" or message.get("bytes") is not None:
            return message
        is_closed = True
        await send({"type": "websocket.close", "code": 1003, "reason": "bytes only"})
        return {"type": "websocket.disconnect", "code": 1003}

    async def send_while_open(message: Message) -> None:
        if not is_closed:
            await send(message)

    return receive_bytes, send_while_open


def _impatient(receive: Receive) -> Receive:
    """Return `receive` for a body that must go on: after a long silence the request is taken for broken off."""
    is_complete = False

    async def hurry() -> Message:
        nonlocal is_complete
        if is_complete:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), BODY_SECONDS)
        except TimeoutError:
            raise ClientDisconnect from None
        is_complete = not message.get("more_body", False)
        return message

    return hurry


def _in_pieces(send: Send) -> Send:
    """Return `send` for an answer of any length, of which no more lies in memory than the browser is about to read."""

    async def send_pieces(message: Message) -> None:
        body = message.get("body", b"")
        for start in range(_PIECE, len(body), _PIECE):
            await send({**message, "body": body[start - _PIECE : start], "more_body": True})
        last = (len(body) - 1) // _PIECE * _PIECE if body else 0
        await send({**message, "body": body[last:]} if last else message)

    return send_pieces
