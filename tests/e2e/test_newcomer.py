"""A newcomer's first hour, on both kinds of hub: embedded, and PostgreSQL with Redis and a second machine's worker."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Request, expect

from mhub_core.settings import ROOT
from tests.e2e.hub import Hub, browser, started_hub
from tests.e2e.journey import SLOW, WIDE, Journey

SHOTS = ROOT / "tests" / "artifacts"
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with started_hub(tmp_path_factory.mktemp("hub") / "home") as hub:
        yield hub


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as chromium:
        yield chromium


def visitor(chromium: Browser, hub: Hub, outside: list[str] | None = None) -> tuple[BrowserContext, Journey]:
    """Open a fresh browser; addresses that are not the hub's are put into `outside`."""
    context = chromium.new_context(viewport=WIDE)
    page = context.new_page()

    def note(request: Request) -> None:
        if outside is not None and not request.url.startswith((hub.url, hub.url.replace("http", "ws"), "data:", "blob:")):
            outside.append(request.url)

    page.on("request", note)
    return context, Journey(page, hub.url, SHOTS)


def penguins(folder: Path) -> Path:
    """Write a small table as a person would export it: two measures tell two kinds apart; one row lacks its kind."""
    rows = [[30 + i % 9 + 20 * (i % 2), 10 + i % 5 + 9 * (i % 2), ["Adelie", "Gentoo"][i % 2]] for i in range(120)]
    with (folder / "penguins.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["bill", "depth", "kind"], *rows, [40, 12, ""]])
    return folder / "penguins.csv"


def test_a_newcomer_goes_from_the_start_page_to_a_prediction(chromium: Browser, hub: Hub, tmp_path: Path):
    outside: list[str] = []
    context, person = visitor(chromium, hub, outside)

    # 1-2: the start page of a visitor, then an account
    person.open("/")
    person.sees("Welcome to M-Hub")
    person.shoot("01_start_visitor")
    person.sign_up("Ada", "ada@example.org", PASSWORD)
    person.shoot("02_start_signed_in")

    # 3: datasets that are there, and one's own
    person.wait_for_words("/Datasets", "Handwritten digits (MNIST)")
    person.shoot("03_datasets")
    person.upload(penguins(tmp_path))
    person.shoot("03_upload")
    person.click("Make the dataset")
    person.sees(re.compile("96 rows are there to learn from"))
    person.page.get_by_role("tab", name="Report").click()
    person.sees(re.compile("1 row", re.I))
    person.shoot("03_dataset")

    # 4: the guide makes a model; the builder shows its layers and what they come to
    person.open("/")
    person.page.get_by_role("button", name=re.compile("Tell pictures apart")).click()
    expect(person.page).to_have_url(re.compile(r"/Builder\?model=\d+"), timeout=SLOW)
    person.sees(re.compile(r"\d+ layers · [\d,]+ weights"))
    person.shoot("04_builder")

    # 5-6: train, watch, and find the run again after the browser was closed
    person.follow("3 Train")
    person.sees("Start the training")
    person.shoot("05_train")
    person.page.get_by_label("Epochs", exact=True).fill("120")  # long enough to be watched
    person.page.keyboard.press("Tab")
    person.settle()
    run = person.train()
    person.sees(re.compile(r"Epoch \d+ of 120 is done"))
    person.shoot("06_run_live")
    state = context.storage_state()
    context.close()
    context = chromium.new_context(viewport=WIDE, storage_state=state)
    person = Journey(context.new_page(), hub.url, SHOTS)
    person.open(run)
    person.wait_for_run()
    person.shoot("06_run_finished")

    # 7-8: rank and use
    person.follow("Leaderboard")
    person.sees(re.compile("1 finished training"))
    person.shoot("07_leaderboard")
    person.page.get_by_role("link", name=re.compile("My first model")).first.click()
    person.wait_for_run()
    person.follow("Use it: predict")
    person.click("Any one")
    person.sees(re.compile(r"\d ms"))
    person.shoot("08_predict")
    context.close()
    assert outside == []
