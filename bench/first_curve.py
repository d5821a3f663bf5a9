"""From the click on Train to the first point of the curve: `python -m bench.first_curve [--url URL] [--times 5]`.

Starts a hub of its own in a temporary home unless `--url` names one, opens it in a headless Chromium as a newcomer, and clicks:
first on rows of a table, then on images.
The first training after the start is the cold one: no child has built a network yet, no page of the browser drawn a chart.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from tests.chromium import browser
from tests.e2e.hub import started_hub

GOAL_WARM, GOAL_COLD = 5.0, 20.0
PATIENCE = 120_000  # milliseconds
TASKS = ("Classify rows of a table", "Classify images")  # a small dense network; a network of convolutions
FIRST_POINT = "Lowest value:"  # stands below a curve as soon as it has a point


def sign_up(page: Page, url: str) -> None:
    """Make an account on the start page."""
    page.goto(url)
    page.get_by_role("tab", name="Sign up").click(timeout=PATIENCE)
    form = page.get_by_role("tabpanel", name="Sign up")
    form.get_by_label("First name").fill("Bench")
    form.get_by_label("E-mail").fill(f"bench-{secrets.token_hex(4)}@example.org")
    password = secrets.token_urlsafe(12)
    form.get_by_label("Password", exact=True).fill(password)
    form.get_by_label("Repeat password").fill(password)
    form.get_by_role("button", name="Sign up").click()
    page.get_by_test_id("stPopoverButton").filter(has_text="Bench").wait_for(timeout=PATIENCE)


def make_model(page: Page, url: str, task: str) -> tuple[int, int]:
    """Let the guide make a first model for a task, once its dataset has been prepared. Returns the ids of both."""
    end = time.monotonic() + PATIENCE / 1000
    button = page.get_by_role("button", name=re.compile(task))
    while time.monotonic() < end:
        page.goto(url)
        page.get_by_text("What you can do").wait_for(timeout=PATIENCE)
        page.wait_for_timeout(1000)
        if button.count():
            button.click()
            page.wait_for_url(re.compile(r"/Builder\?.*guide=\d+-\d+"), timeout=PATIENCE)
            model_id, dataset_id = re.findall(r"guide=(\d+)-(\d+)", page.url)[0]
            return int(model_id), int(dataset_id)
    raise RuntimeError(f"the guide does not offer “{task}”")


def train(page: Page, url: str, model_id: int, dataset_id: int) -> float:
    """Start a training and return the seconds from the click to the first point. Waits for its end before returning."""
    page.goto(f"{url}/Train?model={model_id}&dataset={dataset_id}")
    start = page.get_by_role("button", name="Start training")
    start.wait_for(timeout=PATIENCE)
    page.wait_for_timeout(500)
    clicked = time.perf_counter()
    start.click()
    page.get_by_text(FIRST_POINT).first.wait_for(timeout=PATIENCE)
    seconds = time.perf_counter() - clicked
    page.get_by_text("Scores on the held-out test set").wait_for(timeout=PATIENCE)
    return seconds


@contextmanager
def hub_url(given: str | None) -> Iterator[str]:
    """Use the hub that was named, or one of our own."""
    if given:
        yield given.rstrip("/")
        return
    with tempfile.TemporaryDirectory() as folder, started_hub(Path(folder) / "home") as hub:
        yield hub.url


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", help="a running hub; without it one is started")
    parser.add_argument("--times", type=int, default=5, help="warm trainings")
    options = parser.parse_args()
    met = True
    with hub_url(options.url) as url, browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        sign_up(page, url)
        for task in TASKS:
            model_id, dataset_id = make_model(page, url, task)
            first, *later = (train(page, url, model_id, dataset_id) for _ in range(options.times + 1))
            middle = statistics.median(later)
            # Only the very first training of the hub is cold: no child has built a network, no page drawn a chart.
            goal = GOAL_COLD if task == TASKS[0] else GOAL_WARM
            print(f"{task}: first {first:.1f} s (goal {goal:g} s); then {middle:.1f} s, {min(later):.1f} to {max(later):.1f}")
            met = met and middle <= GOAL_WARM and first <= goal
    print(f"goal of {GOAL_WARM:g} s {'met' if met else 'missed'}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
