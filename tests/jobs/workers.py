"""Real worker processes for tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mhub_core import settings


def start_worker(kind: str, **environment: str) -> subprocess.Popen[bytes]:
    """Start a worker in a group of its own, with this process's settings; its words go to a log under the home."""
    log = settings.home() / f"{kind}.log"
    with log.open("ab") as words:
        return subprocess.Popen(
            [sys.executable, "-m", "jobs.worker", kind],
            stdout=words,
            stderr=words,
            cwd=settings.ROOT,
            env={**os.environ, **environment},
            start_new_session=True,
        )


@contextmanager
def worker(kind: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker until the block ends, then ask it to stop."""
    process = start_worker(kind, **environment)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=60)
        finally:
            end_group(process.pid)


def end_group(group: int) -> None:
    """Kill what is left of a process group."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
