"""What one browser, one address and all together may take, against a real server with small limits."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import psutil
import pytest
from starlette.types import Message
from streamlit import file_util
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from mhub_core.accounts import devices
from mhub_core.accounts.devices import DEVICE_COOKIE
from mhub_core.server.limits import _in_pieces, address_of
from tests.server.small_app import served
from tests.server.tabs import session_of
from tests.services import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("small limits")]

SMALL = """
import os
os.environ["MHUB_MAX_TABS"] = "4"
os.environ["MHUB_MAX_TABS_PER_ADDRESS"] = "3"
os.environ["MHUB_ALLOWED_HOSTS"] = "*"
os.environ["MHUB_SECRET_KEY"] = "a key of the tests"
connections.HEADER_SECONDS = limits.BODY_SECONDS = 1
connections._OF_ADDRESS = 20
connections.UNREAD_SECONDS = 1
limits.MAX_FILES, limits.MAX_BYTES, limits.MAX_BYTES_IN_ALL = 3, 250_000, 500_000
"""
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    script = "import streamlit as st\nst.file_uploader('A file')\n"
    with served(tmp_path_factory.mktemp("app"), script, SMALL) as address:
        yield address


@pytest.fixture(autouse=True)
def key_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MHUB_SECRET_KEY", "a key of the tests")


def tab(address: str, browser: str = "", again: str = "") -> ClientConnection:
    """Open a tab in a browser with this cookie, or one that says it is a certain tab again."""
    cookies = {"Cookie": f"{DEVICE_COOKIE}={browser}"} if browser else {}
    said = [Subprotocol(word) for word in ("streamlit", *(("token", again) if again else ()))]
    return connect(f"ws://{address}/_stcore/stream", subprotocols=said, max_size=None, additional_headers=cookies)


def put(address: str, session: str, name: str, num_bytes: int, browser: str, method: str = "PUT") -> httpx.Response:
    url = f"http://{address}/_stcore/upload_file/{session}/{name}"
    with httpx.Client(trust_env=False) as client:
        page = client.get(f"http://{address}/_stcore/health")
        client.cookies.set(DEVICE_COOKIE, browser)
        token = {"X-Xsrftoken": page.cookies.get("_streamlit_xsrf", "")}
        return client.request(method, url, files={"file": ("a.bin", b"x" * num_bytes)}, headers=token)


def test_as_many_tabs_as_allowed_open_and_the_next_is_told_in_words_until_one_closes(address: str):
    with ExitStack() as open_tabs:
        tabs = [open_tabs.enter_context(tab(address)) for _ in range(3)]
        with pytest.raises(InvalidStatus):
            tab(address)
        full = httpx.get(f"http://{address}/", headers=HTML, trust_env=False)
        assert (
            full.status_code == 503
            and "This hub is full at the moment" in full.text
            and "everything you saved is there" in full.text
        )
        assert httpx.get(f"http://{address}/_stcore/health", trust_env=False).status_code == 200
        tabs[0].close()
        wait_until(lambda: httpx.get(f"http://{address}/", headers=HTML, trust_env=False).status_code == 200, 10)
        open_tabs.enter_context(tab(address))


def test_files_of_one_tab_and_of_all_are_bounded(address: str):
    own = devices.new()
    with tab(address, own) as first, tab(address, own) as second, tab(address, own) as third:
        ada, bob, eve = map(session_of, (first, second, third))
        assert [put(address, ada, name, 90_000, own).status_code for name in "ab"] == [204, 204]
        refused = put(address, ada, "c", 90_000, own)
        assert refused.status_code == 413 and "too many or too large" in refused.json()["error"]["happened"]
        assert [put(address, bob, name, 90_000, own).status_code for name in "ab"] == [204, 204]
        assert put(address, eve, "a", 200_000, own).status_code == 503
        assert put(address, ada, "small", 10, own).status_code == 204
        assert put(address, ada, "one too many", 10, own).status_code == 413


@pytest.mark.parametrize("other", [lambda: "", devices.new, lambda: "made.up"], ids=["no cookie", "another browser", "made up"])
def test_who_knows_a_session_of_another_browser_can_neither_take_it_nor_send_files_into_it(address: str, other):
    own, stranger = devices.new(), other()
    with tab(address, own) as mine:
        session = session_of(mine)
        for method in ("PUT", "DELETE"):
            refused = put(address, session, "a", 10, stranger, method)
            assert refused.status_code == 403 and "another browser" in refused.json()["error"]["happened"]
        with tab(address, stranger, again=session) as theirs:
            assert session_of(theirs) != session
            assert session_of(mine) == session, "and the tab goes on"
        assert put(address, session, "a", 10, own).status_code == 204
    with tab(address, stranger, again=session) as theirs:
        assert session_of(theirs) != session, "nor after its connection broke off"
    with tab(address, own, again=session) as mine:
        assert session_of(mine) == session


def test_a_tab_of_a_browser_that_keeps_no_cookies_is_never_another_ones(address: str):
    with tab(address) as mine, tab(address, again=(session := session_of(mine))) as theirs:
        assert session_of(theirs) != session


def test_half_sent_requests_make_room_for_whole_ones_of_the_same_address(address: str):
    host, port = address.split(":")
    with ExitStack() as half_sent:
        sent = []
        for _ in range(60):
            connection = half_sent.enter_context(socket.create_connection((host, int(port))))
            connection.sendall(b"GET / HTTP/1.1\r\nHost: a")
            sent.append(connection)
        for _ in range(20):
            assert httpx.get(f"http://{address}/_stcore/health", trust_env=False).status_code == 200
        for connection in sent[:30]:
            connection.settimeout(20)
            with suppress(ConnectionResetError):  # which it is when nothing of it was read yet
                assert connection.recv(100) == b"", "the oldest made room"


def test_the_address_that_somebody_states_is_not_believed_unless_a_proxy_was_named(address: str):
    with ExitStack() as open_tabs:
        for _ in range(3):
            open_tabs.enter_context(tab(address))
        for said in ({}, {"X-Forwarded-For": "192.0.2.99"}):
            assert httpx.get(f"http://{address}/", headers={**HTML, **said}, trust_env=False).status_code == 503


def test_files_that_come_at_the_same_time_are_counted_before_they_are_there(address: str):
    own = devices.new()
    with tab(address, own) as connection, ThreadPoolExecutor(8) as pool:
        ada = session_of(connection)
        told = list(pool.map(lambda name: put(address, ada, name, 30_000, own).status_code, "abcdefgh"))
        assert sorted(told) == [204] * 3 + [413] * 5


def test_an_upload_that_does_not_say_its_size_is_refused(address: str):
    def pieces() -> Iterator[bytes]:
        yield b"x"

    answer = httpx.put(f"http://{address}/_stcore/upload_file/a/b", content=pieces(), trust_env=False)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: a",
        b"GET /_stcore/health HTTP/1.1\r\nHost: a\r\n\r\nGET /_stcore/",
        b"PUT /_stcore/upload_file/a/b HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\nbegun",
    ],
    ids=["no word", "half a header", "half of the second request", "half a body"],
)
def test_a_request_that_stands_still_is_ended(address: str, begun: bytes):
    host, port = address.split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(begun)
        connection.settimeout(20)
        while connection.recv(1000):
            pass


def test_an_answer_that_nobody_reads_is_given_up(address: str):
    host, port = address.split(":")
    folder = Path(file_util.get_static_dir())
    largest = max(folder.rglob("*.js"), key=lambda file: file.stat().st_size).relative_to(folder)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.connect((host, int(port)))
        own = connection.getsockname()
        connection.sendall(f"GET /{largest} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        wait_until(lambda: connection.recv(1, socket.MSG_PEEK))
        wait_until(
            lambda: own not in [tcp.raddr for tcp in psutil.net_connections("tcp") if tcp.status == psutil.CONN_ESTABLISHED]
        )


@pytest.mark.parametrize("num_bytes", [0, 1, 65_536, 65_537, 200_000])
def test_a_long_answer_is_sent_piece_by_piece(num_bytes: int):
    body, sent = os.urandom(num_bytes), []

    async def answer() -> None:
        async def send(message: Message) -> None:
            sent.append(message)

        await _in_pieces(send)({"type": "http.response.start", "status": 200, "headers": []})
        await _in_pieces(send)({"type": "http.response.body", "body": body})

    asyncio.run(answer())
    start, *pieces = sent
    assert start["type"] == "http.response.start"
    assert b"".join(piece["body"] for piece in pieces) == body and all(len(piece["body"]) <= 65_536 for piece in pieces)
    assert [piece.get("more_body", False) for piece in pieces] == [True] * (len(pieces) - 1) + [False]


@pytest.mark.parametrize("host", ["[", "a]b", "localhost:99999999"])
def test_a_host_that_is_no_address_is_refused_in_words_where_every_name_is_known(address: str, host: str):
    answer = httpx.get(f"http://{address}/", headers={"Host": host}, trust_env=False)
    assert answer.status_code == 421 and "host name" in answer.text


@pytest.mark.parametrize("origin", ["http://[::1", "http://elsewhere.example"])
def test_a_tab_of_a_foreign_or_malformed_origin_is_refused(address: str, origin: str):
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://{address}/_stcore/stream", subprotocols=["streamlit"], origin=Origin(origin))
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/auth/login", "/auth/logout", "/oauth2callback?code=1"])
def test_what_the_hub_does_not_use_of_streamlit_is_closed(address: str, path: str):
    answer = httpx.get(f"http://{address}{path}", trust_env=False)
    assert answer.status_code == 404 and answer.text == "There is nothing here."


def test_text_in_place_of_bytes_closes_the_tab_and_leaves_no_trace(address: str, capfd: pytest.CaptureFixture[str]):
    with tab(address) as connection:
        session_of(connection)
        connection.send("hello")
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                connection.recv(timeout=20)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1003
    wait_until(lambda: httpx.get(f"http://{address}/", headers=HTML, trust_env=False).status_code == 200, 10)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "http://localhost:8502", "null"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("OPTIONS", "/_stcore/upload_file/a/b"), ("PUT", "/_stcore/upload_file/a/b"), ("GET", "/_stcore/health"), ("GET", "/")],
)
def test_no_foreign_page_is_allowed_to_read_or_send_anything(address, method, path, origin):
    asked = {"Origin": origin, "Access-Control-Request-Method": "PUT", "Content-Type": "multipart/form-data; boundary=x"}
    answer = httpx.request(method, f"http://{address}{path}", headers=asked, content=b"--x--", trust_env=False)

    assert [name for name in answer.headers if name.startswith("access-control-")] == []
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_tabs_of_a_whole_network_of_addresses_count_together():
    scopes = [{"type": "websocket", "headers": [], "client": (f"2001:db8::{number}", 1)} for number in (1, 2)]
    assert address_of(scopes[0]) == address_of(scopes[1]) != address_of({**scopes[0], "client": ("2001:db8:0:1::1", 1)})
