"""The search in the bar: its route, and the field in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import SESSION_COOKIE, User
from mhub_core.errors import MHubError
from mhub_core.models import service as models
from mhub_core.server import searching
from mhub_core.server.answers import answer_error
from mhub_core.server.app import ROUTES
from tests import chromium, factories
from tests.server.small_app import served_hub

SECONDS = 30_000


@pytest.fixture
def client(database, monkeypatch) -> TestClient:
    monkeypatch.setattr(searching, "_paces", {})
    return TestClient(Starlette(routes=ROUTES, exception_handlers={MHubError: answer_error}), base_url="http://hub.example")


@pytest.fixture
def ada(database) -> User:
    ada = factories.person("ada")
    models.create(ada, "Iris net <i>", "", factories.chain(3), "public")
    models.create(ada, "Iris secret", "", factories.chain(3), "private")
    factories.dataset(name="Iris")
    return ada


def token_of(user: User) -> str:
    return accounts.redeem_ticket(accounts.issue_ticket(user.id), "test")


def test_a_visitor_is_told_what_is_public_and_a_person_what_is_theirs(client: TestClient, ada: User) -> None:
    told = client.get("/api/search", params={"q": "iris net"}).json()
    assert told["groups"] == [
        {
            "kind": "model",
            "name": "Models",
            "things": [
                {
                    "address": "Model?id=1",
                    "title": [["Iris", True], [" ", False], ["net", True], [" <i>", False]],
                    "facts": "Ada",
                    "excerpt": [],
                }
            ],
        }
    ]
    assert client.get("/api/search", params={"q": "secret"}).json()["groups"] == []
    client.cookies.set(SESSION_COOKIE, token_of(ada))
    assert client.get("/api/search", params={"q": "secret"}).json()["total"] == 1


@pytest.mark.parametrize("words", [None, "", "\x00", '"' * 10_000, "x" * 10_000, "a OR b*"])
def test_odd_words_find_nothing(client: TestClient, ada: User, words: str | None) -> None:
    answer = client.get("/api/search", params={} if words is None else {"q": words})
    assert (answer.status_code, answer.json()["groups"]) == (200, [])


def test_a_browser_that_searches_without_a_pause_is_told_to_wait(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "BROWSER", (2, 0.001))
    answers = [client.get("/api/search", params={"q": "iris"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "searches too often" in answers[-1].json()["error"]["happened"]


def opened(browser: Browser, url: str, user: User) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": SESSION_COOKIE, "value": token_of(user), "url": url}])
    page = context.new_page()
    page.set_default_timeout(SECONDS)
    page.goto(f"{url}/Help")
    expect(page.get_by_label("Search the terms")).to_be_visible(timeout=SECONDS)
    return page


@pytest.mark.slow
def test_the_field_suggests_and_leads_on_by_keys_and_on_a_phone(ada: User) -> None:
    mistakes: list[str] = []
    with served_hub() as url, chromium.browser() as browser:
        page = opened(browser, url, ada)
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        field, options = page.get_by_role("combobox", name="Search everything"), page.get_by_role("option")
        page.get_by_label("Search the terms").fill("a/b")  # who types elsewhere keeps on typing
        page.locator("h1").click()
        page.keyboard.press("/")
        expect(field).to_be_focused()
        page.keyboard.type("iri")
        expect(options).to_have_count(4)
        expect(options.locator("mark").first).to_have_text("Iri")
        page.keyboard.press("ArrowDown")
        expect(options.first).to_have_attribute("aria-selected", "true")
        expect(field).to_have_attribute("aria-activedescendant", "mhub-option-0")
        page.keyboard.press("Escape")
        expect(options).to_have_count(0)
        expect(field).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/Search\?q=iri$"))
        expect(page.locator(".mhub-found li")).to_have_count(3)
        page.get_by_text("Models (2)", exact=True).click()
        expect(page.locator(".mhub-found li")).to_have_count(2)
        page.wait_for_url(re.compile("kind=model"))

        phone = page
        phone.set_viewport_size({"width": 390, "height": 844})
        expect(phone.get_by_role("combobox", name="Search everything")).to_be_hidden()
        phone.get_by_role("button", name="Open the search", exact=True).click()
        field.fill("secret")
        phone.get_by_role("option", name="Iris secret").click()
        phone.wait_for_url(re.compile(r"/Model\?id=2$"))
        expect(phone.get_by_role("combobox", name="Search everything")).to_be_hidden()
        assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth") and mistakes == []
