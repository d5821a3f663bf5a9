"""What serves the pages: one web process, or several with HAProxy in front of them. `python -m jobs.front` becomes that HAProxy.

A browser's session lives in the memory of one web process, so a cookie keeps each browser with its own. The web processes listen
on unix sockets in a folder of the home, which nobody else on the machine can enter.
"""

from __future__ import annotations

import os
import resource
import shutil
import socket
from ipaddress import ip_network
from pathlib import Path

from mhub_core import settings
from mhub_core.errors import Invalid, Unavailable

SERVE = ["-m", "mhub_core.server"]
MAX_WEB = 64
MAX_CONNECTIONS = 10_000  # a browser keeps one for each tab, and up to six more for some seconds after a page has loaded
_FILES_OF_THE_FRONT = 200
_BESIDES_TABS = 600  # connections of one address: a hundred browsers that load a page at the same time
# Where packages put HAProxy that the PATH of an ordinary account does not name.
_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin")

CONFIGURATION = """\
# Written at each start by jobs/front.py. Changes made here are lost.
global
    maxconn {max_connections}
    nbthread 1

defaults
    mode http
    maxconn {max_connections}
    timeout http-request 10s
    # Shorter than the 5 seconds of a web process, so that no request meets a connection that is being closed.
    timeout http-keep-alive 4s
    timeout connect 5s
    timeout queue 10s
    timeout client 60s
    # The hub checks and stores a large upload before it answers.
    timeout server 10m
    # Open tabs: the web process pings each every 30 seconds.
    timeout tunnel 2m
    # A busy web process answers late; one that has died refuses the connection, which is noticed at once.
    timeout check 10s

listen hub
    bind {address}
{limits}
    balance leastconn
    # A connection to a web process ends with the browser's. Bodies are passed on while they come in.
    http-reuse never
    # Appends the address of who connects. The web process believes what stands before it only if a trusted proxy wrote it.
    option forwardfor
    cookie {cookie} insert indirect nocache httponly attr SameSite=Lax
    option redispatch 1
    retries 3
    option httpchk
    http-check send meth GET uri /_stcore/health hdr Host localhost
    http-check expect status 200
    default-server check inter 2s fastinter 500ms fall 3 rise 1 observe layer4 error-limit 1 on-error mark-down
    errorfile 503 503.http
"""
LIMITS = """\
    # Counted by the /64 of an IPv6 address, all of which one customer has at will.
    stick-table type ipv6 size 100k expire 1m store conn_cur
    tcp-request connection track-sc0 src,ipmask(32,64){unless}
    tcp-request connection reject if {{ sc0_conn_cur gt {most} }}"""
AWAY = """\
HTTP/1.1 503 Service Unavailable\r
Content-Type: text/html; charset=utf-8\r
Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r
Cache-Control: no-store\r
Retry-After: 5\r
Connection: close\r
\r
<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5"><title>M-Hub is starting</title>
<body style="font-family: sans-serif; max-width: 32em; margin: 15vh auto; padding: 0 1em"><h1>This hub is starting</h1>
<p>Its pages are not ready yet; this page tries again every five seconds. Nothing is lost: runs continue, and everything you saved
is there.</p></body></html>
"""


def binary() -> str | None:
    """Return the path of HAProxy, or None where it is not installed."""
    return shutil.which("haproxy", path=os.pathsep.join((os.environ.get("PATH", ""), *_FOLDERS)))


def folder() -> Path:
    """Return where the configuration and the sockets of the web processes lie."""
    return settings.home() / "front"


def names() -> list[str]:
    """Return the names of the web processes. Raises Invalid for a number that cannot be."""
    num_web = settings.number("MHUB_WEB")
    if not 1 <= num_web <= MAX_WEB:
        raise Invalid(f"MHUB_WEB is {num_web}.", f"A number of web processes from 1 to {MAX_WEB}.", "Change MHUB_WEB or --web.")
    return ["web"] if num_web == 1 else [f"web-{number + 1}" for number in range(num_web)]


def table() -> dict[str, list[str]]:
    """Return what to run, by name. Without HAProxy each of several web processes has a port of its own."""
    if len(names()) == 1:
        return {"web": SERVE}
    if binary() is None:
        return {name: [*SERVE, "--port", str(port)] for name, port in zip(names(), ports(), strict=True)}
    return {name: [*SERVE, "--socket", str(folder() / f"{name}.sock")] for name in names()} | {"front": ["-m", "jobs.front"]}


def ports() -> list[int]:
    """Return the ports that this hub listens on."""
    first = settings.number("MHUB_PORT")
    return [first] if binary() else [first + number for number in range(len(names()))]


def advice() -> str:
    """Return what the person who starts the hub should know of its addresses; nothing where there is one."""
    if len(ports()) == 1:
        return ""
    return (
        f"HAProxy is not installed, so each of the {len(ports())} web processes has an address of its own: ports {ports()[0]} to "
        f"{ports()[-1]}. For one address, install HAProxy (apt, dnf or brew install haproxy) and start again, or put a proxy of "
        "your own in front of them: docs/network.md says how."
    )


def configuration() -> str:
    """Return HAProxy's configuration. It runs in our folder, so that no path has to be quoted, or is too long for a socket."""
    cookie = f"mhub_web_{settings.number('MHUB_PORT')}"
    head = CONFIGURATION.format(max_connections=_max_connections(), address=_address(), limits=_limits(), cookie=cookie)
    return head + "".join(f"    server {name} unix@{name}.sock cookie {name}\n" for name in names())


def _limits() -> str:
    """Return how many connections one address may have, tabs and all. A trusted proxy speaks for many, and is not counted."""
    proxies = settings.text("MHUB_TRUSTED_PROXIES")
    if proxies == "*":
        return ""
    most = settings.number("MHUB_MAX_TABS_PER_ADDRESS") * len(names()) + _BESIDES_TABS
    named = " ".join(filter(_is_network, map(str.strip, proxies.split(","))))
    return LIMITS.format(most=most, unless=f" unless {{ src {named} }}" if named else "")


def _is_network(address: str) -> bool:
    try:
        ip_network(address)
    except ValueError:
        return False
    return True


def _address() -> str:
    """Return where to listen, in HAProxy's words. Its last colon stands before the port, also after an IPv6 address."""
    host, port = settings.text("MHUB_HOST"), settings.number("MHUB_PORT")
    family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return f"{'ipv6' if family == socket.AF_INET6 else 'ipv4'}@{where[0]}:{port}"


def _max_connections() -> int:
    """Return how many connections there are files for: HAProxy needs two for each, and refuses to start with fewer."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return MAX_CONNECTIONS if hard == resource.RLIM_INFINITY else min(MAX_CONNECTIONS, (hard - _FILES_OF_THE_FRONT) // 2)


def main() -> None:
    """Write the configuration and become HAProxy. Raises Unavailable when it was removed meanwhile."""
    program = binary()
    if program is None:
        raise Unavailable("HAProxy is not installed any more.", "", "Install it, or start the hub again.")
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder() / "haproxy.cfg").write_text(configuration(), encoding="utf-8")
    (folder() / "503.http").write_text(AWAY, encoding="utf-8", newline="")
    os.chdir(folder())
    os.execv(program, [program, "-db", "-f", "haproxy.cfg"])


if __name__ == "__main__":
    main()
