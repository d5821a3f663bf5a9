"""Several web processes behind HAProxy: a browser keeps to its own, goes on when that one dies, and arrives as who it is."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
from playwright.sync_api import expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from jobs import front
from mhub_core import settings
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import SESSION_COOKIE
from mhub_core.storage import service as storage
from mhub_core.storage import uploads
from tests import chromium
from tests.server.small_app import answers
from tests.server.tabs import session_of
from tests.services import free_port, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("one hub with a front")]

HTML = {"Accept": "text/html"}
PROXY = "127.0.0.3"  # any address of 127.0.0.0/8 is this machine's, at least on Linux
TABS = 4
WITHOUT_HAPROXY = "from jobs import front, supervisor; front._FOLDERS = (); supervisor.main(['web'])"


@dataclass(frozen=True)
class Hub:
    """A supervisor with web processes only."""

    home: Path
    port: int
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pids(self) -> dict[str, int | None]:
        return {child["name"]: child["pid"] for child in json.loads((self.home / "hub.json").read_text())["children"]}

    def kill(self, name: str) -> None:
        os.kill(self.pids()[name], signal.SIGKILL)

    def browser(self, address: str = "127.0.0.1") -> httpx.Client:
        """A browser at an address, with cookies of its own."""
        return httpx.Client(base_url=self.url, trust_env=False, transport=httpx.HTTPTransport(local_address=address))

    def web_of(self, browser: httpx.Client) -> str:
        """Return the web process to which the browser's cookie leads."""
        return browser.cookies[f"mhub_web_{self.port}"]

    def browser_of(self, web: str) -> httpx.Client:
        """A browser that was given to this web process, once that serves."""
        found: list[httpx.Client] = []

        def is_its_own() -> bool:
            found.append(self.browser())
            return (
                all(found[-1].get(path).status_code == 200 for path in ("/", "/_stcore/health")) and self.web_of(found[-1]) == web
            )

        wait_until(is_its_own)
        return found[-1]

    def tab(self, browser: httpx.Client, address: str = "127.0.0.1", **headers: str) -> ClientConnection:
        """Open a tab of a browser."""
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        url = f"ws://127.0.0.1:{self.port}/_stcore/stream"
        sent = {"Cookie": cookies, **headers}
        place = {"source_address": (address, 0), "proxy": None}
        return connect(url, subprotocols=["streamlit"], max_size=None, max_queue=None, additional_headers=sent, **place)


@contextmanager
def started(home: Path, *command: str, **environment: str) -> Iterator[Hub]:
    """Run a supervisor of web processes until the block ends."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "MHUB_SECRET_KEY")}
    port = free_port()
    kept |= {"MHUB_HOME": str(home), "MHUB_PORT": str(port), "MHUB_WEB": "2", **environment}
    process = subprocess.Popen(
        [sys.executable, *command], cwd=settings.ROOT, env=kept, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    hub = Hub(home, port, process)
    try:
        words = ""
        while "ready" not in words:
            assert (line := process.stdout.readline()), f"it ended: {words}"
            words += line
        yield hub
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Two web processes behind HAProxy, in a home whose path needs quotes and is too long for a socket."""
    if front.binary() is None:
        pytest.skip("no HAProxy here")  # `./mhub test` refuses that under CI
    home = tmp_path_factory.mktemp("it's a deep home " + "deep" * 20) / "home"
    limits = {"MHUB_MAX_TABS_PER_ADDRESS": str(TABS), "MHUB_TRUSTED_PROXIES": PROXY}
    with started(home, "-m", "jobs.supervisor", "web", **limits) as hub:
        yield hub


