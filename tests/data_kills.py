"""Kill web and worker with -9 during uploads, fetches, preparations and profiles; look for half datasets and what is left behind.

`python -m tests.data_kills --rounds 10` prints kills, half datasets and remains; its exit code is 1 when there were any. The
processes are real, and each is killed at a random moment of its work.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx2 as httpx
import numpy as np
import polars as pl
from sqlalchemy import select

from db import migrate
from db.base import now
from db.engine import reading, writing
from db.tables.datasets import DatasetVersionRow
from db.tables.sources import FetchRow
from mhub_core import sandbox, settings
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import SESSION_COOKIE
from mhub_core.datasets import service as datasets
from mhub_core.datasets import source_service
from mhub_core.datasets.records import Fetch
from mhub_core.exploring import mark
from mhub_core.exploring import service as exploring
from mhub_core.kinds import arrays
from mhub_core.storage import artifact_service as artifacts
from mhub_core.storage import service as storage
from mhub_core.storage import uploads
from tests import factories
from tests.kills import Processes
from tests.served import served
from tests.services import wait_until

NUM_ROWS, PATIENCE = 600_000, 300
# A worker without Keras, which starts in a second: what prepares a dataset and looks it through is the same.
LIGHT = """
import time
from mhub_core.datasets import fetch_service as fetches
from mhub_core.datasets import worker_service as datasets
from mhub_core.exploring import worker_service as exploring
from tests.data_kills import ready
while True:
    for fetch_id in fetches.list_unfetched():
        fetches.run(fetch_id)
    for version_id in datasets.list_unprepared():
        datasets.prepare(version_id)
    for version_id in ready():
        exploring.make_profile(version_id)
    time.sleep(0.1)
