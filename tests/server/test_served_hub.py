"""The web process as it is started, and a real browser in front of it."""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from mhub_core import settings
from tests import chromium
from tests.server.small_app import answers
from tests.services import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("one served hub")]

SECONDS = 30_000  # milliseconds: a shared machine that has just started


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served hub with a home of its own; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outside = {"DATABASE_URL", "REDIS_URL", "STORAGE_URL", "MHUB_SECRET_KEY"}
    if os.environ.get("MHUB_TEST_STORAGE"):
        outside.remove("STORAGE_URL")
    environment = {name: value for name, value in os.environ.items() if name not in outside}
    environment |= {"MHUB_HOME": str(tmp_path_factory.mktemp("home")), "MHUB_PORT": str(port)}
    subprocess.run([sys.executable, "-m", "db.migrate"], cwd=settings.ROOT, env=environment, check=True)
    server = subprocess.Popen([sys.executable, "-m", "mhub_core.server"], cwd=settings.ROOT, env=environment)
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: answers(f"127.0.0.1:{port}"), 90)
    yield url
    server.terminate()
    server.wait(60)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    expect.set_options(timeout=SECONDS)
    yield context.new_page()
    context.close()


def sign_up(page: Page, name: str) -> str:
    """Make an account, another one if the test is asked again: the hub knows the first. Returns its e-mail address."""
    email = f"{name}.{secrets.token_hex(4)}@example.org"
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("tab", name="Sign up").click()
    dialog.get_by_label("First name").fill("<b>Ada</b>")
    dialog.get_by_label("E-mail").last.fill(email)
    dialog.get_by_label("Password", exact=True).last.fill("correct horse")
    dialog.get_by_label("Repeat password").fill("correct horse")
    with page.expect_response(re.compile("/api/session")):
        chromium.press(dialog.get_by_role("button", name="Sign up"))
    return email


def test_every_answer_forbids_foreign_scripts_and_foreign_frames(hub: str) -> None:
    for path in ("/", "/api/health", "/app/static/logo.svg"):
        headers = httpx.get(hub + path, trust_env=False).headers
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_a_page_brings_its_styles_along(hub: str, page: Page) -> None:
    page.goto(f"{hub}/Help")
    expect(page.locator(".mhub-page-title")).to_have_css("font-size", "24px")
    styles = httpx.get(f"{hub}/Help", trust_env=False).text
    assert ".mhub-page-title" in styles and ".st-key-palette_blocks" in styles and "<title>M-Hub</title>" in styles


def test_what_draws_charts_is_loaded_before_the_first_chart(hub: str, page: Page) -> None:
    with page.expect_response(re.compile(r"/static/js/ArrowVegaLiteChart\.")) as answer:
        page.goto(f"{hub}/Help")
    assert answer.value.ok


