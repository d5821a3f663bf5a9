"""Send what a page draws in few pieces.

Streamlit hands each of the 50 to 150 messages of a page from the script's thread to the event loop, and from there to the socket,
one by one: a wake-up and two system calls for each, which is more than a third of what a page costs. Here messages wait for each
other for a few thousandths of a second, and the bytes too. From the event loop they go straight to the connection: Streamlit's
own way leads through a loop over all open tabs, a queue, a task and seven layers for each message. The order stays as it was.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import Config, CustomThemeConfig
from streamlit.runtime import app_session, get_instance
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.runtime_util import serialize_forward_msg
from streamlit.runtime.scriptrunner import ScriptRunnerEvent
from streamlit.runtime.session_manager import SessionClientDisconnectedError
from streamlit.web.server.starlette.starlette_websocket import StarletteSessionClient
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

GATHER_SECONDS = 0.005
WRITE_SECONDS = 0.002
_EVENTS = "_mhub_events"  # an attribute of the session: what its script has told and the event loop has not yet taken
_taking: list[AppSession] = []  # the session whose events the event loop takes just now
_SEND_NOW = "mhub.send_now"  # among the extensions of a connection's scope: `GatheringWebSocket.send_now`


def gather_messages() -> None:
    """Teach Streamlit's sessions, once for this process."""
    if hasattr(AppSession, _EVENTS):
        return
    setattr(AppSession, _EVENTS, None)
    setattr(AppSession, "_on_scriptrunner_event", _on_scriptrunner_event)
    setattr(AppSession, "flush_browser_queue", _flush_browser_queue)
    setattr(Runtime, "_enqueued_some_message", _enqueued_some_message)
    setattr(StarletteSessionClient, "write_forward_msg", _write_forward_msg)
    _keep_what_stays()


def _keep_what_stays() -> None:
    """Look up once, not before every page, what stands in a file that nobody changes while the hub runs."""
    look_up, configure = app_session._populate_theme_msg, app_session._populate_config_msg

    @cache
    def theme(section: str) -> CustomThemeConfig:
        found = CustomThemeConfig()
        look_up(found, section)
        return found

    @cache
    def options() -> Config:
        found = Config()
        configure(found)
        return found

    def populate_theme(msg: CustomThemeConfig, section: str = "theme") -> None:
        msg.MergeFrom(theme(section))

    def populate_config(msg: Config) -> None:
        msg.MergeFrom(options())

    app_session._populate_theme_msg = populate_theme
    app_session._populate_config_msg = populate_config
    # Whether to offer the person at this machine help with writing Streamlit scripts, which is looked for in the file system.
    setattr(AppSession, "_compute_skills_nudge_state", lambda _session: (False, ""))


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
    _taking.append(session)
    try:
        while events:
            sender, event, told = events.popleft()
            if event is not ScriptRunnerEvent.ENQUEUE_FORWARD_MSG:
                session._handle_scriptrunner_event_on_event_loop(sender, event, **told)
            elif sender is session._scriptrunner:  # not of a run that has ended meanwhile
                session._browser_queue.enqueue(told["forward_msg"])
    finally:
        _taking.pop()
    _send(session)


def _send(session: AppSession) -> None:
    """Send what waits for the browser of a session. While none is connected it stays, for the browser that comes back."""
    runtime = get_instance()
    info = runtime._session_mgr.get_active_session_info(session.id)
    if info is None:
        return
    try:
        for message in session._browser_queue.flush():
            runtime._send_message(info, message)
    except SessionClientDisconnectedError:
        runtime.disconnect_session(session.id, client=info.client)
    session.on_flushed_messages_sent()


def _flush_browser_queue(session: AppSession) -> list[ForwardMsg]:
    """Send at once. Streamlit's loop, which asks for what waits and may be overtaken while it sends that, gets nothing."""
    _send(session)
    return []


def _write_forward_msg(client: StarletteSessionClient, message: ForwardMsg) -> None:
    """Give a message straight to the connection. It goes by the queue while earlier ones are in it or the connection is full."""
    if client._closed.is_set():
        raise SessionClientDisconnectedError
    data = serialize_forward_msg(message)
    send_now: Callable[[bytes], bool] | None = client._websocket.scope.get("extensions", {}).get(_SEND_NOW)
    is_idle = bool(client._send_queue._getters)  # type: ignore[attr-defined]  # The task of the queue waits for the next one.
    if send_now and is_idle and send_now(data):
        return
    try:
        client._send_queue.put_nowait(data)
    except asyncio.QueueFull:
        client._closed.set()
        raise SessionClientDisconnectedError from None


def _enqueued_some_message(runtime: Runtime) -> None:
    """Wake the loop that sends: not while `_take` works, which sends itself, nor across threads where that is not needed."""
    loop = runtime._get_async_objs()
    try:
        is_here = asyncio.get_running_loop() is loop.eventloop
    except RuntimeError:
        is_here = False
    if not is_here:
        loop.eventloop.call_soon_threadsafe(loop.need_send_data.set)
    elif not _taking:
        loop.need_send_data.set()


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

    async def run_asgi(self) -> None:
        """Offer the straight way to the application."""
        self.scope["extensions"][_SEND_NOW] = self.send_now  # type: ignore[assignment]  # any object may stand there
        await super().run_asgi()

    def send_now(self, data: bytes) -> bool:
        """Send bytes unless the connection is full, ends or has not begun. Returns whether they are on their way."""
        if not self.writable.is_set() or not self.handshake_complete or self.close_sent or self.disconnected:
            return False
        if self.conn.extensions:  # they change what is sent
            self.conn.send_binary(data)
            for piece in self.conn.data_to_send():
                self.transport.write(piece)
        else:
            self.transport.write(_head(len(data)) + data)
        return True


_WHOLE_BINARY = 0x82  # RFC 6455, section 5.2: the final frame of a message, of bytes


def _head(num_bytes: int) -> bytes:
    """Return what stands before so many bytes that a server sends as one message (RFC 6455, section 5.2)."""
    if num_bytes < 126:
        return bytes((_WHOLE_BINARY, num_bytes))
    if num_bytes < 2**16:
        return struct.pack("!BBH", _WHOLE_BINARY, 126, num_bytes)
    return struct.pack("!BBQ", _WHOLE_BINARY, 127, num_bytes)
