"""A newcomer's first hour, on both kinds of hub: embedded, and PostgreSQL with Redis and a second machine's worker."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Request, expect
from sqlalchemy import select

from db.engine import reading
from db.tables.runs import RunRow
from mhub_core.accounts import service as accounts
from mhub_core.datasets import service as datasets
from mhub_core.models import service as models
from mhub_core.runs import service as runs
from mhub_core.settings import ROOT
from mhub_core.training import plan as plans
from tests.e2e.conftest import Site
from tests.e2e.hub import Hub
from tests.e2e.journey import SLOW, WIDE, Journey
from tests.services import wait_until

pytestmark = pytest.mark.slow

SHOTS = ROOT / "tests" / "artifacts"
PASSWORD = "correct horse battery staple"


def visitor(chromium: Browser, hub: Hub, outside: list[str], shots: Path | None) -> tuple[BrowserContext, Journey]:
    """Open a fresh browser; addresses that are not the hub's are put into `outside`."""
    context = chromium.new_context(viewport=WIDE)
    page = context.new_page()

    def note(request: Request) -> None:
        if not request.url.startswith((hub.url, hub.url.replace("http", "ws"), "data:", "blob:")):
            outside.append(request.url)

    page.on("request", note)
    return context, Journey(page, hub.url, shots)


def penguins(folder: Path) -> Path:
    """Write a small table as a person would export it: two measures tell two kinds apart; one row lacks its kind."""
    rows = [[30 + i % 9 + 20 * (i % 2), 10 + i % 5 + 9 * (i % 2), ["Adelie", "Gentoo"][i % 2]] for i in range(120)]
    with (folder / "penguins.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["bill", "depth", "kind"], *rows, [40, 12, ""]])
    return folder / "penguins.csv"


def both_machines_train(shared: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the newcomer start ten trainings at once, and expect the second machine to take its share."""
    for name, value in shared.items():
        monkeypatch.setenv(name, value)
    ada = accounts.sign_in("ada@example.org", PASSWORD, "127.0.0.1")
    model = models.require_model(ada, models.list_models(ada, mine=True)[0].id)
    design = model.versions[-1].id
    (digits,) = [card for card in datasets.list_datasets(None) if card.name.startswith("Small digits")]
    plan = {**plans.defaults(datasets.require_version(ada, digits.version_id).spec), "epochs": 20}

    started = [runs.submit(ada, design, digits.version_id, plan, f"half-of-the-runs-{number}") for number in range(10)]
    wait_until(lambda: all(runs.require_run(ada, run_id).state == "finished" for run_id in started), 180)

    with reading() as session:
        owners = session.scalars(select(RunRow.lease_owner).where(RunRow.id.in_(started)))
        shares = Counter(owners)
    print(f"runs taken by each worker: {dict(shares)}")
    assert len(shares) == 2
    assert min(shares.values()) >= 3


def test_a_newcomer_goes_from_the_start_page_to_a_prediction(
    chromium: Browser, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    hub, shared = site.hub, site.shared
    outside: list[str] = []
    context, person = visitor(chromium, hub, outside, None if shared else SHOTS / "small")

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
    person.click("Create the dataset")
    person.sees(re.compile("96 rows are for training"))
    person.page.get_by_role("tab", name="Report").click()
    person.sees(re.compile("1 row", re.I))
    person.shoot("03_dataset")

    # 4: the guide makes a model; the builder shows its layers and what they come to
    person.open("/")
    person.page.get_by_role("button", name=re.compile("Classify images")).click()
    expect(person.page).to_have_url(re.compile(r"/Dataset\?id=\d+"), timeout=SLOW)
    person.follow(re.compile("Next: 2 Network"))
    expect(person.page).to_have_url(re.compile(r"/Builder\?model=\d+"), timeout=SLOW)
    person.sees(re.compile(r"\d+ layers · [\d,]+ parameters"))
    person.shoot("04_builder")

    # 5-6: train, watch, and find the run again after the browser was closed
    person.follow("3 Train")
    person.sees("Start training")
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
    person = Journey(context.new_page(), hub.url, person.shots)
    person.open(run)
    person.wait_for_run()
    person.shoot("06_run_finished")

    # 7-8: rank and use
    person.follow("Leaderboard")
    person.sees(re.compile("1 run, ranked by"))
    person.shoot("07_leaderboard")
    person.page.get_by_role("link", name=re.compile("My first model")).first.click()
    person.wait_for_run()
    person.follow("Predict with this model")
    person.click("Random example")
    person.sees(re.compile(r"\d ms"))
    person.shoot("08_predict")
    person.page.get_by_test_id("stFileUploader").locator("input").set_input_files(ROOT / "README.md")
    refusal = person.page.get_by_role("alert").filter(has_text="files are not allowed")
    refusal.wait_for(timeout=SLOW)
    assert refusal.bounding_box()["height"] > 10, "it can be read, not only heard"

    # every other page, which a visitor may open too; nothing of it loads Keras into the web process
    for path in ("/Models", "/Model?id=1", "/Train?model=1", "/Leaderboard", "/Account", "/Help"):
        person.open(path)
    context.close()
    assert outside == []
    assert not re.search("tensorflow|keras", hub.memory_map_of_web())
    if shared:
        both_machines_train(shared, monkeypatch)
