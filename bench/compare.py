"""How soon runs stand beside each other: `python -m bench.compare [--runs 20] [--epochs 1000] [--times 10]`.

Starts a hub in a temporary home, puts finished runs with long curves into it, and measures in turn
- core: what `compare_service.compare` takes;
- page: in a headless Chromium, from the click on “Compare these runs” on the page of a model to the painted curves.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page
from sqlalchemy import select

from bench.filled import Filled, filled_hub
from tests.chromium import browser

GOAL_SECONDS = 1.0
PATIENCE = 60_000  # milliseconds
CURVES = ("loss", "val_loss", "accuracy", "val_accuracy")

# A chart is there when Vega has painted its first frame.
PAINTED = "() => document.querySelector('.stVegaLiteChart canvas, .stVegaLiteChart svg.marks') !== null"


def add_curves(filled: Filled, epochs: int) -> tuple[int, list[int]]:
    """Give the copied runs curves. Returns their model and their ids."""
    from db.engine import writing
    from db.tables.runs import RunRow
    from mhub_core.runs import curve_service

    with writing() as session:
        found = session.execute(select(RunRow.id, RunRow.model_id).where(RunRow.submission_key.like("bench-copy-%"))).all()
        for run_id, _ in found:
            points = [(epoch, {name: 1 / (epoch + run_id) for name in CURVES}) for epoch in range(1, epochs + 1)]
            curve_service.extend(session, run_id, points)
    return found[0].model_id, [run_id for run_id, _ in found]


def times(act: Callable[[], object], number: int) -> list[float]:
    """Return how long something takes, in seconds."""
    found = []
    for _ in range(number):
        began = time.perf_counter()
        act()
        found.append(time.perf_counter() - began)
    return found


def clicks(page: Page, url: str, model_id: int, number: int) -> list[float]:
    """Return the times from the click to the curves. Between two, the page of the model is opened anew."""
    found = []
    for _ in range(number):
        page.goto(f"{url}/Model?id={model_id}")
        link = page.get_by_role("link", name=re.compile("Compare these runs"))
        link.wait_for(timeout=PATIENCE)
        page.wait_for_timeout(1000)

        def look(link=link) -> None:  # type: ignore[no-untyped-def]
            link.click()
            page.wait_for_function(PAINTED, polling="raf", timeout=PATIENCE)

        found += times(look, 1)
    return found


def tell(what: str, seconds: list[float]) -> float:
    """Print the median and the worst, and return the median."""
    middle = statistics.median(seconds)
    print(f"{what}: p50 {middle * 1000:.0f} ms, at most {max(seconds) * 1000:.0f} ms ({len(seconds)} times)")
    return middle


def main() -> int:
    """Read the arguments, measure, and compare with the goal."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=1000)
    parser.add_argument("--times", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, filled_hub(Path(folder), options.runs, 2) as filled:
        from mhub_core.runs import compare_service

        model_id, run_ids = add_curves(filled, options.epochs)
        print(f"{len(run_ids)} runs of {options.epochs:,} epochs, {len(CURVES)} curves each; load {os.getloadavg()[0]:.1f}")
        tell("core", times(lambda: compare_service.compare(None, run_ids), options.times))
        with browser() as chrome:
            met = tell("page", clicks(chrome.new_page(), filled.hub.url, model_id, options.times)) < GOAL_SECONDS
    print(f"goal: curves within {GOAL_SECONDS:.0f} s: {'met' if met else 'missed'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
