"""Send what a page draws in few pieces.

Streamlit hands each of the 50 to 150 messages of a page from the script's thread to the event loop, and from there to the socket,
one by one: a wake-up and two system calls for each, which is more than a third of what a page costs. Here messages wait for each
other for a few thousandths of a second, and the bytes too. The order stays as it was.
"""

from __future__ import annotations

import asyncio
from collections import deque
from functools import cache
from typing import Any

from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.scriptrunner import ScriptRunnerEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

GATHER_SECONDS = 0.005
WRITE_SECONDS = 0.002
_EVENTS = "_mhub_events"  # an attribute of the session: what its script has told and the event loop has not yet taken


def gather_messages() -> None:
    """Teach Streamlit's sessions, once for this process."""
    if hasattr(AppSession, _EVENTS):
        return
    setattr(AppSession, _EVENTS, None)
    setattr(AppSession, "_on_scriptrunner_event", _on_scriptrunner_event)
    setattr(Runtime, "_enqueued_some_message", _enqueued_some_message)
    _keep_theme()


def _keep_theme() -> None:
    """Look the theme up once, not before every page: it stands in a file that nobody changes while the hub runs."""
    look_up = app_session._populate_theme_msg

    @cache
    def theme(section: str) -> CustomThemeConfig:
        found = CustomThemeConfig()
        look_up(found, section)
        return found

    def populate(msg: CustomThemeConfig, section: str = "theme") -> None:
        msg.MergeFrom(theme(section))

    app_session._populate_theme_msg = populate


def _on_scriptrunner_event(session: AppSession, sender: Any, event: ScriptRunnerEvent, **told: Any) -> None:
    """Keep an event for the event loop: messages for a moment, all else (with the messages before it) for now."""
    events: deque[Any] | None = getattr(session, _EVENTS)
    if events is None:
        events = deque()
        setattr(session, _EVENTS, events)
    events.append((sender, event, told))
    if event is not ScriptRunnerEvent.ENQUEUE_FORWARD_MSG:
        session._call_soon_on_event_loop(lambda: _take(session))
    elif len(events) == 1:  # The first since the last look. A look in between finds nothing, or takes them earlier.
        session._call_soon_on_event_loop(lambda: _take_later(session))


def _take_later(session: AppSession) -> None:
    asyncio.get_running_loop().call_later(GATHER_SECONDS, _take, session)


def _take(session: AppSession) -> None:
    events = getattr(session, _EVENTS)
    while events:
        sender, event, told = events.popleft()
        session._handle_scriptrunner_event_on_event_loop(sender, event, **told)


def _enqueued_some_message(runtime: Runtime) -> None:
    """Wake the loop that sends. Most messages come on the event loop's own thread, where nobody has to be woken."""
    loop = runtime._get_async_objs()
    try:
        is_here = asyncio.get_running_loop() is loop.eventloop
    except RuntimeError:
        is_here = False
    if is_here:
        loop.need_send_data.set()
    else:
        loop.eventloop.call_soon_threadsafe(loop.need_send_data.set)


class _GatheringTransport:
    """A transport that writes what comes within a moment with one system call. All but writing is the inner one's."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._inner = transport
        self._waiting: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def write(self, data: bytes) -> None:
        if not self._waiting:
            asyncio.get_running_loop().call_later(WRITE_SECONDS, self._flush)
        self._waiting.append(data)

    def close(self) -> None:
        self._flush()
        self._inner.close()

    def _flush(self) -> None:
        if self._waiting:
            waiting, self._waiting = b"".join(self._waiting), []
            self._inner.write(waiting)


class GatheringWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, over such a transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(_GatheringTransport(transport))  # type: ignore[arg-type]
