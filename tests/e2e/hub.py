"""Start a hub with `./mhub up` in a home of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mhub_core.settings import ROOT
from tests.services import create_database, free_port, postgres_server, redis_server, wait_until


@dataclass(frozen=True)
class Hub:
    """A running hub: its address, its home and its supervisor."""

    url: str
    home: Path
    process: subprocess.Popen[str]

    def health(self) -> dict:
        """Return what `/api/health` says, also when it says that something is wrong."""
        request = urllib.request.Request(f"{self.url}/api/health")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def memory_map_of_web(self) -> str:
        """Return the names of all files that the web process has loaded. Empty where the system does not tell."""
        children = json.loads((self.home / "hub.json").read_text())["children"]
        (process_id,) = [child["pid"] for child in children if child["name"] == "web"]
        maps = Path(f"/proc/{process_id}/maps")
        return maps.read_text() if maps.exists() else ""


def wait_for_health(hub: Hub, seconds: float = 120.0) -> None:
    """Wait until the hub says that all is well. Raises RuntimeError with its last words."""
    end, last = time.monotonic() + seconds, "nothing"
    while time.monotonic() < end:
        if hub.process.poll() is not None:
            raise RuntimeError(f"./mhub ended with {hub.process.returncode}")
        try:
            last = hub.health()
            if last["status"] == "ok":
                return
        except (OSError, ValueError) as error:  # while no web process answers, the front server does, with a page
            last = str(error)
        time.sleep(0.2)
    raise RuntimeError(f"the hub did not come up: {last}")


@contextmanager
def started_hub(home: Path, *options: str, **environment: str) -> Iterator[Hub]:
    """Run `./mhub up` on a free port until the block ends. Its words go to `home/../up.log`."""
    port = free_port()
    home.parent.mkdir(parents=True, exist_ok=True)
    with (home.parent / "up.log").open("w") as log:
        command = [str(ROOT / "mhub"), "up", "--home", str(home), "--port", str(port), *options]
        process = subprocess.Popen(command, stdout=log, stderr=log, text=True, env={**os.environ, **environment})
        hub = Hub(f"http://127.0.0.1:{port}", home, process)
        try:
            wait_for_health(hub)
            yield hub
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


@contextmanager
def lab(folder: Path, **environment: str) -> Iterator[tuple[Hub, dict[str, str]]]:
    """Run a hub on PostgreSQL and Redis, and the workers of a second machine; also give the variables that both share.

    `environment` is the hub's alone.
    """
    with postgres_server() as postgres, redis_server() as redis_url:
        shared = {
            "DATABASE_URL": create_database(postgres, "lab"),
            "REDIS_URL": redis_url,
            "STORAGE_URL": os.environ["STORAGE_URL"] if os.environ.get("MHUB_TEST_STORAGE") else f"file://{folder / 'shared'}",
        }
        with started_hub(folder / "home", **shared, **environment) as hub, (folder / "worker.log").open("w") as log:
            command = [str(ROOT / "mhub"), "worker", "--home", str(folder / "second")]
            second = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **shared})
            try:
                wait_until(lambda: sum(worker["alive"] for worker in hub.health()["workers"]) == 4, 90)
                yield hub, shared
            finally:
                second.send_signal(signal.SIGTERM)
                second.wait(timeout=30)