@pytest.fixture
def in_that_hub(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Call verbs of that hub in this process."""
    for name in ("DATABASE_URL", "REDIS_URL", "MHUB_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MHUB_HOME", str(hub.home))


def test_all_requests_of_a_browser_reach_the_web_process_that_holds_its_session(hub: Hub) -> None:
    first, second = hub.browser_of("web-1"), hub.browser_of("web-2")
    with hub.tab(first) as tab, hub.tab(second) as other:
        for browser, session, status in (
            (first, session_of(tab), 204),
            (second, session_of(other), 204),
            (first, session_of(other), 400),
            (second, session_of(tab), 400),
        ):
            assert [put(browser, session, name) for name in "abc"] == [status] * 3


def put(browser: httpx.Client, session: str, name: str) -> int:
    """Upload a file for a widget, and return the status: 204, or 400 where that process knows no such session."""
    token = {"X-Xsrftoken": browser.cookies["_streamlit_xsrf"]}
    url = f"/_stcore/upload_file/{session}/{name}"
    return browser.put(url, files={"file": ("a.bin", b"x" * 1000)}, headers=token).status_code


def test_a_forged_address_is_not_believed_and_the_address_of_a_trusted_proxys_visitor_is(hub: Hub) -> None:
    browser = hub.browser_of("web-1")
    with ExitStack() as tabs:
        for number in range(TABS):
            tabs.enter_context(hub.tab(browser, **{"X-Forwarded-For": f"192.0.2.{number}"}))
        with pytest.raises(InvalidStatus):
            hub.tab(browser, **{"X-Forwarded-For": "192.0.2.99"})
        assert status(hub, browser, "127.0.0.1", "") == 503
        assert status(hub, browser, "127.0.0.1", "192.0.2.99") == 503
        assert status(hub, browser, "127.0.0.2", "") == 200, "another address"
        assert status(hub, browser, "127.0.0.2", "127.0.0.1") == 200, "who sends another one's address stays who it is"
        assert status(hub, browser, PROXY, "127.0.0.1") == 503, "the proxy's word for the address that has too many tabs"
        assert status(hub, browser, PROXY, "127.0.0.1, 192.0.2.7") == 200, "what stands further left may be forged"


def status(hub: Hub, browser: httpx.Client, address: str, forwarded: str) -> int:
    """Ask for a page from an address; with `forwarded` in X-Forwarded-For where it is not empty."""
    headers = {**HTML, **({"X-Forwarded-For": forwarded} if forwarded else {})}
    with hub.browser(address) as elsewhere:
        return elsewhere.get("/", headers=headers, cookies=browser.cookies).status_code


def test_half_sent_requests_of_one_address_leave_room_for_the_others(hub: Hub) -> None:
    crowded = "127.0.0.5"
    with ExitStack() as half_sent:
        for _ in range(front._BESIDES_TABS + 2 * TABS + 20):
            begun = socket.create_connection(("127.0.0.1", hub.port), source_address=(crowded, 0))
            half_sent.enter_context(begun)
            with suppress(ConnectionError):
                begun.sendall(b"GET / HTTP/1.1\r\nHost: a")
        with hub.browser(crowded) as browser, pytest.raises(httpx.TransportError):
            browser.get("/")
        with hub.browser() as browser:
            assert browser.get("/").status_code == 200


def test_foreign_names_and_foreign_pages_are_refused_as_without_a_front(hub: Hub) -> None:
    with hub.browser() as browser:
        assert browser.get("/", headers={"Host": "evil.example"}).status_code == 421
        assert browser.get("/", headers={"Host": "localhost"}).status_code == 200
        assert "frame-ancestors 'self'" in browser.get("/").headers["content-security-policy"]
        with hub.tab(browser, Origin=hub.url):
            pass
        with pytest.raises(InvalidStatus):
            hub.tab(browser, Origin="http://127.0.0.1:1")


@pytest.mark.usefixtures("in_that_hub")
def test_a_large_upload_passes_through_while_it_comes_in(hub: Hub) -> None:
    user = accounts.sign_up("anna@example.org", "Anna", "correct horse", "127.0.0.1")
    data = os.urandom(1_000_000) * 80
    with hub.browser() as browser:
        browser.cookies.set(SESSION_COOKIE, accounts.redeem_ticket(accounts.issue_ticket(user.id), "test"), "127.0.0.1")
        answer = browser.post("/api/upload", files={"file": ("a.bin", data)}, headers={"Origin": hub.url}, timeout=120)
    assert answer.status_code == 200, answer.text
    assert storage.read_bytes(uploads.unseal(user.id, answer.json()["upload"]).key) == data
    assert psutil.Process(hub.pids()["front"]).memory_info().rss < 60_000_000


def test_an_upload_of_a_visitor_is_refused_in_words(hub: Hub) -> None:
    with hub.browser() as browser:
        answer = browser.post("/api/upload", files={"file": ("a.csv", b"a,b")}, headers={"Origin": hub.url})
    assert answer.status_code == 401 and "account" in answer.json()["error"]["happened"]


def test_nobody_else_on_the_machine_can_reach_a_web_process(hub: Hub) -> None:
    listening = {name: listeners(pid) for name, pid in hub.pids().items() if name.startswith("web")}
    assert listening == {"web-1": [], "web-2": []}
    assert listeners(hub.pids()["front"]) == [hub.port]
    assert (hub.home / "front").stat().st_mode & 0o777 == 0o700
    assert (hub.home / "front" / "web-1.sock").stat().st_mode & 0o077 == 0


def listeners(pid: int) -> list[int]:
    return [one.laddr.port for one in psutil.Process(pid).net_connections("inet") if one.status == psutil.CONN_LISTEN]


def test_status_shows_every_process_and_the_health_that_the_front_passes_on(hub: Hub) -> None:
    environment = {**os.environ, "MHUB_HOME": str(hub.home)}
    seen = subprocess.run(
        [sys.executable, "-m", "jobs.status"], env=environment, cwd=settings.ROOT, capture_output=True, text=True
    )
    for words in ("web-1 ", "web-2 ", "front ", f"{hub.url}", "database: ok"):
        assert words in seen.stdout
    with hub.browser() as browser:
        assert browser.get("/api/health").json()["database"] == "ok"


def test_a_page_goes_on_in_another_web_process_when_its_own_is_killed(hub: Hub) -> None:
    with chromium.browser() as chrome:
        page = chrome.new_page()
        expect.set_options(timeout=30_000)
        page.goto(f"{hub.url}/Help?from=mail")
        expect(page.locator(".mhub-page-title")).to_have_text("Help")
        [before] = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == f"mhub_web_{hub.port}"]
        with page.expect_websocket():  # the page connects again by itself
            hub.kill(before)
        page.get_by_role("link", name="Datasets").click()
        expect(page.locator(".mhub-page-title")).to_have_text("Datasets")
        [after] = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == f"mhub_web_{hub.port}"]
        page.go_back()
        expect(page.locator(".mhub-page-title")).to_have_text("Help")
        assert page.url == f"{hub.url}/Help?from=mail"
    assert {before, after} == {"web-1", "web-2"}
    assert hub.browser_of(before), "started again, it serves new browsers"


def test_the_front_is_started_again_and_browsers_keep_their_web_process(hub: Hub) -> None:
    browser, before = hub.browser_of("web-2"), hub.pids()["front"]
    hub.kill("front")
    wait_until(lambda: hub.pids()["front"] not in (before, None) and answers(f"127.0.0.1:{hub.port}"))
    for _ in range(4):
        assert browser.get("/_stcore/health").status_code == 200
        assert hub.web_of(browser) == "web-2"


def test_while_no_web_process_answers_the_page_says_so_and_tries_again(hub: Hub) -> None:
    hub.kill("web-1")
    hub.kill("web-2")
    with hub.browser() as browser:
        # On a connection of its own each time: a kept one ends together with the web process that it led to.
        browser.headers["Connection"] = "close"
        wait_until(lambda: browser.get("/").status_code == 503)
        away = browser.get("/")
        assert "This hub is starting" in away.text and 'http-equiv="refresh"' in away.text
    wait_until(lambda: answers(f"127.0.0.1:{hub.port}"))


def test_without_haproxy_each_web_process_has_its_own_port(tmp_path: Path) -> None:
    with started(tmp_path / "home", "-c", WITHOUT_HAPROXY, PATH=str(tmp_path)) as hub:
        assert "HAProxy is not installed" in (words := hub.process.stdout.readline())
        assert f"ports {hub.port} to {hub.port + 1}" in words and "docs/network.md" in words
        assert "front" not in hub.pids()
        wait_until(lambda: all(answers(f"127.0.0.1:{hub.port + number}") for number in (0, 1)))
