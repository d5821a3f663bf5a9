"""The live panel in a real browser: it follows a run without the page being drawn again, and shows the result at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from mhub_core.runs import service as runs
from mhub_core.runs import worker_service
from tests import chromium, factories
from tests.server.small_app import served_hub

pytestmark = pytest.mark.slow
SECONDS = 30_000


@pytest.fixture
def url(database) -> Iterator[str]:
    with served_hub() as url:
        yield url


@pytest.mark.parametrize("width", [1280, 390])
def test_a_run_is_followed_to_its_end(url, width):
    ada = factories.person("ada")
    run_id = factories.run_row(ada, factories.model(ada), factories.dataset(), epochs=3)
    with chromium.browser() as browser:
        page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
        mistakes: list[str] = []
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        page.goto(f"{url}/Run?id={run_id}")
        expect(page.get_by_text("No training worker is running at the moment")).to_be_visible(timeout=SECONDS)
        expect(page.get_by_role("img", name="Loss (lower is better) by epoch")).to_be_visible()

        worker_service.claim("w")
        points = [(1, {"loss": 0.9, "val_loss": 1.0}), (2, {"loss": 0.5, "val_loss": 0.75})]
        worker_service.record(run_id, 1, points, ["Epochs go by."])
        expect(page.get_by_text("Epoch 2 of 3 is done.")).to_be_visible(timeout=SECONDS)
        expect(page.get_by_text("Lowest value: 0.75, in epoch 2 (validation).")).to_be_visible()
        expect(page.get_by_text("Epochs go by.")).to_be_visible()
        assert page.locator("svg[role=img] circle").count() == 4
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"

        factories.finish_run(run_id, {"accuracy": 0.9})
        expect(page.get_by_text("Scores on the held-out test set")).to_be_visible(timeout=SECONDS)
        expect(page.get_by_role("progressbar", name="Epochs")).to_have_count(0)
        assert runs.require_run(ada, run_id).state == "finished" and not mistakes
