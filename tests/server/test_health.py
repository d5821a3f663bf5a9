"""What the hub says of its own health."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mhub_core import queue
from mhub_core.runs import worker_service
from mhub_core.server import health
from mhub_core.server.app import ROUTES
from tests import locks
from tests.services import wait_until


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=ROUTES))


@pytest.mark.usefixtures("database", "broker")
def test_a_hub_with_both_workers_is_well(client: TestClient) -> None:
    for name in (queue.QUICK, queue.TRAINING):
        worker_service.worker_seen(f"here:1:{name}", name, {})
    answer = client.get("/api/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert {worker["queue"] for worker in answer.json()["workers"] if worker["alive"]} == {"quick", "training"}
    assert "here" not in answer.text  # what machines are called is not for everybody


@pytest.mark.usefixtures("database", "broker")
def test_a_missing_worker_is_named(client: TestClient) -> None:
    answer = client.get("/api/health")
    assert answer.status_code == 503
    assert answer.json()["status"] == "no quick worker is alive; no training worker is alive"


@pytest.mark.usefixtures("database", "broker")
def test_workers_that_cannot_say_that_they_live_are_not_said_to_be_dead(client: TestClient) -> None:
    def status() -> str:
        return client.get("/api/health").json()["status"]

    with locks.held():
        wait_until(lambda: "the database is locked by another program" in status())  # a busy machine is not always in time
    wait_until(lambda: status() == "no quick worker is alive; no training worker is alive")


@pytest.mark.usefixtures("database")
def test_a_missing_broker_is_named_and_the_database_is_still_well(client: TestClient) -> None:
    facts = client.get("/api/health").json()
    assert "the broker is away" in facts["status"]
    assert facts["database"] == "ok"


@pytest.mark.usefixtures("database")
def test_a_broker_that_hangs_does_not_hold_the_answer_up(client: TestClient, broker: subprocess.Popen[bytes]) -> None:
    client.get("/api/health")
    os.kill(broker.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        facts = client.get("/api/health").json()
        assert time.monotonic() - started < 3  # 0.1 s on a machine of its own; who waits for the broker waits 5 s
    finally:
        os.kill(broker.pid, signal.SIGCONT)
    assert "the broker did not answer" in facts["status"]


@pytest.mark.usefixtures("hub_home")
def test_a_database_that_takes_the_call_and_says_nothing_is_named(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("DATABASE_URL", f"postgresql://u:p@127.0.0.1:{silent.getsockname()[1]}/x")
        facts = client.get("/api/health").json()
    assert "the database did not answer" in facts["status"]


@pytest.fixture
def ask_files_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what the file store said in other tests."""
    monkeypatch.setattr(health, "files", health.Files())


@pytest.mark.usefixtures("database", "broker", "ask_files_again")
def test_a_file_store_that_is_away_is_named_without_secrets(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    monkeypatch.setenv("STORAGE_URL", f"s3://files?endpoint=http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very secret")
    client.get("/api/health")
    wait_until(lambda: client.get("/api/health").json()["storage"] == "is away")
    answer = client.get("/api/health")
    assert answer.status_code == 503 and "the file store is away" in answer.json()["status"]
    assert "secret" not in answer.text


@pytest.mark.usefixtures("database", "broker", "ask_files_again")
def test_a_slow_file_store_does_not_hold_the_answer_up_and_its_last_word_counts(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = threading.Event()
    monkeypatch.setattr("mhub_core.storage.service.check", lambda: slow.wait(20))
    started = time.monotonic()
    assert "did not answer" in client.get("/api/health").json()["storage"]
    assert time.monotonic() - started < 10  # half of what the store takes
    slow.set()
    wait_until(lambda: client.get("/api/health").json()["storage"] == "ok")
    slow.clear()
    monkeypatch.setattr(health, "FRESH_SECONDS", 0.0)
    assert client.get("/api/health").json()["storage"] == "ok"
    slow.set()
