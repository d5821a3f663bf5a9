"""What tests share: a hub of their own in a temporary folder, with a real database and a real broker."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from db import engine
from jobs import valkey
from mhub_core import settings
from tests import services
from tests.services import wait_until


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Put the main module back: AppTest leaves its script there, and every process that a later test starts would run it."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture
def hub_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of this test's own, with no address of the outside set."""
    for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "MHUB_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MHUB_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database, of which each test gets a copy."""
    home = tmp_path_factory.mktemp("empty")
    migrate_in_child(MHUB_HOME=str(home), DATABASE_URL="")
    return home / "mhub.sqlite"


def migrate_in_child(**environment: str) -> None:
    """Bring a database to the newest form without a connection of this process."""
    command = [sys.executable, "-m", "db.migrate"]
    subprocess.run(command, check=True, env={**os.environ, **environment}, cwd=settings.ROOT)


@pytest.fixture
def database(hub_home: Path, empty_sqlite: Path) -> Path:
    """A migrated SQLite database in the test's own home."""
    hub_home.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copy(empty_sqlite, hub_home)
    return hub_home


@pytest.fixture
def broker(hub_home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real broker on a socket of the test's own."""
    socket = settings.broker_socket()
    valkey.clear_the_way(hub_home / "broker")
    process = subprocess.Popen(valkey.command(hub_home / "broker"), stdout=subprocess.DEVNULL)
    wait_until(redis.Redis(unix_socket_path=str(socket)).ping)
    yield process
    process.kill()
    process.wait()
    socket.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server with a migrated database `template` in it, of which each test gets a copy."""
    with services.postgres_server() as url:
        migrate_in_child(DATABASE_URL=services.create_database(url, "template"))
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A server that speaks Redis over TCP."""
    with services.redis_server() as url:
        yield url


@pytest.fixture
def large_hub(hub_home: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A hub on PostgreSQL and Redis, both empty."""
    url, redis_address = request.getfixturevalue("postgres"), request.getfixturevalue("redis_url")
    monkeypatch.setenv("DATABASE_URL", services.create_database(url, hub_home.parent.name, "template"))
    monkeypatch.setenv("REDIS_URL", redis_address)
    redis.Redis.from_url(redis_address).flushall()
    yield hub_home
    engine.engine(True).dispose()
    engine.engine(False).dispose()


@pytest.fixture(params=["small", "large"])
def hub(request: pytest.FixtureRequest) -> Path:
    """A test that asks for this runs twice: on SQLite with the embedded broker, and on PostgreSQL with Redis."""
    if request.param == "large":
        return request.getfixturevalue("large_hub")
    request.getfixturevalue("broker")
    return request.getfixturevalue("database")
