"""What one browser, one address and all together may take, against a real server with small limits."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from mhub_core.server.limits import _address
from tests.server.small_app import served
from tests.server.tabs import session_of
from tests.services import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("small limits")]

SMALL = """
import os
os.environ["MHUB_MAX_TABS"] = "3"
os.environ["MHUB_ALLOWED_HOSTS"] = "*"
limits.HEADER_SECONDS = limits.BODY_SECONDS = 1
limits.MAX_FILES, limits.MAX_BYTES, limits.MAX_BYTES_IN_ALL = 3, 250_000, 500_000
"""
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    script = "import streamlit as st\nst.file_uploader('A file')\n"
    with served(tmp_path_factory.mktemp("app"), script, SMALL) as address:
        yield address


def tab(address: str) -> ClientConnection:
    return connect(f"ws://{address}/_stcore/stream", subprotocols=["streamlit"], max_size=None)


def put(address: str, session: str, name: str, num_bytes: int) -> httpx.Response:
    url = f"http://{address}/_stcore/upload_file/{session}/{name}"
    with httpx.Client(trust_env=False) as client:
        page = client.get(f"http://{address}/_stcore/health")
        token = {"X-Xsrftoken": page.cookies.get("_streamlit_xsrf", "")}
        return client.put(url, files={"file": ("a.bin", b"x" * num_bytes)}, headers=token, cookies=page.cookies)


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
    with tab(address) as first, tab(address) as second, tab(address) as third:
        ada, bob, eve = map(session_of, (first, second, third))
        assert [put(address, ada, name, 90_000).status_code for name in "ab"] == [204, 204]
        refused = put(address, ada, "c", 90_000)
        assert refused.status_code == 413 and "too many or too large" in refused.json()["error"]["happened"]
        assert [put(address, bob, name, 90_000).status_code for name in "ab"] == [204, 204]
        assert put(address, eve, "a", 200_000).status_code == 503
        assert put(address, ada, "small", 10).status_code == 204
        assert put(address, ada, "one too many", 10).status_code == 413


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
    assert _address(scopes[0]) == _address(scopes[1]) != _address({**scopes[0], "client": ("2001:db8:0:1::1", 1)})
