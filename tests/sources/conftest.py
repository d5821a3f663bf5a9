"""What the tests of sources share: limits that allow this machine, and a small server that answers as a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mhub_core.sources.source import Limits

LOOPBACK = ("127.0.0.0/8", "::1/128")
Answer = Callable[[BaseHTTPRequestHandler], None]


def limits(**other: object) -> Limits:
    """Limits of a hub whose administrator allows this machine."""
    usual = {"max_bytes": 1_000_000, "seconds": 20.0, "max_rows": 10_000, "max_columns": 100, "networks": LOOPBACK}
    return Limits(**{**usual, **other})


@pytest.fixture
def serve() -> Iterator[Callable[[dict[str, Answer]], str]]:
    """Run a server that answers each path as a function does, and return its address."""
    servers = []

    def do(answers: dict[str, Answer]) -> str:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                answers[self.path.partition("?")[0]](self)
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield do
    for server in servers:
        server.shutdown()
        server.server_close()


def sends(body: bytes, status: int = 200, **headers: str) -> Answer:
    """Answer with a body; `length=` states another length than it has."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", headers.pop("length", str(len(body))) if "length" in headers else str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def redirects(to: str) -> Answer:
    """Answer with a redirect."""
    return sends(b"", 302, Location=to)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
