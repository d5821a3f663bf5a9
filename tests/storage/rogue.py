"""A server that speaks just enough S3 to misbehave."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[["Rogue"], None]
DATE = "Wed, 25 Nov 2026 12:00:00 GMT"


class Rogue(http.server.BaseHTTPRequestHandler):
    """Answers every request in the manner that its server was given."""

    protocol_version = "HTTP/1.1"
    server: RogueServer

    def handle_any(self) -> None:
        """Take the request and answer it."""
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.requests.append(self.command)
        self.server.answer(self)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = handle_any

    def say(self, status: int, body: bytes = b"", length: int | None = None) -> None:
        """Send an answer; `length` may promise more bytes than come."""
        self.send_response(status)
        self.send_header("content-length", str(len(body) if length is None else length))
        self.send_header("last-modified", DATE)
        self.send_header("etag", '"x"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class RogueServer(http.server.ThreadingHTTPServer):
    """Knows how to answer, and what it was asked."""

    answer: Answer
    requests: list[str]

    def url(self) -> str:
        """Return it as a STORAGE_URL."""
        return f"s3://mhub-tests/rogue?endpoint=http://127.0.0.1:{self.server_port}"


@contextmanager
def rogue(answer: Answer) -> Iterator[RogueServer]:
    """Run such a server until the block ends."""
    with RogueServer(("127.0.0.1", 0), Rogue) as server:
        server.answer, server.requests = answer, []
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def refuse(status: int, code: str) -> Answer:
    """Always answer with an error of S3."""
    return lambda request: request.say(status, f"<Error><Code>{code}</Code><Message>No.</Message></Error>".encode())


def full(request: Rogue) -> None:
    """Have nothing, and no room for anything."""
    if request.command == "HEAD":
        request.say(404)
    else:
        refuse(507, "XMinioStorageFull")(request)


def serve(body: bytes, length: int | None = None) -> Answer:
    """Answer every reading with these bytes, also when only a range of them is asked for."""
    return lambda request: request.say(200, body, length)
