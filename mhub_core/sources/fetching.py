"""GET over HTTP by hand: every redirect is checked anew as an address; size, time and number of redirects are bounded."""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from mhub_core.data.records import Progress
from mhub_core.errors import Invalid, MHubError, TooLarge, Unavailable
from mhub_core.sources import addresses
from mhub_core.sources.source import Limits

MAX_REDIRECTS = 5
_SILENCE_SECONDS = 30.0
_WINDOW_SECONDS = 30.0  # over which speed is measured
_PIECE = 1 << 18
_TELL_SECONDS = 0.2
_MOST_OF_ERROR = 10_000
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Answer:
    """What a server answered with: its status, the beginning of what it said where that is an error, the name of the file."""

    status: int
    said: str = ""
    file_name: str = ""


def problem(url: str) -> str:
    """Return what is wrong with an address, or nothing."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no address"
    if parts.scheme not in _PORTS or not host:
        return "must begin with http:// or https:// and name a server"
    if "@" in parts.netloc:
        return "must not hold a user name or a password"
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        return "must not hold blanks"
    return ""


def get(url: str, path: Path, limits: Limits, progress: Progress, may_redirect: bool = True) -> Answer:
    """Write what lies at an address into a file. An answer that is an error writes nothing and is returned.

    Raises what tells why nothing came, without the part of an address behind its question mark: that may hold a key.
    """
    end = time.monotonic() + limits.seconds
    for _ in range(MAX_REDIRECTS + 1):
        parts = urlsplit(url)
        with _in_words(parts), _asked(parts, limits, end) as response:
            if response.status not in _REDIRECTS or not may_redirect:
                return _kept(response, parts, path, limits, progress)
            target = response.getheader("Location", "")
        url = _next(url, target)
    raise Invalid(f"The server redirects more than {MAX_REDIRECTS} times.", mend="Use the address of the file itself.")


def _next(url: str, target: str) -> str:
    there = urljoin(url, target.strip()) if target else ""
    if not there or (wrong := problem(there)):
        raise Invalid(
            f"The server redirects to what {wrong if there else 'is no address'}.", "A redirect to http:// or https://."
        )
    if url.startswith("https:") and there.startswith("http:"):
        raise Invalid("The server redirects from https:// to http://, which is not secure.", mend="Use the address of the file.")
    return there


class _Paced(io.RawIOBase):
    """What a server sends. Every byte passes here, of heads and errors too: none can be sent so slowly that it never ends."""

    def __init__(self, sock: socket.socket, limits: Limits, end: float) -> None:
        self._sock, self._limits, self._end = sock, limits, end
        self._since, self._came = 0.0, 0  # of the window; it opens with the first byte

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """Return what `http.client` reads from."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, place: Any) -> int:
        """Read what is there. Raises Unavailable for what is late or too slow."""
        num = self._sock.recv_into(place)
        now = time.monotonic()
        if now > self._end:
            raise too_long(self._limits)
        self._since = self._since or now
        self._came += num
        if (seconds := now - self._since) > _WINDOW_SECONDS:
            if self._came < seconds * self._limits.min_bytes_per_second:
                raise _too_slow(self._limits)
            self._since, self._came = now, 0
        return num


def _too_slow(limits: Limits) -> Unavailable:
    return Unavailable(
        "The server sends so slowly that others would wait for it, so the hub ended the connection.",
        f"At least {limits.min_bytes_per_second / 1000:g} kB per second, over {_WINDOW_SECONDS:.0f} seconds.",
        "Try again later, or download the file yourself and upload it.",
    )


