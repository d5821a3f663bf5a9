"""What tests share: a hub of their own in a temporary folder, with a real database and a real broker.

Files lie in a folder of the home. `MHUB_TEST_STORAGE=s3` keeps them on S3 instead, for every test: a server in a process of its
own for each pytest worker, and a fresh prefix for each home. `MHUB_TEST_STORAGE=s3://bucket/prefix?endpoint=http://host:8080`
uses that server, with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (`python -m tests.swift` runs one).
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import bcrypt
import pytest
import redis

from db import engine
from jobs import valkey
from mhub_core import settings
from mhub_core.runs import watch_service
from tests import chromium, services
from tests.services import wait_until


def pytest_collection_finish() -> None:
    """Take what was loaded out of all later garbage collections: TensorFlow, Streamlit and every test make them take a second."""
    _look_for_components_once()
    gc.collect()
    gc.freeze()


def _look_for_components_once() -> None:
    """Let Streamlit look through the installed packages for components once. AppTest does it anew for each run of a page, which
    takes ten times as long as the page; a server does it when it starts."""
    if "streamlit" in sys.modules:
        from streamlit.components.v2 import manifest_scanner

        manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell what the browser showed when a test failed: who reads that elsewhere has no screen to look at."""
    report = yield
    if report.failed and call.when == "call" and (shown := chromium.on_screen()):
        report.sections.append(("What the browser showed", shown))
    return report


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Put the main module back: AppTest leaves its script there, and every process that a later test starts would run it."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """A bucket on a server that speaks S3, as a STORAGE_URL; its credentials stand in the environment."""
    asked = os.environ.get("MHUB_TEST_STORAGE", "")
    if asked.startswith("s3://"):
        yield asked
        return
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "tests")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "secret of the tests")
        with services.s3_server() as url:
            yield url


@pytest.fixture(scope="session", autouse=True)
def storage_for_all(request: pytest.FixtureRequest) -> Iterator[None]:
    """Where MHUB_TEST_STORAGE asks for S3, hubs that take their settings from the environment find it there."""
    with pytest.MonkeyPatch.context() as environment:
        if os.environ.get("MHUB_TEST_STORAGE"):
            environment.setenv("STORAGE_URL", services.below(request.getfixturevalue("s3"), uuid.uuid4().hex))
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash passwords with the fewest rounds: people's take 0.3 s each on purpose, and tests make hundreds."""
    salt = bcrypt.gensalt
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bcrypt, "gensalt", lambda: salt(rounds=4))
        yield


@pytest.fixture
def hub_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """A home of this test's own, with no address of the outside set."""
    for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL", "MHUB_SECRET_KEY", "MHUB_SMTP_URL", "MHUB_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MHUB_HOME", str(tmp_path / "home"))
    watch_service.forget()
    if os.environ.get("MHUB_TEST_STORAGE"):
        request.getfixturevalue("on_s3")
    return tmp_path / "home"


@pytest.fixture
def on_s3(s3: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Keep the files of this test on S3, below a prefix of its own. Ask for it after `hub_home`."""
    url = services.below(s3, uuid.uuid4().hex)
    monkeypatch.setenv("STORAGE_URL", url)
    return url


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


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A mail server to which this test's hub sends, see `tests.mailbox`."""
    from tests.mailbox import mail_server

    with mail_server() as box:
        monkeypatch.setenv("MHUB_SMTP_URL", box.url)
        monkeypatch.setenv("MHUB_MAIL_FROM", "The hub <hub@school.example>")
        monkeypatch.setenv("MHUB_ADDRESS", "https://hub.school.example")
        yield box


@pytest.fixture(params=["small", pytest.param("large", marks=pytest.mark.slow)])
def hub(request: pytest.FixtureRequest) -> Path:
    """A test that asks for this runs twice: on SQLite with the embedded broker, and on PostgreSQL with Redis."""
    if request.param == "large":
        return request.getfixturevalue("large_hub")
    request.getfixturevalue("broker")
    return request.getfixturevalue("database")


@pytest.fixture
def ada(hub: Path) -> Any:
    """Somebody with an account, on a hub of each kind. Where one kind will do, a folder has an Ada of its own."""
    return _person("ada")


@pytest.fixture
def bob(hub: Path) -> Any:
    """Somebody else."""
    return _person("bob")


def _person(name: str) -> Any:
    from tests import factories  # which loads much that many tests do without

    return factories.person(name)
