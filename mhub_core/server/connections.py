"""The connections of a web process: as many as there are files for, and none for those who only occupy them.

A connection that has sent no whole request is worth little: where an address, or the process, has all that it may, the oldest
of these makes room. So half-sent requests stand in nobody's way, not even in that of others behind the same address.
"""

from __future__ import annotations

import asyncio
import resource
from asyncio import TimerHandle
from collections import Counter, defaultdict
from functools import cache
from typing import ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from mhub_core.accounts import throttle
from mhub_core.server import forwarded

HEADER_SECONDS = 10  # the longest silence before the headers are complete
UNREAD_SECONDS = 30  # how long an answer is held for somebody who does not read on
_OF_ADDRESS = 600  # a browser opens six to load a page: a hundred browsers of one school at the same time
_MANY = ""  # the place of those who speak for many: our own front server, and trusted proxies


def raise_file_limit() -> None:
    """Allow this process as many open files as the system lets it have; the default of 1,024 is 200 tabs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@cache
def max_connections() -> int:
    """Return how many connections without a tab may stand open; a browser opens six to load a page."""
    return min(4_000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 4)


def max_of_address() -> int:
    """Return how many of them one address may have."""
    return min(_OF_ADDRESS, max_connections() // 2)


class ImpatientProtocol(H11Protocol):
    """Uvicorn's HTTP, which by itself waits for ever, on any number of connections: for the end of a request's headers, and for
    somebody to read an answer.
    """

    _open: ClassVar[Counter[str]] = Counter()  # by address; one that became a tab is not among them
    _idle: ClassVar[defaultdict[str, dict[ImpatientProtocol, None]]] = defaultdict(dict)  # those without a request, oldest first
    _place: str | None = None
    _timer: TimerHandle | None = None
    _unread: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._place = _MANY if self.client is None or forwarded.is_proxy(self.client[0]) else throttle.network(self.client[0])
        self._open[self._place] += 1
        if self._place != _MANY and self._open[self._place] > max_of_address():
            self._make_room(self._idle[self._place])
        elif self._open.total() > max_connections():
            self._make_room(max(self._idle.values(), key=len, default={}))
        if not transport.is_closing():
            self._wait_for_headers()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._leave()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(UNREAD_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._was_read()

    def _was_read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _make_room(self, idle: dict[ImpatientProtocol, None]) -> None:
        """Close the oldest of some connections without a request, or else this one."""
        oldest = next(iter(idle), self)
        oldest._stop_waiting()
        oldest.transport.close()

    def _look(self) -> None:
        if self.conn.their_state is h11.IDLE and self._place is not None:
            self._wait_for_headers()
        else:
            self._stop_waiting()

    def _wait_for_headers(self) -> None:
        if self._timer is None and self._place is not None:
            self._timer = self.loop.call_later(HEADER_SECONDS, self.transport.close)
            self._idle[self._place][self] = None

    def _stop_waiting(self) -> None:
        if self._timer is not None and self._place is not None:
            self._timer.cancel()
            self._timer = None
            self._idle[self._place].pop(self, None)
            if not self._idle[self._place]:
                del self._idle[self._place]

    def _leave(self) -> None:
        self._was_read()
        if self._place is not None:
            self._stop_waiting()
            self._open[self._place] -= 1
            if not self._open[self._place]:
                del self._open[self._place]
            self._place = None
