"""How soon a trained model answers, against the model in one's own process: `python -m bench.predict [--askers 50]`.

Starts a broker and a quick worker on a temporary home, and asks one row at a time: through the queue and back alone, and as a
page does, with the access check in the database. The askers are threads of one process, as the visitors of the web process are.
Beside it stand the same network called as `model(x)` and by `predict_on_batch` in this process, with nobody to wait for.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import psutil

from db import migrate
from db.engine import writing
from db.tables.models import ModelVersionRow
from jobs import valkey
from mhub_core import queue, settings
from mhub_core.accounts.records import User
from mhub_core.evaluation import service
from mhub_core.graphs.engine import build
from mhub_core.models import service as models
from mhub_core.storage import service as storage
from tests import factories
from tests.jobs.workers import worker
from tests.services import wait_until
from tests.training import real

GOAL_MILLISECONDS, GOAL_ROWS = 3.0, 1000.0
COLUMNS = ["sepal length", "sepal width", "petal length", "petal width"]
Ask = Callable[[], object]


@contextmanager
def hub() -> Iterator[None]:
    """A database, a broker and a quick worker of our own."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL"):
            os.environ.pop(name, None)
        os.environ["MHUB_HOME"] = str(Path(folder) / "home")
        settings.home().mkdir(mode=0o700)
        migrate.upgrade()
        valkey.clear_the_way(settings.home() / "broker")
        broker = subprocess.Popen(valkey.command(settings.home() / "broker"), stdout=subprocess.DEVNULL)
        try:
            wait_until(valkey.answers)
            with worker("quick"):
                yield
        finally:
            broker.kill()
            broker.wait()


def public_model(network: keras.Model) -> tuple[User, int]:
    """Put the network into the hub as a trained version. Return its owner and the version's id."""
    owner = factories.person("ada")
    version_id = factories.model(owner, graph=factories.chain(64, 64, 3))
    path = settings.home() / "model.keras"
    network.save(path)
    key, data = storage.put_file(path), factories.table_of_numbers(real.iris(), COLUMNS)
    with writing() as session:
        row = session.get(ModelVersionRow, version_id)
        assert row is not None
        row.model_key, row.serving = key, {"data": data.to_json()}
    return owner, version_id


def measure(ask: Ask, num_askers: int, seconds: float) -> list[float]:
    """Return the seconds that each question took, all askers asking again and again as soon as they have an answer."""
    times: list[float] = []
    end = time.perf_counter() + seconds

    def asker() -> None:
        while (began := time.perf_counter()) < end:
            ask()
            times.append(time.perf_counter() - began)

    threads = [threading.Thread(target=asker) for _ in range(num_askers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def processor_seconds() -> dict[str, float]:
    """Return what this process and its children, broker and worker, have used so far."""
    family = {"asker": psutil.Process()}
    for process in psutil.Process().children():
        family["worker" if "jobs.worker" in process.cmdline() else "broker"] = process
    return {name: sum(process.cpu_times()[:2]) for name, process in family.items()}


def report(name: str, ask: Ask, num_askers: int, seconds: float) -> tuple[float, float]:
    """Measure one way and print how it fared. Return its median in milliseconds, and how many rows a second it answered."""
    measure(ask, num_askers, 1.0)  # to get warm
    used = processor_seconds()
    times = measure(ask, num_askers, seconds)
    each = {name: (by_now - used[name]) * 1000 / len(times) for name, by_now in processor_seconds().items()}
    steps = [step * 1000 for step in statistics.quantiles(times, n=20)]
    rows = len(times) / seconds
    shares = ", ".join(f"{name} {milliseconds:.2f}" for name, milliseconds in each.items())
    print(
        f"{name:<22} p50 {steps[9]:6.2f} ms   p95 {steps[18]:6.2f} ms   {rows:5.0f} rows/s   processor a row: {shares} ms",
        flush=True,
    )
    return steps[9], rows


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--askers", type=int, default=50, help="how many ask at the same time")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each way is measured")
    options = parser.parse_args()
    network = build.build(factories.chain(64, 64, 3), 1_000_000)
    row = dict.fromkeys(COLUMNS, 0.5)
    x = np.full((1, 4), 0.5, np.float32)
    with hub():
        owner, version_id = public_model(network)
        version = models.require_version(owner, version_id)
        inputs = {"rows": [row]}

        def by_queue() -> None:
            queue.ask("predict", version.model_key, version.serving, inputs, seconds=30)

        def by_page() -> None:
            service.predict(owner, version_id, [row])

        by_page()  # the first question waits until the worker is there and has loaded the model
        many = f"{options.askers} askers"
        direct, _ = report("model(x)", lambda: np.asarray(network(x)), 1, options.seconds)
        batch, _ = report("predict_on_batch", lambda: network.predict_on_batch(x), 1, options.seconds)
        one, _ = report("queue, one asker", by_queue, 1, options.seconds)
        _, rows = report(f"queue, {many}", by_queue, options.askers, options.seconds)
        report("as a page, one asker", by_page, 1, options.seconds)
        report(f"as a page, {many}", by_page, options.askers, options.seconds)
    print(f"one asker waits {one / batch:.1f} times as long as for predict_on_batch, {one / direct:.1f} times as for model(x)")
    met = one <= GOAL_MILLISECONDS and rows >= GOAL_ROWS
    print(f"{'met' if met else 'missed'} (goal {GOAL_MILLISECONDS:g} ms, {GOAL_ROWS:g} rows/s); ", end="")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
