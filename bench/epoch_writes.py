"""Epochs into the database, M-Hub beside Trackio: `python -m bench.epoch_writes [--trackio PYTHON | --install]`.

Each epoch has four values. "committed": every batch is a transaction of its own, done when the call returns. "collected": epochs
are handed over in batches as they come, as the training worker does and as `trackio.log` does; the time runs until all are in
the database. Both write to SQLite in a temporary folder; rounds of both take turns, and the best round of each counts.

Trackio is not installed with M-Hub. `--trackio` names a Python that has it; `--install` makes one in the temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

VALUES = {"loss": 0.5, "val_loss": 0.4, "accuracy": 0.9, "val_accuracy": 0.8}
BATCHES = (1, 10, 100)
COMMITS, EPOCHS, ROUNDS = 100, 5000, 3
Rates = dict[str, float]  # "committed 10" -> epochs a second

TRACKIO = """
import json, sys, time
import trackio
from trackio.sqlite_storage import SQLiteStorage
values, batches, commits, epochs, round = json.loads(sys.argv[1])
SQLiteStorage.bulk_log("bench", "warm", [values], steps=[0])
rates = {}
for size in batches:
    began = time.perf_counter()
    for first in range(0, commits * size, size):
        SQLiteStorage.bulk_log("bench", f"commit {size} {round}", [values] * size, steps=list(range(first, first + size)))
    rates[f"committed {size}"] = commits * size / (time.perf_counter() - began)
for size in batches:
    trackio.init(project="bench", name=f"collect {size} {round}", embed=False, auto_log_gpu=False, auto_log_cpu=False)
    began = time.perf_counter()
    for epoch in range(epochs):
        trackio.log(values, step=epoch)
    trackio.finish()
    rates[f"collected {size}"] = epochs / (time.perf_counter() - began)
print(json.dumps(rates))
"""


def claims() -> Callable[[], object]:
    """Make an empty hub, and return what gives one claimed run after the other."""
    from db import migrate
    from mhub_core.runs import worker_service
    from tests import factories

    migrate.upgrade()
    ada = factories.person("ada")
    version, data = factories.model(ada), factories.dataset()

    def claim() -> object:
        factories.run_row(ada, version, data)
        return worker_service.claim("bench")

    return claim


def committed(claim: object, size: int) -> float:
    """Return how many epochs a second are written, each batch in a transaction."""
    from mhub_core.runs import worker_service

    began = time.perf_counter()
    for first in range(1, COMMITS * size + 1, size):
        points = [(epoch, VALUES) for epoch in range(first, first + size)]
        assert worker_service.record(claim.run_id, claim.attempt, points, [])  # type: ignore[attr-defined]
    return COMMITS * size / (time.perf_counter() - began)


def collected(claim: object, size: int) -> float:
    """Return how many epochs a second are written as they come, `size` at once, until the last one is in the database."""
    from jobs.collector import Collector

    collector = Collector(claim)  # type: ignore[arg-type]
    began = time.perf_counter()
    for first in range(1, EPOCHS + 1, size):
        for epoch in range(first, first + size):
            collector.add(epoch, VALUES)
        collector.write_when_due()
    collector.write()
    return EPOCHS / (time.perf_counter() - began)


def mhub(claim: Callable[[], object]) -> Rates:
    """Measure one round of ours."""
    rates = {f"committed {size}": committed(claim(), size) for size in BATCHES}
    return rates | {f"collected {size}": collected(claim(), size) for size in BATCHES}


def trackio(python: str, folder: Path, round: int) -> Rates:
    """Measure one round of Trackio's."""
    given = json.dumps([VALUES, BATCHES, COMMITS, EPOCHS, round])
    environment = {**os.environ, "TRACKIO_DIR": str(folder / "trackio")}
    seen = subprocess.run([python, "-c", TRACKIO, given], env=environment, capture_output=True, text=True, check=True)
    rates: Rates = json.loads(seen.stdout.splitlines()[-1])
    return rates


def install(folder: Path) -> str:
    """Make an environment with Trackio in it, and return its Python."""
    print("Installing Trackio into a temporary environment ...", flush=True)
    venv.create(folder / "venv", with_pip=True)
    python = str(folder / "venv" / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "trackio"], check=True)
    return python


def best(rounds: list[Rates]) -> Rates:
    """Return the best round of each measure."""
    return {name: max(rates[name] for rates in rounds) for name in rounds[0]}


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trackio", metavar="PYTHON", help="an interpreter that has trackio")
    parser.add_argument("--install", action="store_true", help="install trackio into a temporary environment")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-epochs-") as name:
        folder = Path(name)
        os.environ |= {"MHUB_HOME": str(folder / "home"), "DATABASE_URL": "", "STORAGE_URL": ""}
        python = install(folder) if options.install else options.trackio
        claim, ours, theirs = claims(), [], []
        for round in range(ROUNDS):
            ours.append(mhub(claim))
            theirs += [trackio(python, folder, round)] if python else []
    mine, other = best(ours), best(theirs) if theirs else {}
    print(f"Epochs a second, {len(VALUES)} values each; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'':22}{'M-Hub':>10}{'Trackio':>10}")
    for measure, rate in mine.items():
        print(f"  {measure + ' at once':20}{rate:10,.0f}{other.get(measure, float('nan')):10,.0f}")
    if not other:
        sys.exit("Trackio was not measured: name a Python that has it (--trackio PYTHON), or let one be made (--install).")
    behind = [measure for measure, rate in mine.items() if rate <= other[measure]]
    print(f"behind Trackio: {', '.join(behind)}" if behind else "ahead of Trackio everywhere")
    sys.exit(1 if behind else 0)


if __name__ == "__main__":
    main()
