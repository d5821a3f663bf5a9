"""How quick a page of a large table is: `python -m bench.data_pages [--rows 10000000]`.

Writes a table of that many rows and six columns into a temporary folder and asks for pages of it as the page of a dataset does
(`exploring.rows`): the middle, sorted by a number, by a text and by a whole number, deep in the order, filtered. Beside each is
the plain way in polars: read all, filter, sort, take fifteen. Both in one process and in turn; processor time and wall time of
each, the least of three, and the load. What is asked is compared with what the plain way gives.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from mhub_core.exploring import rows
from mhub_core.exploring.rows import Query

GOAL_SECONDS = 1.0
PAGE = 15
TRIES = 3


def write(folder: Path, num: int) -> tuple[Path, Path]:
    """Write a table with ties and texts, and its split."""
    draw = np.random.default_rng(0)
    words = pl.Series([f"name {number}" for number in range(1000)])
    columns = {"a": draw.normal(size=num), "b": draw.integers(0, 1000, num), "word": words.gather(draw.integers(0, 1000, num))}
    more = {"c": draw.normal(size=num), "d": draw.normal(size=num).round(2), "y": draw.integers(0, 3, num)}
    pl.DataFrame({**columns, **more}).write_parquet(folder / "table.parquet")
    np.save(folder / "split.npy", (draw.random(num) < 0.2).astype(np.uint8))
    return folder / "table.parquet", folder / "split.npy"


def ours(files: tuple[Path, Path], query: Query, offset: int) -> pl.DataFrame:
    """Return a page as the hub finds it."""
    _, numbers = rows.find(*files, query, offset, PAGE)
    return rows.fetch(files[0], numbers)


def plainly(files: tuple[Path, Path], query: Query, offset: int) -> pl.DataFrame:
    """Return a page as a few lines of polars find it."""
    train = pl.Series("train", np.load(files[1]) == 0)
    frame = pl.read_parquet(files[0]).filter(train)
    if query.column:
        column = pl.col(query.column)
        text = query.comparison == rows.CONTAINS
        frame = frame.filter(column.str.contains(f"(?i){query.value}") if text else column > float(query.value))
    if query.sort:
        frame = frame.sort(query.sort, descending=query.descending, maintain_order=True)
    return frame.slice(offset, PAGE)


def measured(way: Callable[..., pl.DataFrame], *asked: Any) -> tuple[pl.DataFrame, float, float]:
    """Return a page, and the processor and wall seconds that it took."""
    began, used = time.perf_counter(), time.process_time()
    page = way(*asked)
    return page, time.process_time() - used, time.perf_counter() - began


def main() -> int:
    """Print a table, and return 1 when a page took longer than the goal or was another than the plain way gives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    num = parser.parse_args().rows
    middle = num // 2
    asked = {
        "a page in the middle": (Query(), middle),
        "sorted by a number": (Query("a"), 0),
        "... the other way, in the middle": (Query("a", True), middle),
        "sorted by a whole number, in the middle": (Query("b"), middle),
        "sorted by a text, in the middle": (Query("word"), middle),
        "a text that contains": (Query(column="word", comparison=rows.CONTAINS, value="e 77"), 0),
        "above, sorted by a text": (Query("word", False, "a", rows.ABOVE, "1"), num // 20),
    }
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        files = write(Path(name), num)
        print(f"{num:,} rows, {files[0].stat().st_size / 1e6:,.0f} MB of Parquet, load {os.getloadavg()[0]:.1f}")
        print(f"{'':42}{'the hub':>20}{'polars, plainly':>20}   (processor s, wall s)")
        for title, (query, offset) in asked.items():
            tries = [measured(ours, files, query, offset) for _ in range(TRIES)]
            expected, plain_used, plain_wall = measured(plainly, files, query, offset)
            used, wall = min(one[1] for one in tries), min(one[2] for one in tries)
            wrong += wall > GOAL_SECONDS or not tries[0][0].equals(expected)
            same = "" if tries[0][0].equals(expected) else "   ANOTHER PAGE"
            print(f"{title:42}{used:>10.2f}{wall:>10.2f}{plain_used:>10.2f}{plain_wall:>10.2f}{same}")
        print(f"load {os.getloadavg()[0]:.1f}, most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
