"""Kill workers, the broker and the web process with -9 during runs, and count what is lost or done twice.

`python -m tests.kills --kills 20 --broker-kills 5 --web-kills 3` prints kills, runs, lost, twice; its exit code is 1 when
anything was. The processes are real, the trainings are real, and each is killed at a random moment of a run.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from db import migrate
from db.engine import reading
from db.tables.models import ModelVersionRow
from db.tables.runs import RunRow, RunScoreRow
from jobs import valkey
from mhub_core import settings
from mhub_core.accounts.records import User
from mhub_core.runs import service as runs
from mhub_core.runs.records import ENDED, FINISHED, HELD
from mhub_core.training import plan as plans
from tests import factories, services
from tests.jobs.workers import end_group
from tests.services import wait_until

EPOCHS = 400
AHEAD = 3  # runs that wait or run at any moment, so that there is always something to disturb
ENVIRONMENT = {"MHUB_LEASE_SECONDS": "4", "MHUB_MAX_ATTEMPTS": "1000", "MHUB_ACTIVE_RUNS_PER_USER": "1000"}


@dataclass
class Tally:
    """What happened, and what it did to the runs."""

    kills: collections.Counter[str] = field(default_factory=collections.Counter)
    runs: int = 0
    attempts: int = 0
    lost: int = 0
    twice: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        killed = ", ".join(f"{number} of {name}" for name, number in sorted(self.kills.items()))
        return (
            f"kills: {sum(self.kills.values())} ({killed})\nruns: {self.runs}, in {self.attempts} attempts\n"
            f"lost: {self.lost}\ntwice: {self.twice}\nseconds: {self.seconds:.0f}"
        )


class Processes:
    """The processes of a hub, each in a group of its own, started again as soon as they are killed."""

    def __init__(self, num_workers: int) -> None:
        self.port = services.free_port()
        os.environ["MHUB_PORT"] = str(self.port)
        python = [sys.executable, "-m"]
        self.commands = {"web": [*python, "mhub_core.server"], "quick": [*python, "jobs.worker", "quick"]}
        self.commands |= {f"train-{number}": [*python, "jobs.worker", "training"] for number in range(num_workers)}
        if not settings.text("REDIS_URL"):
            self.commands = {"broker": valkey.command(self.broker_folder), **self.commands}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def broker_folder(self) -> Path:
        return settings.home() / "broker"

    def start(self, name: str) -> None:
        if name == "broker":
            valkey.clear_the_way(self.broker_folder)
        with (settings.home() / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                self.commands[name], stdout=log, stderr=log, cwd=settings.ROOT, start_new_session=True
            )

    def kill(self, name: str) -> None:
        """Kill one process alone; what it started has to find out by itself."""
        self.running[name].kill()
        self.running[name].wait()

    def web_answers(self) -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/health", timeout=5) as answer:
            return bool(json.load(answer)["version"])

    @contextmanager
    def all_running(self) -> Iterator[None]:
        try:
            for name in self.commands:
                self.start(name)
            yield
        finally:
            for process in self.running.values():
                process.kill()
                process.wait()
                end_group(process.pid)


class Campaign:
    """Keeps trainings going, kills in the midst of them, and looks at the end whether each had its effect once."""

    def __init__(self, processes: Processes, seed: int) -> None:
        self.processes = processes
        self.random = random.Random(seed)
        self.tally = Tally()
        self.person: User = factories.person("ada")
        self.model, self.data = factories.model(self.person), factories.dataset()
        self.submitted: list[int] = []

    def submit(self) -> None:
        """Submit a run, twice with the same key as an impatient person does."""
        plan = plans.defaults(factories.iris_spec()) | {"epochs": EPOCHS, "batch_size": 8}
        key = f"campaign-{len(self.submitted)}"
        first, second = (runs.submit(self.person, self.model, self.data, plan, key) for _ in range(2))
        assert first == second
        self.submitted.append(first)

    def held_by(self) -> int | None:
        """Keep enough runs ahead. Return the process id of a worker that is training."""
        with reading() as session:
            ended = session.scalar(select(func.count()).where(RunRow.state.in_(ENDED)))
            owners = list(session.scalars(select(RunRow.lease_owner).where(RunRow.state.in_(HELD), RunRow.epoch > 0)))
        for _ in range(AHEAD - (len(self.submitted) - ended)):
            self.submit()
        training = {int(owner.split(":")[1]) for owner in owners} & {process.pid for process in self.processes.running.values()}
        return self.random.choice(sorted(training)) if training else None

    def wait_for_training(self) -> int:
        """Wait for a random moment of a training. Return the process id of its worker."""
        wait_until(self.held_by, 180)
        time.sleep(self.random.uniform(0, 1.5))
        wait_until(self.held_by, 180)
        return self.held_by() or self.wait_for_training()

    def kill_worker(self) -> None:
        process_id = self.wait_for_training()
        self.strike(next(name for name, process in self.processes.running.items() if process.pid == process_id))

    def strike(self, name: str, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Kill a process and start it again."""
        self.processes.kill(name)
        self.tally.kills[name.partition("-")[0]] += 1
        meanwhile()
        self.processes.start(name)

    def kill_broker(self) -> None:
        """Kill the broker; every second time with all its messages."""
        self.wait_for_training()
        forget = self.tally.kills["broker"] % 2 == 1
        self.strike("broker", lambda: shutil.rmtree(self.processes.broker_folder) if forget else time.sleep(1))

    def kill_web(self) -> None:
        self.wait_for_training()
        self.strike("web")
        wait_until(self.processes.web_answers, 120)

    def run(self, order: list[Callable[[], None]]) -> Tally:
        """Kill in a random order, wait for all runs to end, and count."""
        began = time.monotonic()
        self.random.shuffle(order)
        for kill in order:
            kill()
        wait_until(lambda: all(state in ENDED for state in self.states()), 600)
        for run_id in self.submitted:
            self.count(run_id)
        self.tally.seconds = time.monotonic() - began
        return self.tally

    def states(self) -> list[str]:
        with reading() as session:
            return list(session.scalars(select(RunRow.state).where(RunRow.id.in_(self.submitted))))

    def count(self, run_id: int) -> None:
        """A run that had its effect once is finished, with a whole curve, one model version, and each score once."""
        run = runs.require_run(self.person, run_id)
        steps = [epoch for epoch, _ in factories.progress(self.person, run_id).points["loss"]]
        with reading() as session:
            versions = session.scalar(select(func.count()).where(ModelVersionRow.run_id == run_id))
            scores = session.scalar(select(func.count()).where(RunScoreRow.run_id == run_id))
        self.tally.runs += 1
        self.tally.attempts += run.attempt
        whole = run.state == FINISHED and versions >= 1 and scores >= 1 and steps == list(range(1, EPOCHS + 1))
        self.tally.lost += not whole
        self.tally.twice += versions > 1 or len(steps) > EPOCHS


