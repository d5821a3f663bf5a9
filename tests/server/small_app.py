"""A small Streamlit application behind our own server's parts, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from mhub_core import settings
from tests.services import free_port, wait_until

_SERVER = """
import sys, uvicorn
import streamlit as st
from starlette.middleware import Middleware
from mhub_core import settings
from mhub_core.server import connections, limits
from mhub_core.server.headers import Guard
from mhub_core.server.messages_heard import heed_only_what_our_pages_send
from mhub_core.server.pages_left import drop_requests_of_pages_left

{before}
connections.raise_file_limit()
app = Guard(st.App(sys.argv[1], middleware=[Middleware(limits.Limits)]))
uvicorn.run(
    app,
    port=int(sys.argv[2]),
    http=connections.ImpatientProtocol,
    forwarded_allow_ips=settings.text("MHUB_TRUSTED_PROXIES"),
    log_level="error",
)
"""
TAUGHT = "drop_requests_of_pages_left()"


@contextmanager
def served(folder: Path, script: str, before: str = TAUGHT) -> Iterator[str]:
    """Serve a script until the block ends; gives `host:port`. `before`: what the process does first."""
    (folder / "app.py").write_text(script)
    address = f"127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-c", _SERVER.format(before=before), str(folder / "app.py"), str(port)]
    server = subprocess.Popen(command, cwd=settings.ROOT)
    try:
        wait_until(lambda: answers(address), 60)
        yield address
    finally:
        server.terminate()
        server.wait(30)


@contextmanager
def served_hub() -> Iterator[str]:
    """Serve the pages of the home of a test until the block ends; gives the address. No workers."""
    port = free_port()
    environment = {**os.environ, "MHUB_PORT": str(port)}
    server = subprocess.Popen([sys.executable, "-m", "mhub_core.server"], cwd=settings.ROOT, env=environment)
    try:
        wait_until(lambda: answers(f"127.0.0.1:{port}"), 90)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def answers(address: str) -> bool:
    """Return whether a server at `host:port` is up."""
    try:
        return httpx.get(f"http://{address}/_stcore/health", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
