"""How good the default settings are: every stock model for tables on every built-in table, beside scikit-learn's linear models.

    python -m bench.defaults [--seeds 1,2,3]

Each pair is trained once for each seed with the settings that the form proposes, and tested on the held-out rows. Printed are the
median scores (accuracy or R2), the proposed settings, and the median seconds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mhub_core.data.records import DataSpec
from mhub_core.datasets.builtins import BUILT_INS, BuiltIn
from mhub_core.graphs import adapt, stock
from mhub_core.kinds.registry import require_kind
from mhub_core.tasks.registry import require_task
from mhub_core.training.learners.registry import require_learner
from mhub_core.training.records import RunSpec

SCORES = {"classification": "accuracy", "regression": "r2"}


class Silent:
    """A report that nobody reads."""

    def epoch(self, epoch: int, values: dict[str, float]) -> None:
        """Take the values of an epoch."""

    def should_stop(self) -> bool:
        """Never."""
        return False

    def say(self, words: str) -> None:
        """Take words."""


def prepared(built_in: BuiltIn, folder: Path) -> DataSpec:
    """Return a built-in table as a ready version, its files in the store of this home."""
    from mhub_core.storage import service as storage

    spec, _ = require_kind(built_in.kind).keep(built_in.load(), built_in.target, built_in.task, folder)
    return replace(spec, arrays={name: storage.take_file(folder / file) for name, file in spec.arrays.items()})


def of_hub(name: str, data: DataSpec, seed: int) -> tuple[float, float, dict[str, Any]]:
    """Train a stock model with the default settings; return its score, the seconds it took, and the settings."""
    from mhub_core.training.engine import fit

    graph, _ = adapt.adapt(
        stock.require_stock(name).graph(), require_kind(data.kind).input(data), require_task(data.task).output(data)
    )
    plan = require_learner("keras").check({"seed": seed}, data, graph)
    with tempfile.TemporaryDirectory() as folder:
        outcome = fit.fit(RunSpec(graph=graph, plan=plan, data=data), Silent(), Path(folder))
    return outcome.scores[SCORES[data.task]], outcome.train_seconds, plan


def of_scikit_learn(data: DataSpec) -> float:
    """Return the score of scikit-learn's linear model on the same rows."""
    from sklearn.linear_model import LinearRegression, LogisticRegression

    from mhub_core.storage import service as storage

    x, y, split = (np.load(storage.local_path(data.arrays[name])) for name in ("x", "y", "split"))
    linear = LogisticRegression(max_iter=10_000) if data.classes else LinearRegression()
    linear.fit(x[split == 0], y[split == 0])
    return float(linear.score(x[split == 1], y[split == 1]))


def main() -> None:
    """Print one line for each pair."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", default="1,2,3")
    seeds = [int(seed) for seed in parser.parse_args().seeds.split(",")]
    print(f"{'data':18} {'model':20} {'score':>7} {'linear':>7}  epochs  batch    rate  seconds")
    for built_in in BUILT_INS:
        if built_in.kind != "table":
            continue
        with tempfile.TemporaryDirectory() as folder:
            data = prepared(built_in, Path(folder))
        linear = of_scikit_learn(data)
        for item in stock.list_stock("table", data.task):
            found = [of_hub(item.name, data, seed) for seed in seeds]
            score, seconds, plan = (
                statistics.median(one[0] for one in found),
                statistics.median(one[1] for one in found),
                found[0][2],
            )
            settings = f"{plan['epochs']:>6} {plan['batch_size']:>6} {plan['learning_rate']:>7g}"
            print(f"{built_in.slug:18} {item.name:20} {score:>7.3f} {linear:>7.3f}  {settings} {seconds:>8.1f}", flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"MHUB_HOME": home, "TF_CPP_MIN_LOG_LEVEL": "3"}
        main()
