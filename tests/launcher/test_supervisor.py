"""What a person sees of `mhub up`: it starts, mends, refuses in plain words, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from jobs.home import is_alive
from mhub_core import settings

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("one supervised hub")]

Start = Callable[..., "Hub"]


class Hub:
    """A supervisor in a process of its own, with its words."""

    def __init__(self, home: Path, port: int, kinds: tuple[str, ...], verb: str = "up") -> None:
        self.home, self.port, self.words = home, port, ""
        environment = {**os.environ, "MHUB_HOME": str(home), "MHUB_PORT": str(port), "REDIS_URL": "", "DATABASE_URL": ""}
        command = [sys.executable, "-m", "tests.launcher.small_hub", "supervise", verb, *kinds]
        self.process = subprocess.Popen(
            command, env=environment, cwd=settings.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def wait_for(self, words: str) -> None:
        """Read what it says until these words come."""
        for line in self.process.stdout:
            self.words += line
            if words in line:
                return
        raise AssertionError(f"{words!r} never came. It said:\n{self.words}")

    def end(self) -> int:
        """Wait for its end, read the rest, return its exit code."""
        self.words += self.process.stdout.read()
        return self.process.wait(timeout=60)

    def pids(self) -> dict[str, int]:
        state = json.loads((self.home / "hub.json").read_text())
        return {child["name"]: child["pid"] for child in state["children"]}

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start hubs on free ports; none outlives the test."""
    hubs: list[Hub] = []

    def start_one(*kinds: str, home: Path = tmp_path / "home", port: int = 0, verb: str = "up") -> Hub:
        hubs.append(Hub(home, port or free_port(), kinds or ("web", "worker"), verb))
        return hubs[-1]

    yield start_one
    for hub in hubs:
        hub.process.terminate()
        hub.end()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One hub that is ready, for the tests that leave it so."""
    hub = Hub(tmp_path_factory.mktemp("shared") / "home", free_port(), ("web", "worker"))
    hub.wait_for("ready")
    yield hub
    hub.process.terminate()
    hub.end()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def test_a_hub_prints_its_address_and_stops_on_sigterm_with_no_process_left(start: Start) -> None:
    hub = start()
    hub.wait_for("M-Hub is ready: http://127.0.0.1:")
    family = hub.family()
    assert len(family) == 5, "broker, web, worker, the worker's child, watchdog"
    hub.process.terminate()
    assert hub.end() == 0
    assert not any(is_alive(process.pid) for process in family)
    assert "Traceback" not in hub.words


def test_the_home_and_the_key_are_for_their_owner_alone(hub: Hub) -> None:
    assert hub.home.stat().st_mode & 0o777 == 0o700
    assert (hub.home / "secret.key").stat().st_mode & 0o777 == 0o600
    assert (hub.home / "broker.sock").stat().st_mode & 0o077 == 0
    assert (hub.home / "mhub.sqlite").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["web", "worker", "broker"])
def test_what_is_killed_is_started_again_and_said_so(hub: Hub, name: str) -> None:
    before = hub.pids()
    os.kill(before[name], signal.SIGKILL)
    hub.wait_for(f"{name} was ended by SIGKILL; starting it again")
    eventually(lambda: hub.pids()[name] not in (before[name], None))
    assert {key: pid for key, pid in hub.pids().items() if key != name} == {
        key: pid for key, pid in before.items() if key != name
    }


def test_the_children_of_a_killed_worker_do_not_live_on(hub: Hub) -> None:
    worker = psutil.Process(hub.pids()["worker"])
    eventually(lambda: len(worker.children()) == 1)
    [child] = worker.children()
    worker.kill()
    eventually(lambda: not is_alive(child.pid))


def test_nothing_is_left_when_the_supervisor_itself_is_killed_and_the_next_one_starts(start: Start) -> None:
    first = start()
    first.wait_for("ready")
    family = first.family()
    assert len(family) == 5
    first.process.kill()
    second = start(port=first.port)
    second.wait_for("ready")
    assert not any(is_alive(process.pid) for process in family)


def test_a_killed_watchdog_is_replaced_when_it_is_needed(start: Start) -> None:
    hub = start()
    hub.wait_for("ready")
    [watchdog] = [process for process in hub.family() if "jobs.watchdog" in process.cmdline()]
    watchdog.kill()
    os.kill(hub.pids()["worker"], signal.SIGKILL)
    hub.wait_for("worker was ended")
    eventually(lambda: hub.pids()["worker"] is not None)
    family = hub.family()
    hub.process.kill()
    eventually(lambda: not any(is_alive(process.pid) for process in family))


def test_a_second_hub_on_the_same_home_is_refused(hub: Hub, start: Start) -> None:
    second = start(home=hub.home)
    assert second.end() == 1
    assert f"already running on the home {hub.home} (process {hub.process.pid}" in second.words
    assert "--home" in second.words and "Traceback" not in second.words
    assert hub.process.poll() is None


def test_a_joined_worker_may_share_the_home_and_starts_neither_broker_nor_web(hub: Hub, start: Start) -> None:
    joined = start("worker", home=hub.home, verb="worker")
    joined.wait_for("Working for the hub")
    assert json.loads((hub.home / "worker.json").read_text())["children"][0]["name"] == "worker"
    assert (hub.home / "logs" / "joined-worker.log").exists()
    joined.process.terminate()
    assert joined.end() == 0
    assert hub.process.poll() is None


def test_a_taken_port_is_refused_before_anything_starts(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        hub = start(port=other.getsockname()[1])
        assert hub.end() == 1
    assert "another program is using it" in hub.words and "--port" in hub.words
    assert not (hub.home / "mhub.sqlite").exists()


def test_a_port_that_does_not_exist_is_refused(start: Start) -> None:
    hub = start(port=70000)
    assert hub.end() == 1
    assert "There is no port 70000" in hub.words


def test_a_home_that_cannot_be_made_is_refused(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    hub = start(home=tmp_path / "file" / "home")
    assert hub.end() == 1
    assert "cannot be used: Not a directory" in hub.words and "Traceback" not in hub.words


def test_a_web_process_that_never_lives_ends_the_start_with_its_last_words(start: Start) -> None:
    hub = start("web=stubborn", "worker")
    assert hub.end() == 1
    assert "web ended with code 1; starting it again in 1 s" in hub.words
    assert "web keeps stopping" in hub.words and "I cannot live like this" in hub.words
    assert "Traceback" not in hub.words


def test_a_deep_home_gets_its_socket_elsewhere(start: Start, tmp_path: Path) -> None:
    hub = start(home=tmp_path / ("deep" * 30))
    hub.wait_for("ready")
    assert not (hub.home / "broker.sock").exists()
    hub.process.terminate()
    assert hub.end() == 0


def test_status_says_what_runs_and_where(hub: Hub) -> None:
    status = [sys.executable, "-m", "jobs.status"]
    environment = {**os.environ, "MHUB_HOME": str(hub.home), "DATABASE_URL": "postgresql://me:secret@far/mhub"}
    environment |= {"STORAGE_URL": "s3://files/mhub?endpoint=http://far:9000", "AWS_SECRET_ACCESS_KEY": "secret"}
    seen = subprocess.run(status, env=environment, cwd=settings.ROOT, capture_output=True, text=True)
    assert seen.returncode == 0
    for words in (
        "The hub has been running since",
        "worker",
        "Health: ok",
        str(hub.home),
        "Python 3.",
        "://far/mhub",
        "s3://files/mhub at http://far:9000",
    ):
        assert words in seen.stdout
    assert "secret" not in seen.stdout


def test_status_of_a_home_where_nothing_runs_says_so(tmp_path: Path) -> None:
    environment = {**os.environ, "MHUB_HOME": str(tmp_path)}
    status = [sys.executable, "-m", "jobs.status"]
    seen = subprocess.run(status, env=environment, cwd=settings.ROOT, capture_output=True, text=True)
    assert seen.returncode == 1
    assert "is not running" in seen.stdout