def test_the_front_end_comes_compressed_and_the_same_to_who_takes_it_plain(hub: str) -> None:
    with httpx.Client(base_url=hub, trust_env=False) as client:
        [script, *_] = re.findall(r'src="[./]*(static/js/[^"]+)"', client.get("/").text)
        packed, again = (client.get(f"/{script}", headers={"Accept-Encoding": "gzip, deflate"}) for _ in range(2))
        smaller = client.get(f"/{script}", headers={"Accept-Encoding": "gzip, br"})
        plain = client.get(f"/{script}", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert smaller.headers["content-encoding"] == "br" and smaller.num_bytes_downloaded < packed.num_bytes_downloaded
    assert packed.content == again.content == smaller.content == plain.content
    assert int(packed.headers["content-length"]) < 0.4 * len(plain.content)
    assert packed.headers["cache-control"] == plain.headers["cache-control"]


def test_a_name_that_is_not_the_hubs_own_is_refused(hub: str) -> None:
    for name, status in (("evil.example", 421), ("evil.example:8501", 421), ("localhost", 200), ("127.0.0.1:1", 200)):
        assert httpx.get(f"{hub}/_stcore/health", headers={"Host": name}, trust_env=False).status_code == status
    with pytest.raises(InvalidStatus):
        connect(
            hub.replace("http", "ws") + "/_stcore/stream",
            additional_headers={"Host": "evil.example"},
            origin="http://evil.example",
            proxy=None,
        )


def test_a_websocket_of_a_foreign_page_is_refused(hub: str) -> None:
    with pytest.raises(InvalidStatus):
        connect(hub.replace("http", "ws") + "/_stcore/stream", origin="http://127.0.0.1:1", proxy=None)


def test_a_sign_in_survives_reload_and_second_tab_on_the_address_that_was_opened(hub: str, page: Page) -> None:
    page.goto(f"{hub}/Account?from=mail")
    email = sign_up(page, "ada")
    expect(page.get_by_text(email)).to_be_visible()
    assert page.url == f"{hub}/Account?from=mail"
    page.reload()
    expect(page.get_by_text(email)).to_be_visible()
    second = page.context.new_page()
    second.goto(f"{hub}/Account")
    expect(second.get_by_text(email)).to_be_visible()


def test_signing_out_everywhere_signs_the_second_tab_out_too(hub: str, page: Page) -> None:
    page.goto(f"{hub}/Account")
    email = sign_up(page, "bob")
    second = page.context.new_page()
    second.goto(f"{hub}/Account")
    expect(second.get_by_text(email)).to_be_visible()
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    second.reload()
    expect(second.get_by_role("dialog")).to_be_visible()
    expect(second.get_by_text(email)).to_have_count(0)


def test_a_name_that_holds_html_is_shown_as_text_and_nothing_leaves_the_machine(hub: str, page: Page) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{hub}/Account")
    sign_up(page, "eve")
    expect(page.locator(".st-key-window-you").get_by_text("<b>Ada</b>")).to_be_visible()
    assert not [url for url in requests if not url.startswith((hub, "data:", "blob:"))]


@pytest.mark.parametrize("address", ["/", "/Account", "/Help"])
def test_no_page_scrolls_sideways_on_a_phone(hub: str, page: Page, address: str) -> None:
    page.goto(hub + address)
    expect(page.locator(".mhub-page-title")).to_be_visible()
    main = page.get_by_test_id("stMain")
    wait_until(lambda: main.evaluate("element => element.scrollWidth <= element.clientWidth"))  # once its styles are there


def test_the_menu_of_a_phone_closes_once_a_page_was_chosen_in_it(hub: str, page: Page) -> None:
    page.goto(hub)
    menu = page.get_by_test_id("stSidebar")
    for choice in ("Datasets", "Help"):
        page.get_by_test_id("stExpandSidebarButton").click()
        menu.get_by_role("link", name=choice).click()
        expect(page.locator(".mhub-page-title")).to_have_text(choice)
        expect(page.get_by_test_id("stExpandSidebarButton")).to_be_visible()


def test_a_page_begins_at_its_top_and_back_leads_to_where_one_was(hub: str, page: Page) -> None:
    page.goto(f"{hub}/Help")
    expect(page.get_by_text("Glossary")).to_be_visible()
    main = page.get_by_test_id("stMain")
    wait_until(lambda: main.evaluate("element => (element.scrollTo(0, 700), element.scrollTop)") == 700)
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Train").click()
    expect(page.locator(".mhub-page-title")).to_have_text("Train")
    assert main.evaluate("element => element.scrollTop") == 0
    page.go_back()
    expect(page.locator(".mhub-page-title")).to_have_text("Help")
    wait_until(lambda: main.evaluate("element => element.scrollTop") == 700)


def test_an_address_without_a_page_says_so_and_leads_home(hub: str, page: Page) -> None:
    with httpx.Client(base_url=hub, trust_env=False) as client:
        status = {path: client.get(path).status_code for path in ("/", "/Train", "/nonsense", "/Train/more", "/api/nothing")}
        assert status == {"/": 200, "/Train": 200, "/nonsense": 404, "/Train/more": 404, "/api/nothing": 404}
        assert client.get("/Train/").headers["location"].endswith("/Train")
    page.goto(f"{hub}/nonsense")
    expect(page.get_by_role("heading")).to_have_text("There is no page at this address")
    page.get_by_role("link").click()
    expect(page).to_have_title("Home · M-Hub")


def test_a_deep_link_asks_for_nothing_that_is_not_there(hub: str, page: Page) -> None:
    answers: list[tuple[int, str]] = []
    page.on("response", lambda response: answers.append((response.status, response.url)))
    page.goto(f"{hub}/Help?x=1")
    expect(page.get_by_text("Glossary")).to_be_visible()
    assert any("/_stcore/health" in url for _, url in answers)
    assert [answer for answer in answers if answer[0] >= 400] == []


def test_what_was_chosen_on_a_page_is_there_after_a_reload_and_when_somebody_comes_back(hub: str, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{hub}/Help")
    page.get_by_test_id("stTopNavLink").filter(has_text="Models").click()
    search = page.get_by_label("Search", exact=True)
    search.fill("fox")
    search.press("Enter")
    expect(page).to_have_url(f"{hub}/Models?search=fox")
    page.reload()
    expect(search).to_have_value("fox")
    page.get_by_test_id("stTopNavLink").filter(has_text="Datasets").click()
    expect(page).to_have_title("Datasets · M-Hub")
    expect(page.get_by_text("Upload data", exact=True)).to_be_visible()
    expect(search).to_have_value("")  # the page has drawn itself
    page.go_back()
    expect(page).to_have_title("Models · M-Hub")
    expect(search).to_have_value("fox")
    page.go_back()  # the search was no place of its own
    expect(page).to_have_title("Help · M-Hub")


def test_back_from_a_page_that_a_button_led_to_ends_where_the_button_is(hub: str, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 1200})
    page.goto(f"{hub}/Account")
    email = sign_up(page, "back")
    expect(page.get_by_text(email)).to_be_visible()
    page.goto(f"{hub}/Models?search=fox&new=1")
    page.get_by_label("Name", exact=True).fill("name_with *signs*")
    page.get_by_role("button", name="Create and open the builder").click()
    expect(page).to_have_title("Builder · M-Hub")
    expect(page.get_by_text("List", exact=True)).to_be_visible()
    page.go_back()
    expect(page).to_have_title("Models · M-Hub")
    expect(page).to_have_url(f"{hub}/Models?search=fox&new=1")
    expect(page.get_by_label("Search", exact=True)).to_have_value("fox")


def test_names_for_screen_readers_hold_no_signs_of_markdown(hub: str, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 1200})
    page.goto(f"{hub}/Account")
    email = sign_up(page, "screen")
    expect(page.get_by_text(email)).to_be_visible()
    page.goto(f"{hub}/Models?new=1")
    page.get_by_role("button", name="Create and open the builder").click()
    page.get_by_text("List", exact=True).click()
    page.get_by_text("Select several").click()
    expect(page.get_by_role("checkbox", name="dense_1")).to_be_attached()
    assert page.locator("[aria-label*='\\\\']").count() == 0


def test_a_link_of_ours_opens_its_page_without_loading_the_hub_anew_and_back_leads_back(hub: str, page: Page) -> None:
    page.goto(hub)
    page.get_by_role("link", name="Compare results").wait_for()
    page.evaluate("window.stillHere = true")
    page.get_by_role("link", name="Compare results").click()
    expect(page).to_have_title("Leaderboard · M-Hub")
    page.go_back()
    expect(page).to_have_title("Home · M-Hub")
    assert page.evaluate("window.stillHere")


@pytest.mark.parametrize(("motion", "still"), [("reduce", True), ("no-preference", False)])
def test_boxes_unfold_at_once_for_who_asks_for_less_motion(
    hub: str, browser: Browser, motion: Literal["reduce", "no-preference"], still: bool
) -> None:
    page = browser.new_page(reduced_motion=motion)
    page.goto(f"{hub}/Projects")
    moving = page.get_by_text("New project", exact=True).evaluate(
        "title => (title.click(), new Promise(done => setTimeout(done, 60)).then("
        "() => title.closest('details').getAnimations().length))"
    )
    assert (moving == 0) == still
    page.close()
