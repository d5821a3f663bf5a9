"""What `mhub status` prints: what runs, since when, which versions, where the data lies, what is queued."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
import time
from typing import Any

from jobs import machine
from jobs.home import Home, is_alive
from mhub_core import settings
from mhub_core.errors import Damaged, Unavailable
from mhub_core.runs import worker_service as runs
from mhub_core.storage import service as storage

PACKAGES = ("streamlit", "keras", "tensorflow-cpu", "tensorflow", "dramatiq", "sqlalchemy")


def main() -> None:
    """Print the state of the hub and of a joined worker on this home. Code 1 when nothing runs."""
    homes = [Home(settings.home(), kind) for kind in ("hub", "worker")]
    running = [home for home in homes if home.is_locked()]
    lines = [line for home in running for line in describe(home)] or ["M-Hub is not running on this home."]
    print("\n".join([*lines, *where(), *damage(), *versions()]))
    sys.exit(0 if running else 1)


def describe(home: Home) -> list[str]:
    """Return the lines about one supervisor and its processes."""
    state = home.read_state()
    if not is_alive(state.get("pid", 0)):
        return [f"The {home.kind} is starting or stopping."]
    lines = [
        f"The {home.kind} has been running since {moment(state['started'])} (process {state['pid']}). {state['url']}".rstrip()
    ]
    lines += [child_line(child) for child in state["children"]]
    return lines + (health_lines(machine.health(state["url"])) if state["url"] else [])


def child_line(child: dict[str, Any]) -> str:
    """Return one line about one process."""
    again = f", restarted {child['restarts']} times" if child["restarts"] else ""
    since = f"process {child['pid']}, since {moment(child['started'])}" if child["pid"] else "waiting to be restarted"
    return f"  {child['name']:10} {since}{again}"


def health_lines(answer: dict[str, Any]) -> list[str]:
    """Return what the web process says of itself, the workers and the queue."""
    lines = [f"Health: {answer.get('status', 'the web process does not answer')}"]
    lines += [
        f"  {name}: {answer[name]}" for name in ("version", "database", "broker", "storage", "disk", "queued") if name in answer
    ]
    for worker in answer.get("workers", []):
        lines.append(f"  {worker['queue']} worker: {'alive' if worker['alive'] else 'not seen lately'}")
    return lines


def where() -> list[str]:
    """Return where the data lies, without passwords."""
    urls = {"Database": settings.database_url(), "Broker": settings.redis_url()}
    lines = [f"Home: {settings.home()}"] + [f"{name}: {without_password(url)}" for name, url in urls.items()]
    return [*lines, f"Files: {files()}"]


def damage() -> list[str]:
    """Return what is wrong with the file of the database and how to repair it, or nothing."""
    try:
        runs.check_database()
    except Damaged as error:
        return [str(error)]
    return []


def files() -> str:
    """Return where the files lie, or what is wrong with STORAGE_URL."""
    try:
        return storage.where()
    except Unavailable as error:
        return str(error)


def without_password(url: str) -> str:
    """Return a URL with what stands before the @ left out."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.split('@')[-1]}"


def versions() -> list[str]:
    """Return the versions of Python and of what matters most."""
    found = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ["Versions: " + ", ".join(found)]


def moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


if __name__ == "__main__":
    main()
