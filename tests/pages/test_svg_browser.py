"""The curves of a comparison as a file that stays sharp."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import chromium, factories
from tests.pages.conftest import finish_run
from tests.server.small_app import served_hub

pytestmark = pytest.mark.slow
SECONDS = 30_000


def test_curves_are_saved_as_a_drawing(ada) -> None:
    version, data = factories.model(ada), factories.dataset()
    runs = [factories.run_row(ada, version, data) for _ in range(2)]
    for run_id in runs:
        finish_run(run_id)
    with served_hub() as url, chromium.browser() as browser:
        page = browser.new_page()
        page.goto(f"{url}/Compare?runs={runs[0]},{runs[1]}")
        expect(page.locator(".st-key-window-curves svg.marks")).to_be_visible(timeout=SECONDS)
        with page.expect_download(timeout=SECONDS) as told:
            page.get_by_role("button", name="Download as SVG").click()
        assert told.value.suggested_filename == "curves.svg"
        assert told.value.path().read_text().startswith("<svg")
