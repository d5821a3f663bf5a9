"""Run a command against a real S3 server: OpenStack Swift with its s3api, thrown away afterwards.

    python -m tests.swift -- .venv/bin/pytest tests/storage

MHUB_TEST_STORAGE is set for the command, so that every test keeps its files there. Without a command it runs until Ctrl-C.

Swift comes from the packages of Debian or Ubuntu; nothing of an installed service is touched.
"""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests import services

PACKAGES = "swift-proxy swift-account swift-container swift-object memcached"
PROGRAMS = ("swift-ring-builder", "swift-proxy-server", "swift-account-server", "swift-container-server", "memcached")
KINDS = ("account", "container", "object")
ACCOUNT = {"AWS_ACCESS_KEY_ID": "test:tester", "AWS_SECRET_ACCESS_KEY": "testing"}
CONFIGURATION = Path("/etc/swift/swift.conf")  # the one file whose place Swift does not let anybody choose

STORAGE = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
user = {user}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
disable_fallocate = true
workers = 0
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""

PROXY = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
user = {user}
swift_dir = {folder}
workers = 0
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:{memcached}
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""


def missing() -> str:
    """Return what to install first, or nothing."""
    if all(shutil.which(program) for program in PROGRAMS) and os.access(CONFIGURATION, os.R_OK):
        return ""
    return (
        f"Swift is not installed, or {CONFIGURATION} cannot be read. As root: apt-get install --no-install-recommends {PACKAGES}"
    )


@contextmanager
def swift_server() -> Iterator[str]:
    """Run Swift in a temporary folder and give the URL of a bucket; its credentials are ACCOUNT."""
    with tempfile.TemporaryDirectory(prefix="mhub-swift-") as name, ExitStack() as running:
        folder = Path(name)
        (folder / "devices" / "d1").mkdir(parents=True)
        facts = {"folder": folder, "user": getpass.getuser(), "memcached": services.free_port()}
        owner = ["-u", getpass.getuser()]
        running.enter_context(started(folder, "memcached", "-l", "127.0.0.1", "-p", str(facts["memcached"]), *owner))
        for kind in (*KINDS, "proxy"):
            port = services.free_port()
            (folder / f"{kind}.conf").write_text((STORAGE if kind in KINDS else PROXY).format(kind=kind, port=port, **facts))
            if kind in KINDS:
                make_ring(folder, kind, port)
            running.enter_context(started(folder, f"swift-{kind}-server", str(folder / f"{kind}.conf"), "--verbose"))
            services.wait_until(lambda port=port: socket.create_connection(("127.0.0.1", port), 1).close() is None, 120)
        url = f"s3://mhub-tests?endpoint=http://127.0.0.1:{port}"
        services.make_bucket(url)
        yield url


def make_ring(folder: Path, kind: str, port: int) -> None:
    """Tell Swift that its one device of this kind listens on this port."""
    builder = str(folder / f"{kind}.builder")
    for words in (["create", "4", "1", "0"], ["add", f"r1z1-127.0.0.1:{port}/d1", "1"], ["rebalance"]):
        subprocess.run(["swift-ring-builder", builder, *words], check=True, stdout=subprocess.DEVNULL, cwd=folder)


@contextmanager
def started(folder: Path, *command: str) -> Iterator[None]:
    """Run a program until the block ends; its words go to a log in the folder."""
    with (folder / f"{command[0]}.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True)
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def main(command: list[str]) -> int:
    """Run the command with the server's address and credentials, and return its exit code."""
    if missing():
        print(missing(), file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # also then everything is stopped and removed
    os.environ.update(ACCOUNT)
    with swift_server() as url:
        print(f"STORAGE_URL={url}", *(f"{name}={value}" for name, value in ACCOUNT.items()), sep="\n", flush=True)
        if not command:
            with suppress(KeyboardInterrupt):
                signal.pause()
            return 0
        return subprocess.run(command, env={**os.environ, "MHUB_TEST_STORAGE": url}).returncode


if __name__ == "__main__":
    words = sys.argv[1:]
    sys.exit(main(words[1:] if words[:1] == ["--"] else words))
