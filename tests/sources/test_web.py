"""A file from the web: what comes, and what servers of strangers do instead."""

from __future__ import annotations

import gzip
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mhub_core.errors import Forbidden, Invalid, MHubError, TooLarge, Unavailable
from mhub_core.sources.source import FILE
from mhub_core.sources.web import Web
from tests.sources.conftest import limits, redirects, sends

DATA = b"a,b\n1,2\n"


def fetch(url: str, folder, **other):  # noqa: ANN001, ANN003, ANN201
    """Fetch as the hub does, and return the name and the bytes."""
    asked = Web().check({"url": url})
    assert not asked.problems
    name = Web().fetch(asked.config, asked.secret, folder, limits(**other), lambda *_: None)
    return name, (folder / FILE).read_bytes()


def test_a_file_comes_with_its_name_and_its_bytes(serve, folder):
    url = serve(
        {"/data/cars%20of%20%C3%BC.csv": sends(DATA), "/named": sends(DATA, Content_Disposition='attachment; filename="x/y.csv"')}
    )

    assert fetch(f"{url}/data/cars%20of%20%C3%BC.csv?key=1#top", folder) == ("cars of ü.csv", DATA)
    assert fetch(f"{url}/named", folder) == ("y.csv", DATA)


def test_a_file_without_a_stated_length_and_in_pieces_comes_whole(serve, folder):
    def in_pieces(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"4\r\na,b\n\r\n4\r\n1,2\n\r\n0\r\n\r\n")

    def until_the_end(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(gzip.compress(DATA))

    url = serve({"/pieces.csv": in_pieces, "/data.csv.gz": until_the_end})
    assert fetch(f"{url}/pieces.csv", folder) == ("pieces.csv", DATA)
    assert gzip.decompress(fetch(f"{url}/data.csv.gz", folder)[1]) == DATA


def test_a_redirect_is_followed_and_checked_as_an_address(serve, folder):
    url = serve({"/a": redirects("b"), "/b": redirects("/c.csv"), "/c.csv": sends(DATA)})

    assert fetch(f"{url}/a", folder) == ("c.csv", DATA)


@pytest.mark.parametrize(
    ("to", "error", "told"),
    [
        ("file:///etc/passwd", Invalid, "redirects to what must begin with http"),
        ("gopher://127.0.0.1/x", Invalid, "redirects to what must begin"),
        ("http://user:pass@127.0.0.1/", Invalid, "user name or a password"),
        ("http://169.254.169.254/latest/meta-data/", Forbidden, "not public"),
        ("http://[::1]:1/", Forbidden, "not public"),
        ("http://10.0.0.1/", Forbidden, "not public"),
        ("", Invalid, "no address"),
    ],
)
def test_a_redirect_to_elsewhere_is_refused(serve, folder, to, error, told):
    url = serve({"/a": redirects(to)})

    with pytest.raises(error, match=told):
        fetch(f"{url}/a", folder, networks=("127.0.0.1/32",))


def test_this_machine_is_refused_without_the_administrators_word(serve, folder):
    url = serve({"/a": sends(DATA)})

    for address in (url, url.replace("127.0.0.1", "localhost"), url.replace("127.0.0.1", "2130706433")):
        with pytest.raises((Forbidden, Invalid)):
            fetch(f"{address}/a", folder, networks=())


def test_redirects_in_a_ring_end(serve, folder):
    url = serve({"/a": redirects("/b"), "/b": redirects("/a")})

    with pytest.raises(Invalid, match="more than 5 times"):
        fetch(f"{url}/a", folder)


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Send a few bytes, and so on for ever."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"1,2\n")
        time.sleep(0.02)


def ten_gigabytes(handler: BaseHTTPRequestHandler) -> None:
    """Send without stating how much."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(10_000):
        handler.wfile.write(bytes(1_000_000))


@pytest.mark.parametrize(
    ("answer", "error", "told"),
    [
        (endless, Unavailable, "longer than 1 seconds"),
        (ten_gigabytes, TooLarge, "too large"),
        (sends(b"", length=str(10**10)), TooLarge, "At most 1 MB"),
        (sends(DATA, length="100"), Unavailable, "8 of 100 bytes"),
        (sends(DATA, length="-5"), Unavailable, None),
        (sends(b""), Invalid, "empty file"),
        (sends(b"x", 404), Invalid, "no file at this address"),
        (sends(b"x", 403), Invalid, "does not give"),
        (sends(b"x", 500), Unavailable, r"error \(500\)"),
        (sends(b"<!DOCTYPE html><html>"), Invalid, "a web page"),
        (lambda handler: handler.wfile.write(b"SSH-2.0-x\r\n"), Unavailable, "does not speak HTTP"),
        (lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 5_000), Unavailable, "does not speak HTTP"),
        (lambda handler: None, Unavailable, "broke off"),
    ],
)
def test_an_answer_that_is_no_file_is_told_in_words(serve, folder, answer, error, told):
    url = serve({"/a": answer})

    if told is None:
        fetch(f"{url}/a", folder)  # a length that is none is as good as none
        return
    with pytest.raises(error, match=told):
        fetch(f"{url}/a?key=hidden", folder, seconds=1.0)


def test_no_error_tells_what_stands_behind_the_question_mark(serve, folder):
    url = serve({"/a": sends(b"no", 403), "/b": redirects("ftp://x/?token=hidden")})

    for path in ("/a", "/b"):
        with pytest.raises(MHubError) as caught:
            fetch(f"{url}{path}?token=hidden", folder)
        assert "hidden" not in str(caught.value)


def test_a_server_that_does_not_prove_who_it_is_is_refused(tmp_path):
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "k",
        "-out",
        "c",
        "-days",
        "1",
        "-subj",
        "/CN=x",
    ]
    subprocess.run(make, check=True, cwd=tmp_path, capture_output=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "c", tmp_path / "k")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with pytest.raises(Unavailable, match="does not prove who it is: self-signed certificate"):
            fetch(f"https://127.0.0.1:{server.server_port}/a", tmp_path)
    finally:
        server.shutdown()
        server.server_close()


def test_a_port_on_which_nobody_answers_is_told(folder):
    with pytest.raises(Unavailable, match="does not answer"):
        fetch("http://127.0.0.1:9/a", folder)


WRONG = ("", "data.csv", "file:///etc/passwd", "ftp://x/a", "http://", "http://a:b@example.org/", "http://[::1", "http://x/a b")


@pytest.mark.parametrize("url", WRONG)
def test_what_is_no_address_is_told_beside_its_field(url):
    assert Web().check({"url": url}).problems.keys() == {"url"}


def test_what_may_be_a_key_is_part_of_the_secret():
    asked = Web().check({"url": "https://example.org/a.csv?token=hidden#top"})

    assert asked.config == {"url": "https://example.org/a.csv"} and asked.secret == {"query": "?token=hidden"}
    assert Web().words(asked.config) == "https://example.org/a.csv"
    assert Web().public_words({"url": "https://example.org:8443/hidden/a.csv"}) == "example.org"


def test_a_path_that_may_be_a_key_does_not_become_the_name_of_the_file(serve, folder):
    url = serve({"/export/hidden": sends(DATA)})

    assert fetch(f"{url}/export/hidden", folder) == ("127.0.0.1", DATA)
