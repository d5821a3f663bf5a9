"""Somebody else who holds the database: a process of its own that begins to write and does not end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mhub_core import settings

HOLD = """
import sys
from db import engine
with engine.engine().connect() as connection:
    connection.begin()
    connection.exec_driver_sql("SELECT 1" if connection.dialect.name == "sqlite" else "LOCK TABLE runs IN EXCLUSIVE MODE")
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held() -> Iterator[None]:
    """Hold the lock for writing until the block ends: all of a SQLite file, or the runs of PostgreSQL."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-c", HOLD], cwd=settings.ROOT, text=True, **pipes)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
    finally:
        process.communicate("")
