"""How fast a large CSV becomes a dataset: `python -m bench.data [--mb 1000] [--repeats 1]`.

Writes a table of mixed types (whole numbers, decimals, categories, dates, short texts, missing values), once for each size, into
the temporary folder, and brings it to where a training can begin: Parquet, encoded array, target, split. Once through the hub, as
the quick worker does it after an upload (its sandbox too), and once with a few lines of polars that know the columns beforehand
and check nothing. Each in processes of its own, one after the other. The encoded array is part of both: the hub makes one that is
large when a training first asks for it, and that is counted as well.

Memory is the largest resident set of any one process, looked at thirty times a second. Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import psutil

GOAL_TIMES, GOAL_MB, GOAL_FIRST, GOAL_DISK = 1.5, 1000.0, 2.0, 1.5
NUMBERS = ["quantity", "price", "weight", "score"]
CATEGORIES = ["city", "channel"]
PARTS, NAMED_PARTS = ["year", "ordinal_day"], ["month", "weekday"]
TARGET = "paid"
_BATCH = 50_000


def write(path: Path, num_bytes: int) -> None:
    """Write a table of about so many bytes."""
    draw, first = np.random.default_rng(0), 0
    with path.with_suffix(".part").open("wb") as file:
        while file.tell() < num_bytes:
            file.write(_some(draw, first, 100_000).write_csv(include_header=not first).encode())
            first += 100_000
    path.with_suffix(".part").rename(path)


def _some(draw: np.random.Generator, first: int, num: int) -> pl.DataFrame:
    cities = pl.Series([f"City number {one}" for one in range(60)])
    columns: dict[str, Any] = {
        "order_id": np.arange(first, first + num) + 1,
        "quantity": draw.integers(1, 100, num),
        "price": draw.gamma(2, 50, num).round(2),
        "weight": draw.normal(10, 3, num).round(3),
        "score": draw.normal(size=num),
        "day": np.datetime64("2015-01-01") + draw.integers(0, 3000, num).astype("timedelta64[D]"),
        "city": cities.gather(draw.integers(0, 60, num)),
        "channel": pl.Series(["web", "shop", "phone", "partner"]).gather(draw.integers(0, 4, num)),
        "note": [f"note {one} about {two}" for one, two in draw.integers(0, 100_000, (num, 2)).tolist()],
        TARGET: pl.Series(["yes", "no"]).gather(draw.integers(0, 2, num)),
    }
    frame = pl.DataFrame(columns)
    gaps = {name: pl.Series(draw.random(num) < 0.05) for name in ("weight", "city", "score")}
    return frame.with_columns(pl.when(mask).then(None).otherwise(pl.col(name)).alias(name) for name, mask in gaps.items())


def plainly(path: Path, folder: Path) -> dict[str, Any]:
    """Do it with polars alone."""
    table = folder / "table.parquet"
    pl.scan_csv(path, try_parse_dates=True).sink_parquet(table)
    y = pl.read_parquet(table, columns=[TARGET])[TARGET].cast(pl.Categorical).to_physical().cast(pl.Int32).to_numpy()
    split = np.zeros(len(y), np.uint8)
    for group in np.unique(y):
        rows = np.flatnonzero(y == group)
        split[np.random.default_rng(0).permutation(rows)[: len(rows) // 5]] = 1
    np.save(folder / "y.npy", y)
    np.save(folder / "split.npy", split)
    train = pl.Series(split == 0)
    encode = _encoders(pl.scan_parquet(table), train)
    with (folder / "x.npy").open("wb") as file:
        shape = (len(y), sum(width for width, _ in encode.values()))
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
        for start in range(0, len(y), _BATCH * 10):
            group = pl.scan_parquet(table).slice(start, _BATCH * 10).collect()
            for frame in group.iter_slices(_BATCH):
                x, at = np.zeros((frame.height, shape[1]), np.float32), 0
                for width, put in encode.values():
                    put(frame, x[:, at : at + width])
                    at += width
                file.write(x.data)
    return {"rows": len(y), "features": shape[1]}


def _encoders(table: pl.LazyFrame, train: pl.Series) -> dict[str, tuple[int, Callable[[pl.DataFrame, np.ndarray], None]]]:
    """Return for each feature how many columns it takes, and what writes them."""
    day = pl.col("day").dt
    parts = {"days": day.timestamp("ms") / 86_400_000, **{name: getattr(day, name)().cast(pl.Float64) for name in PARTS}}
    expressions = {**{name: pl.col(name).cast(pl.Float64) for name in NUMBERS}, **parts}
    encoders: dict[str, tuple[int, Callable[[pl.DataFrame, np.ndarray], None]]] = {}
    for name, of in expressions.items():
        values = table.select(of.alias("v")).collect()["v"].filter(train)
        encoders[name] = (1, _number(of, float(values.mean() or 0), float(values.std() or 1)))  # type: ignore[arg-type]
    named = {
        **{name: pl.col(name) for name in CATEGORIES},
        **{name: getattr(day, name)().cast(pl.String) for name in NAMED_PARTS},
    }
    for name, of in named.items():
        known = table.select(of.alias("v")).collect()["v"].filter(train).drop_nulls().unique().sort()
        encoders[name] = (len(known), _one_hot(of, pl.Enum(known)))
    return encoders


def _number(of: pl.Expr, mean: float, std: float) -> Callable[[pl.DataFrame, np.ndarray], None]:
    def put(frame: pl.DataFrame, into: np.ndarray) -> None:
        into[:, 0] = frame.select(((of - mean) / std).fill_null(0.0).cast(pl.Float32).alias("v"))["v"].to_numpy()

    return put


def _one_hot(of: pl.Expr, categories: pl.Enum) -> Callable[[pl.DataFrame, np.ndarray], None]:
    def put(frame: pl.DataFrame, into: np.ndarray) -> None:
        codes = frame.select(of.alias("v"))["v"].cast(categories).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
        known = np.flatnonzero(codes >= 0)
        into[known, codes[known]] = 1.0

    return put


def through_hub(path: Path, _: Path) -> dict[str, Any]:
    """Do it as the quick worker does, in a hub of its own at `MHUB_HOME`, after the upload."""
    from db import migrate
    from mhub_core.datasets import service, worker_service
    from mhub_core.kinds import arrays
    from mhub_core.storage import service as storage
    from mhub_core.storage import uploads
    from tests import factories

    migrate.upgrade()
    person = factories.person("ada")
    copy = storage.incoming() / "upload.csv"
    copy.write_bytes(b"")
    os.unlink(copy)
    os.link(path, copy)
    token = uploads.seal(person.id, storage.take_file(copy), path.name, path.stat().st_size)
    began = time.perf_counter()
    preview = service.inspect_upload(person, token)
    first = time.perf_counter() - began
    assert len(preview.first_rows) and preview.guessed_target
    dataset = service.create(person, token, "Orders", "", "table", TARGET, "classification")
    [version] = service.require_dataset(person, dataset).versions
    began, used = time.perf_counter(), sum(os.times()[:4])
    worker_service.prepare(version.id)
    ready = time.perf_counter() - began
    done = service.require_version(person, version.id)
    assert done.state == "ready" and done.spec, done.report
    stored = sum(map(storage.num_bytes, {*done.spec.arrays.values()}))
    began = time.perf_counter()
    arrays.verified(done.spec, "x")
    opened = time.perf_counter() - began
    told = {"first": first, "ready": ready, "opened": opened, "stored": stored, "cpu": sum(os.times()[:4]) - used}
    return told | {"rows": done.spec.num_rows, "features": done.spec.input_shape[0]}


def measured(way: str, path: Path, folder: Path) -> dict[str, Any]:
    """Run a way in a process of its own and return what it tells, with its seconds, processor time and memory."""
    command = [sys.executable, "-m", "bench.data", "--way", way, "--path", str(path), "--folder", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "MHUB_HOME": str(folder)}) as child:
        peaks: dict[int, int] = {}
        watch = threading.Thread(target=_watch, args=(child, peaks), daemon=True)
        watch.start()
        out = child.stdout.read() if child.stdout else ""
        child.wait()
        watch.join()
    if child.returncode:
        raise RuntimeError(f"{way} ended with {child.returncode}")
    told = json.loads(out.strip().splitlines()[-1])
    return {"peak": max(peaks.values()) / 1e6, **told}


def _watch(child: subprocess.Popen[str], peaks: dict[int, int]) -> None:
    while child.returncode is None:
        with suppress(psutil.Error):
            whole = psutil.Process(child.pid)
            for process in (whole, *whole.children(recursive=True)):
                with suppress(psutil.Error):
                    peaks[process.pid] = max(peaks.get(process.pid, 0), process.memory_info().rss)
        time.sleep(0.03)


def _told(title: str, value: float, goal: float, unit: str) -> bool:
    print(f"{title:44}{value:10,.2f} {unit:6} goal {goal:g} {unit:6} {'met' if value <= goal else 'MISSED'}")
    return value <= goal


def compare(path: Path) -> bool:
    """Measure both ways once and print; return whether all goals are met."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        plain, hub = measured("plain", path, Path(one)), measured("hub", path, Path(two))
    assert plain["rows"] == hub["rows"]
    size = path.stat().st_size
    ours = hub["ready"] + hub["opened"]
    print(f"{hub['rows']:,} rows, {size / 1e6:,.0f} MB, {hub['features']} features (bare: {plain['features']})", end="")
    print(f"; load {os.getloadavg()[0]:.1f}")
    print(f"bare polars {plain['seconds']:.1f} s, {plain['cpu']:.1f} s of processors, {plain['peak']:,.0f} MB")
    print(f"hub {ours:.1f} s ({hub['ready']:.1f} until ready, {hub['opened']:.1f} for the encoded array)", end="")
    print(f", {hub['cpu']:.1f} s of processors, {hub['peak']:,.0f} MB")
    met = [
        _told("upload to ready, times bare polars", ours / plain["seconds"], GOAL_TIMES, "times"),
        _told("... by processor time", hub["cpu"] / plain["cpu"], GOAL_TIMES, "times"),
        _told("largest process", hub["peak"], GOAL_MB, "MB"),
        _told("first rows after the upload's end", hub["first"], GOAL_FIRST, "s"),
        _told("disk with the upload, times the file", (size + hub["stored"]) / size, GOAL_DISK, "times"),
    ]
    return all(met)


def main() -> int:
    """Measure and print; return 1 when a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=1)
    for name in ("way", "path", "folder"):
        parser.add_argument(f"--{name}", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        way, began, used = {"plain": plainly, "hub": through_hub}[given.way], time.perf_counter(), sum(os.times()[:4])
        told = way(Path(given.path), Path(given.folder))
        print(json.dumps({"seconds": time.perf_counter() - began, "cpu": sum(os.times()[:4]) - used, **told}))
        return 0
    path = Path(tempfile.gettempdir()) / f"mhub-bench-{given.mb}.csv"
    if not path.exists():
        write(path, given.mb * 1_000_000)
    return 0 if all([compare(path) for _ in range(given.repeats)]) else 1


if __name__ == "__main__":
    sys.exit(main())