def campaign(kills: int, broker_kills: int, web_kills: int, num_workers: int = 2, seed: int = 0) -> Tally:
    """Run a campaign on the configured home, whose database is empty."""
    os.environ.update(ENVIRONMENT)
    processes = Processes(num_workers)
    with processes.all_running():
        wait_until(processes.web_answers, 180)
        mine = Campaign(processes, seed)
        return mine.run([mine.kill_worker] * kills + [mine.kill_broker] * broker_kills + [mine.kill_web] * web_kills)


def main() -> None:
    """Do what the command line says, in a temporary home."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("kills", 20), ("broker-kills", 5), ("web-kills", 3), ("workers", 2), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL and Redis, whose broker is not killed")
    given = parser.parse_args()
    with ExitStack() as stack:
        os.environ["MHUB_HOME"] = stack.enter_context(tempfile.TemporaryDirectory(prefix="mhub-kills-"))
        if given.postgres:
            url = stack.enter_context(services.postgres_server())
            os.environ["DATABASE_URL"] = services.create_database(url, "mhub")
            os.environ["REDIS_URL"] = stack.enter_context(services.redis_server())
            given.broker_kills = 0
        migrate.upgrade()
        tally = campaign(given.kills, given.broker_kills, given.web_kills, given.workers, given.seed)
    print(tally)
    sys.exit(1 if tally.lost or tally.twice else 0)


if __name__ == "__main__":
    main()