"""
STATES = {"waiting", "preparing", "ready"}


@dataclass
class Tally:
    """What happened, and what it left."""

    kills: int = 0
    half: int = 0
    remains: int = 0

    def __str__(self) -> str:
        return f"kills: {self.kills}\nhalf datasets or profiles: {self.half}\nleft behind: {self.remains}"


def table(seed: int) -> bytes:
    """Return a CSV of some 25 MB, which is read in pieces."""
    draw = np.random.default_rng(seed)
    columns = {f"c{number}": draw.normal(size=NUM_ROWS).round(4) for number in range(5)}
    words = pl.Series(["yes", "no"]).gather(draw.integers(0, 2, NUM_ROWS))
    return pl.DataFrame({**columns, "label": words}).write_csv().encode()


def answers(port: int) -> bool:
    """Tell whether the web process answers, also that it has no worker for trainings."""
    try:
        return bool(httpx.get(f"http://127.0.0.1:{port}/api/health", timeout=5).json()["version"])
    except httpx.HTTPError:
        return False


def long_ago() -> dict[str, str]:
    """Return what a row says of a worker that has been silent for a minute."""
    return {"at": (now() - timedelta(minutes=1)).isoformat()}


def ready() -> list[int]:
    """Return the versions that are ready."""
    with reading() as session:
        return list(session.scalars(select(DatasetVersionRow.id).where(DatasetVersionRow.state == "ready")))


class Campaign:
    """Kills in the midst of each kind of work, lets it be done again, and looks at what a person would see."""

    def __init__(self, processes: Processes, seed: int) -> None:
        self.processes, self.random, self.tally = processes, random.Random(seed), Tally()
        self.person, self.data = factories.person("ada"), table(seed)
        self.cookie = accounts.redeem_ticket(accounts.issue_ticket(self.person.id), "a browser")
        self.key = storage.put_bytes(self.data)

    def strike(self, name: str, after: float) -> None:
        """Kill a process a moment later and start it again."""
        time.sleep(self.random.uniform(0, after))
        self.processes.kill(name)
        self.tally.kills += 1
        self.processes.start(name)

    def upload(self) -> None:
        """Kill the web process while a file comes in: nothing of it may be among the blobs."""
        wait_until(lambda: answers(self.processes.port), PATIENCE)
        before = set(storage.list_keys())
        sender = threading.Thread(target=self.send)
        sender.start()
        wait_until(lambda: any(storage.incoming().glob("upload-*")) or not sender.is_alive(), PATIENCE)
        self.strike("web", 0.2)
        sender.join()
        self.tally.half += len(set(storage.list_keys()) - before - {self.key})

    def send(self) -> None:
        """Send a file as a browser does, a little at a time."""

        def pieces() -> object:
            yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
            for start in range(0, len(self.data), 1 << 20):
                yield self.data[start : start + (1 << 20)]
                time.sleep(0.05)
            yield b"\r\n--x--\r\n"

        url = f"http://127.0.0.1:{self.processes.port}"
        headers = {"Content-Type": "multipart/form-data; boundary=x", "Origin": url, "Sec-Fetch-Site": "same-origin"}
        with suppress(httpx.HTTPError):
            cookies = {SESSION_COOKIE: self.cookie}
            httpx.post(f"{url}/api/upload", content=pieces(), headers=headers, cookies=cookies, timeout=60)  # type: ignore[arg-type]

    def convert(self) -> None:
        """Kill the worker while it prepares a dataset; the next one makes it whole."""
        token = uploads.seal(self.person.id, self.key, "a.csv", len(self.data))
        dataset = datasets.create(self.person, token, f"Data {self.tally.kills}", "", "table", "label", "classification")
        [version] = datasets.require_dataset(self.person, dataset).versions
        wait_until(lambda: self.state(version.id) in ("preparing", "ready"), PATIENCE)
        self.strike("quick", 4.0)
        self.look(version.id)
        self.age(version.id)
        wait_until(lambda: self.look(version.id) == "ready", PATIENCE)

    def fetch(self) -> None:
        """Kill the worker while it fetches; the next one begins anew, and what it gives is all of the file."""
        body = self.data + b"0,0,0,0,0,yes\n" * self.tally.kills  # another file each time
        with served(body) as url:
            fetch_id = source_service.fetch(self.person, "web", {"url": url})
            wait_until(lambda: self.fetched(fetch_id).state != "waiting", PATIENCE)
            self.strike("quick", 2.5)
            self.tally.half += self.fetched(fetch_id).state not in ("waiting", "fetching", "ready")
            with writing() as session:
                row = session.get_one(FetchRow, fetch_id, with_for_update=True)
                row.progress = {**row.progress, **long_ago()} if row.state == "fetching" else row.progress
            wait_until(lambda: self.fetched(fetch_id).state not in source_service.BUSY, PATIENCE)
        receipt = self.fetched(fetch_id).receipt
        key = uploads.unseal(self.person.id, receipt).key if receipt else ""
        self.tally.half += key != hashlib.sha256(body).hexdigest()

    def fetched(self, fetch_id: int) -> Fetch:
        return source_service.require_fetch(self.person, fetch_id)

    def profile(self) -> None:
        """Kill the worker while it looks a version through; the next one makes it whole."""
        version_id = max(ready())
        with writing() as session:
            row = session.get_one(DatasetVersionRow, version_id)
            row.report = {name: value for name, value in (row.report or {}).items() if name != mark.NAME}
        wait_until(lambda: exploring.see(self.person, version_id).is_making, PATIENCE)
        self.strike("quick", 3.0)
        seen = exploring.see(self.person, version_id)
        self.tally.half += seen.error is not None
        self.age(version_id)
        wait_until(lambda: exploring.see(self.person, version_id).profile, PATIENCE)

    def state(self, version_id: int) -> str:
        return datasets.require_version(self.person, version_id).state

    def look(self, version_id: int) -> str:
        """Look at a version as a person does: ready means whole, and nothing but waiting comes before it."""
        version = datasets.require_version(self.person, version_id)
        self.tally.half += version.state not in STATES
        if version.state == "ready" and version.spec:
            lengths = {len(np.load(arrays.verified(version.spec, name), mmap_mode="r")) for name in ("x", "y", "split")}
            self.tally.half += lengths != {NUM_ROWS}
        return version.state

    def age(self, version_id: int) -> None:
        """Let it look as if whoever is at it had been silent for a minute, so that nobody waits for that."""
        with writing() as session:
            row = session.get_one(DatasetVersionRow, version_id)
            if mark.NAME in (row.progress or {}):
                row.progress = {**row.progress, mark.NAME: {**row.progress[mark.NAME], **long_ago()}}
            elif row.state == "preparing":
                row.progress = {**row.progress, **long_ago()}

    def run(self, order: list[Callable[[], None]]) -> Tally:
        """Do it all, sweep as after the grace period, and count what is left."""
        began = time.monotonic()
        self.convert()
        self.random.shuffle(order)
        for number, one in enumerate(order):
            one()
            print(f"{number + 1} of {len(order)}: {one.__name__}, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        return self.tally

    def sweep(self) -> None:
        """With all processes gone: what nothing names is gone after the sweeper's grace."""
        artifacts.collect(timedelta(0))
        storage.clear_remains(sandbox.folders(), timedelta(0))
        left = [*storage.incoming().iterdir(), *sandbox.folders(), *artifacts.unnamed(timedelta(0))]
        for one in left:
            print(f"left behind: {one}", file=sys.stderr)
        self.tally.remains = len(left)


def campaign(rounds: int, seed: int = 0, with_keras: bool = False) -> Tally:
    """Run a campaign on the configured home, whose database is empty. Temporary files lie in it, too."""
    folder = settings.home() / "temporary"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["MHUB_SOURCE_NETWORKS"] = "127.0.0.1/32"
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    try:
        processes = Processes(0)
        if not with_keras:
            processes.commands["quick"] = [sys.executable, "-c", LIGHT]
        with processes.all_running():
            wait_until(lambda: answers(processes.port), PATIENCE)
            mine = Campaign(processes, seed)
            tally = mine.run([one for one in (mine.upload, mine.fetch, mine.convert, mine.profile) for _ in range(rounds)])
        mine.sweep()
    finally:
        tempfile.tempdir = None
    return tally


def main() -> None:
    """Do what the command line says, in a temporary home."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10, help="of each kind of work")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--with-keras", action="store_true", help="take the hub's own quick worker, which starts slowly")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mhub-kills-") as home:
        os.environ["MHUB_HOME"] = str(Path(home))
        migrate.upgrade()
        tally = campaign(given.rounds, given.seed, given.with_keras)
    print(tally)
    sys.exit(1 if tally.half or tally.remains else 0)


if __name__ == "__main__":
    main()
