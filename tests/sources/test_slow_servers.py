"""Servers that send so slowly that a fetch would hold its place for ever, and names that mean another address a moment later."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest

from mhub_core.errors import Forbidden, MHubError, Unavailable
from mhub_core.sources import addresses, fetching, postgres
from mhub_core.sources.child import fetch_json
from mhub_core.sources.database import Database
from tests.sources.conftest import limits, redirects, sends
from tests.sources.test_web import DATA, fetch

HEAD = b"HTTP/1.1 200 OK\r\n"


def trickles(first: bytes, each: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer with a beginning, and then with a few bytes at a time for ever."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(first)
        while True:
            handler.wfile.write(each)
            time.sleep(0.02)

    return answer


SLOW = {
    "the first line": trickles(b"HTTP/1.1 200 ", b"O"),
    "the head": trickles(HEAD + b"X-Odd: ", b"a"),
    "the body": trickles(HEAD + b"\r\n", b"1"),
    "the length of a piece": trickles(HEAD + b"Transfer-Encoding: chunked\r\n\r\n4;a=", b"b"),
    "an error": trickles(b"HTTP/1.1 500 No\r\nContent-Length: 10000\r\n\r\n", b"x"),
    "a redirect": trickles(b"HTTP/1.1 302 No\r\nLocation: http://127.0.0.1/", b"x"),
}


@pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW.keys())
def test_a_server_that_sends_a_byte_now_and_then_is_left_wherever_in_its_answer(serve, folder, monkeypatch, answer):
    monkeypatch.setattr(fetching, "_WINDOW_SECONDS", 0.2)
    url, began = serve({"/a": answer}), time.monotonic()

    with pytest.raises(Unavailable, match="sends so slowly") as caught:
        fetch(f"{url}/a", folder)

    assert time.monotonic() - began < 5 and "At least 1 kB per second" in caught.value.expected


@pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW.keys())
def test_a_time_limit_holds_wherever_in_its_answer_a_server_is(serve, folder, answer):
    url = serve({"/a": answer})

    with pytest.raises(Unavailable, match="The source took longer than"):
        fetch(f"{url}/a", folder, seconds=0.2)


def test_a_server_of_another_speed_in_between_is_waited_for(serve, folder, monkeypatch):
    monkeypatch.setattr(fetching, "_WINDOW_SECONDS", 0.1)

    def in_bursts(handler: BaseHTTPRequestHandler) -> None:
        sends(b"1,2\n" * 1_000, length="12000")(handler)
        for _ in range(2):
            time.sleep(0.05)
            handler.wfile.write(b"1,2\n" * 1_000)

    assert len(fetch(f"{serve({'/a.csv': in_bursts})}/a.csv", folder)[1]) == 12_000


def asked(url: str) -> dict[str, object]:
    from dataclasses import asdict

    return {"source": "web", "config": {"url": url}, "secret": {}, "limits": asdict(limits()), "tests": True}


def test_a_test_ends_when_the_first_of_the_data_is_there(serve, folder):
    url = serve({"/a.csv": trickles(HEAD + b"\r\n", b"1,2\n"), "/b": sends(b"<html>"), "/c": sends(DATA)})

    assert fetch_json(asked(f"{url}/a.csv"), folder, lambda *_: None) == {"file_name": ""}
    assert fetch_json(asked(f"{url}/c"), folder, lambda *_: None) == {"file_name": ""}
    with pytest.raises(MHubError, match="leads to a web page"):
        fetch_json(asked(f"{url}/b"), folder, lambda *_: None)


def means(monkeypatch, *found: str) -> list[str]:  # noqa: ANN001
    """Let a name mean these addresses, one after the other. Returns the names that were asked for."""
    names: list[str] = []
    real = socket.getaddrinfo

    def look(host, port, *more, **named):  # noqa: ANN001, ANN002, ANN003, ANN202
        if host != "rebind.example.org":
            return real(host, port, *more, **named)
        names.append(host)
        return real(found[min(len(names), len(found)) - 1], port, *more, **named)

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look)
    return names


def test_a_name_that_means_this_machine_by_the_time_of_the_connection_leads_where_it_led_when_it_was_checked(
    serve, folder, monkeypatch
):
    names = means(monkeypatch, "127.0.0.1", "127.0.0.2")  # the second is not allowed
    url = serve({"/a.csv": sends(DATA)}).replace("127.0.0.1", "rebind.example.org")

    assert fetch(f"{url}/a.csv", folder, networks=("127.0.0.1/32",))[1] == DATA
    assert len(names) == 1


def test_a_name_is_checked_anew_at_each_redirect(serve, folder, monkeypatch):
    means(monkeypatch, "127.0.0.1", "127.0.0.2")
    url = serve({"/a": redirects("/b"), "/b": sends(DATA)}).replace("127.0.0.1", "rebind.example.org")

    with pytest.raises(Forbidden, match="not public"):
        fetch(f"{url}/a", folder, networks=("127.0.0.1/32",))


def test_a_database_is_reached_at_the_address_that_was_checked(folder, monkeypatch):
    names, reached = means(monkeypatch, "127.0.0.1", "127.0.0.2"), {}

    def connect(**given: object) -> None:
        reached.update(given)
        raise postgres.psycopg2.OperationalError("nobody there")

    monkeypatch.setattr(postgres.psycopg2, "connect", connect)
    config = {"url": "postgresql://u@rebind.example.org/d", "query": "SELECT 1"}
    with pytest.raises(Unavailable):
        Database().fetch(config, {}, folder, limits(networks=("127.0.0.1/32",)), lambda *_: None)

    assert (reached["host"], reached["hostaddr"], len(names)) == ("rebind.example.org", "127.0.0.1", 1)
