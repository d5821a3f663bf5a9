"""The list of runs in a real browser: rows are ticked with the mouse and with keys, and lead to what is done with them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import SESSION_COOKIE, User
from mhub_core.errors import NotFound
from mhub_core.runs import service as runs
from tests import chromium, factories
from tests.server.small_app import served_hub

pytestmark = pytest.mark.slow
SECONDS = 30_000


@pytest.fixture
def three(ada) -> list[int]:
    version, data = factories.model(ada), factories.dataset()
    found = [factories.run_row(ada, version, data, name=f"try {number}") for number in range(3)]
    for run_id in found:
        factories.finish_run(run_id, {"accuracy": 0.5})
    return found


@pytest.fixture
def page(ada: User, three: list[int], request: pytest.FixtureRequest) -> Iterator[Page]:
    """The list, in which Ada is signed in."""
    with served_hub() as url, chromium.browser() as browser:
        context = browser.new_context(viewport={"width": request.param, "height": 900})
        token = accounts.redeem_ticket(accounts.issue_ticket(ada.id), "test")
        context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": url}])
        page = context.new_page()
        page.set_default_timeout(SECONDS)
        expect.set_options(timeout=SECONDS)
        page.goto(f"{url}/Runs")
        yield page


def tick(page: Page, run_id: int) -> None:
    page.get_by_role("checkbox", name=f"Tick run {run_id}", exact=True).check()


@pytest.mark.parametrize("page", [1280, 390], indirect=True)
def test_two_ticked_runs_are_compared_and_one_is_deleted(page: Page, ada: User, three: list[int]) -> None:
    mistakes: list[str] = []
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    compare = page.get_by_role("button", name="Compare", exact=True)
    expect(page.get_by_text("Tick runs to compare, tag, stop or delete them.")).to_be_visible()
    tick(page, three[0])
    expect(page.get_by_text("1 ticked")).to_be_visible()
    expect(compare).to_be_disabled()
    page.get_by_role("checkbox", name=f"Tick run {three[2]}", exact=True).press(" ")  # by the keyboard
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"
    compare.click()
    page.wait_for_url(re.compile(rf"/Compare\?runs={three[2]}(,|%2C){three[0]}$"))
    expect(page.get_by_text("Settings that differ")).to_be_visible()

    page.go_back()
    page.get_by_role("link", name="Run", exact=True).click()  # the head of a column: now the first one stands first
    page.wait_for_url(re.compile("sort=name"))
    expect(page.get_by_role("checkbox", name="Tick run").first).to_have_value(str(three[0]))
    page.get_by_role("checkbox", name="Tick all on this page").check()
    expect(page.get_by_text("3 ticked")).to_be_visible()
    page.get_by_role("checkbox", name=f"Tick run {three[1]}", exact=True).uncheck()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Yes, delete 2 runs").click()
    expect(page.get_by_role("checkbox", name="Tick run")).to_have_count(1)
    expect(page.get_by_role("dialog")).to_have_count(0)
    with pytest.raises(NotFound):
        runs.require_run(ada, three[0])
    assert runs.require_run(ada, three[1]).name == "try 1" and not mistakes


@pytest.mark.parametrize("page", [390], indirect=True)
def test_places_of_a_leaderboard_are_ticked_and_compared(page: Page, three: list[int]) -> None:
    page.goto(page.url.replace("/Runs", "/Leaderboard?dataset=1"))
    tick(page, three[1])
    tick(page, three[2])
    page.get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_url(re.compile(rf"/Compare\?runs={three[1]}(,|%2C){three[2]}$"))