@contextmanager
def _asked(parts: SplitResult, limits: Limits, end: float) -> Iterator[http.client.HTTPResponse]:
    """Ask a server, at the address that was checked."""
    host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
    connection = http.client.HTTPConnection(host, port)
    connection.sock = sock = addresses.connect(host, port, limits.networks)
    try:
        sock.settimeout(_SILENCE_SECONDS)
        if parts.scheme == "https":
            connection.sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
        where = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Host": _host(parts), "User-Agent": "M-Hub", "Accept": "*/*", "Accept-Encoding": "identity"}
        connection.request("GET", _ascii(where), headers=headers)
        spoken = connection.sock
        response = http.client.HTTPResponse(_Paced(spoken, limits, end), method="GET")  # type: ignore[arg-type]
        response.begin()
        yield response
    finally:
        connection.close()
        sock.close()


def _host(parts: SplitResult) -> str:
    name = str(parts.hostname)
    name = f"[{name}]" if ":" in name else name.encode("idna").decode()
    return f"{name}:{parts.port}" if parts.port else name


def _ascii(path: str) -> str:
    """Return a path in which letters that HTTP does not know are written by their bytes."""
    return "".join(letter if letter.isascii() else "".join(f"%{byte:02X}" for byte in letter.encode()) for letter in path)


def _kept(response: http.client.HTTPResponse, parts: SplitResult, path: Path, limits: Limits, progress: Progress) -> Answer:
    if response.status != 200:
        return Answer(response.status, response.read(_MOST_OF_ERROR).decode("utf-8", "replace"))
    declared = response.getheader("Content-Length") or ""
    total = int(declared) if declared.isdigit() else 0
    if total > limits.max_bytes:
        raise _too_large(limits)
    done = _write(response, path, limits, progress, total)
    if total and done < total:
        raise Unavailable(f"The connection ended early: {done:,} of {total:,} bytes came.", mend="Try again.")
    if not done:
        raise Invalid("The server sent an empty file.", mend="Check the address.")
    return Answer(200, file_name=_name(response.headers, parts))


def _write(response: http.client.HTTPResponse, path: Path, limits: Limits, progress: Progress, total: int) -> int:
    done, told = 0, 0.0
    with path.open("wb") as file:
        while piece := response.read1(_PIECE):
            if not done:
                _refuse_page(response, piece)
            done += len(piece)
            if done > limits.max_bytes:
                raise _too_large(limits)
            file.write(piece)
            if (now := time.monotonic()) - told > _TELL_SECONDS:
                progress(done, total, f"Fetching: {_megabytes(done, total)}")
                told = now
    return done


def _megabytes(done: int, total: int) -> str:
    return f"{done / 1e6:,.1f} of {total / 1e6:,.1f} MB" if total else f"{done / 1e6:,.1f} MB"


def _refuse_page(response: http.client.HTTPResponse, first: bytes) -> None:
    """Refuse a page for people: what somebody copies out of the browser's address bar often leads to one."""
    head = first[:512].lstrip().lower()
    if response.headers.get_content_type() == "text/html" or head.startswith((b"<!doctype html", b"<html")):
        raise Invalid(
            "The address leads to a web page, not to a file.",
            "The address from which the file itself comes.",
            "Copy the link of the download; on GitHub, the link “Raw”.",
        )


def _name(headers: Message, parts: SplitResult) -> str:
    path = unquote(parts.path).rstrip("/")  # whose end may be a key, where it does not look like the name of a file
    name = headers.get_filename() or (path if "." in path.rsplit("/", 1)[-1] else "")
    return name.replace("\\", "/").rsplit("/", 1)[-1].strip()[:200] or str(parts.hostname)


def _too_large(limits: Limits) -> TooLarge:
    return TooLarge(
        "The file is too large.", f"At most {limits.max_bytes // 1_000_000:,} MB.", "Fetch less, or ask the administrator."
    )


def too_long(limits: Limits) -> Unavailable:
    """Return the error for a source that takes longer than it may."""
    return Unavailable(
        f"The source took longer than {limits.seconds:,.0f} seconds.",
        "All of the data within that time.",
        "Ask for less data, or ask the administrator for more time (MHUB_SOURCE_SECONDS).",
    )


@contextmanager
def _in_words(parts: SplitResult) -> Iterator[None]:
    """Raise what the network raises in words that hold no more of the address than its server."""
    host, mend = repr(str(parts.hostname)[:200]), "Try again later, or check the address."
    try:
        yield
    except MHubError:
        raise
    except ssl.SSLError as error:
        why = getattr(error, "verify_message", "") or error.reason or "no secure connection"
        expected = "A certificate that this machine trusts, made out to that name."
        raise Unavailable(f"The server {host} does not prove who it is: {str(why)[:200]}.", expected, mend) from None
    except TimeoutError:
        raise Unavailable(f"The server {host} said nothing for {_SILENCE_SECONDS:.0f} seconds.", mend=mend) from None
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise Unavailable(f"The server {host} broke off or does not speak HTTP ({type(error).__name__}).", mend=mend) from None


def explain(answer: Answer, what: Mapping[int, str], where: str) -> MHubError:
    """Return the error for an answer that is one. `what` has words for some statuses."""
    told = what.get(answer.status) or f"The server {where} answered with an error ({answer.status})."
    kind = Unavailable if answer.status >= 500 or answer.status == 429 else Invalid
    return kind(told, mend="Check the address, or try again later." if kind is Unavailable else "Check the address.")
