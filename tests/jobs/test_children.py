"""The process of a run: it starts at once, tells how it goes, obeys, and its death is told in words."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from jobs import children
from mhub_core import settings
from tests.services import wait_until
from tests.training import real

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("children of one forkserver")]

LONG = {"epochs": 10_000, "learning_rate": 0.0001}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[children.Runs]:
    """A warm starter of runs, shared by these tests; its forkserver keeps the home that it was started with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MHUB_HOME", str(tmp_path_factory.mktemp("home")))
        starter = children.Runs()
        starter.warm()
        yield starter
        starter.close()


def start(runs, folder, **plan):
    return runs.start(real.run_spec("softmax_regression", real.iris(), **plan).to_json(), folder)


def read_until(child, kind, seconds=60.0):
    """Return all messages up to the first of a kind."""
    end, messages = time.monotonic() + seconds, []
    while time.monotonic() < end:
        message = child.receive(0.2)
        if message:
            messages.append(message)
            if message[0] in (kind, "done", "failed", "died"):
                assert message[0] == kind, message
                return messages
    raise TimeoutError(f"no {kind!r} among {messages[-3:]}")


def test_a_child_reports_every_epoch_and_then_its_outcome(runs, tmp_path):
    child = start(runs, tmp_path, epochs=3)

    messages = read_until(child, "done")

    child.close()
    assert [message[1] for message in messages if message[0] == "epoch"] == [1, 2, 3]
    assert messages[-1][1].state == "finished"
    assert messages[-1][1].model_path.parent == tmp_path


def test_a_child_that_is_told_to_stop_ends_within_a_second_or_two_with_what_it_has(runs, tmp_path):
    child = start(runs, tmp_path, **LONG)
    read_until(child, "epoch")
    began = time.monotonic()

    child.send("stop")

    outcome = read_until(child, "done")[-1][1]
    child.close()
    assert outcome.state == "stopped"
    assert time.monotonic() - began < 20  # evaluating and saving are in it, on a machine that others use too


def test_a_child_that_is_killed_says_so_as_its_last_message(runs, tmp_path):
    child = start(runs, tmp_path, **LONG)
    read_until(child, "epoch")

    os.kill(child.process_id, signal.SIGKILL)

    error = read_until(child, "died")[-1][1]
    child.close()
    assert "memory" in error["happened"]


def test_what_a_person_caused_comes_as_words(runs, tmp_path):
    spec = real.run_spec("softmax_regression", real.iris()).to_json()
    spec["data"]["arrays"]["x"] = "0" * 64
    child = runs.start(spec, tmp_path)

    error = read_until(child, "failed")[-1][1]

    child.close()
    assert error["kind"] == "NotFound"


def test_the_process_that_starts_children_stays_without_keras():
    code = "import sys; from jobs import children; print([name for name in ('keras', 'tensorflow') if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=settings.ROOT, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are found through /proc")
def test_children_die_with_their_worker():
    code = "from jobs import children; import time; r = children.Runs(); r.warm(); print('warm', flush=True); time.sleep(600)"
    worker = subprocess.Popen([sys.executable, "-c", code], cwd=settings.ROOT, stdout=subprocess.PIPE)
    try:
        assert worker.stdout is not None and worker.stdout.readline() == b"warm\n"
        family = psutil.Process(worker.pid).children(recursive=True)
        assert len(family) >= 2  # the forkserver and its spare
    finally:
        worker.kill()
        worker.communicate()

    wait_until(lambda: not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family), 30)
