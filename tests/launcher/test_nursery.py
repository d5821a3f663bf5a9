"""A worker that the nursery forks fares as one that the supervisor starts by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jobs.home import is_alive
from mhub_core import settings
from tests.launcher.test_supervisor import Hub, eventually, free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("one supervised hub"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives orphans to an ancestor that asks for them"),
]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub whose worker was forked."""
    hub = Hub(tmp_path / "home", free_port(), ("web", "forked"))
    hub.wait_for("ready")
    eventually(lambda: hub.pids()["forked"] is not None and len(psutil.Process(hub.pids()["forked"]).children()) == 1)
    yield hub
    hub.process.terminate()
    hub.end()


LOADS = """
import sys
from jobs import nursery
nursery.load()
print(sorted(set(nursery.LEFT_OUT) & set(sys.modules)))
import sqlite3
print(sqlite3.connect(":memory:").execute("CREATE VIRTUAL TABLE words USING fts5(text)").rowcount)
from mhub_core.datasets.builtins import BUILT_INS
print(len(next(one for one in BUILT_INS if "iris" in one.slug).load()))
"""
APART = """
import os, sys, time
from jobs import children, nursery
nursery.load()
def tell():
    print(os.getpid() != parent, os.getppid() == parent, flush=True)
    sys.stdout = None
parent = os.getpid()
children.do_apart(tell)
deadline = time.monotonic() + 20
while os.path.exists(f"/proc/{parent}/task/{parent}/children") and time.monotonic() < deadline:
    if not open(f"/proc/{parent}/task/{parent}/children").read():
        print("gone")
        break
    time.sleep(0.01)
"""


def said(script: str) -> list[str]:
    """Return the lines of a Python program that runs in our folder."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=settings.ROOT, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_nursery_leaves_out_what_keras_can_do_without_and_workers_search_with_the_sqlite_of_the_system() -> None:
    assert said(LOADS) == ["[]", "-1", "150"]


def test_what_is_done_apart_is_done_by_a_fork_that_ends() -> None:
    assert said(APART) == ["True True", "gone"]


def test_a_forked_worker_belongs_to_the_supervisor_and_stops_with_it(hub: Hub) -> None:
    family, worker = hub.family(), psutil.Process(hub.pids()["forked"])
    assert worker.ppid() == hub.process.pid and os.getpgid(worker.pid) == worker.pid
    assert worker.cmdline() == psutil.Process(hub.pids()["nursery"]).cmdline()  # not a program of its own
    assert (hub.home / "logs" / "forked.log").read_text().splitlines()[-1] == "with -1"
    hub.process.terminate()
    assert hub.end() == 0 and "Traceback" not in hub.words
    assert not any(is_alive(process.pid) for process in family)


def test_a_forked_worker_that_is_killed_is_started_again_and_leaves_nothing(hub: Hub) -> None:
    worker = psutil.Process(hub.pids()["forked"])
    [child] = worker.children()
    worker.kill()
    hub.wait_for("forked was ended by SIGKILL; starting it again")
    eventually(lambda: hub.pids()["forked"] not in (worker.pid, None))
    eventually(lambda: not psutil.pid_exists(child.pid))  # not even as a zombie that the supervisor adopted


def test_a_nursery_that_is_killed_takes_no_worker_along_and_the_next_one_forks(hub: Hub) -> None:
    before = hub.pids()
    os.kill(before["nursery"], signal.SIGKILL)
    hub.wait_for("nursery was ended by SIGKILL; starting it again")
    eventually(lambda: hub.pids()["nursery"] not in (before["nursery"], None))
    assert hub.pids()["forked"] == before["forked"] and is_alive(before["forked"])

    os.kill(before["forked"], signal.SIGKILL)
    eventually(lambda: hub.pids()["forked"] not in (before["forked"], None))
    assert psutil.Process(hub.pids()["forked"]).ppid() == hub.process.pid


def test_a_nursery_that_stands_still_is_replaced(hub: Hub) -> None:
    before = hub.pids()
    os.kill(before["nursery"], signal.SIGSTOP)
    os.kill(before["forked"], signal.SIGKILL)
    hub.wait_for("nursery was ended by SIGKILL; starting it again")
    eventually(lambda: hub.pids()["forked"] not in (before["forked"], None))


def test_no_forked_worker_outlives_a_supervisor_that_was_killed(hub: Hub) -> None:
    family = hub.family()
    hub.process.kill()
    eventually(lambda: not any(is_alive(process.pid) for process in family))
