"""The tests of the file store run on each kind of store."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mhub_core.storage import cache
from mhub_core.storage import service as storage


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, hub_home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A test that asks for this runs twice: on a folder and on a server that speaks S3."""
    if request.param == "s3":
        request.getfixturevalue("on_s3")
    else:
        monkeypatch.delenv("STORAGE_URL", raising=False)
    return request.param


def forget_copies() -> None:
    """Be a machine that has not seen any blob yet."""
    for path in cache.work_folder().glob("cache/*"):
        if path.is_file():
            path.unlink()


def age(key: str, seconds: float) -> None:
    """Make a copy one that was used so long ago."""
    path = cache.work_folder() / "cache" / key
    used = path.stat().st_mtime - seconds
    os.utime(path, (used, used))


def left_over() -> list[str]:
    """Return the files that are still being written."""
    return [path.name for path in storage.incoming().iterdir()]


@contextmanager
def no_file_larger_than(num_bytes: int) -> Iterator[None]:
    """Be on a disk that is full once a file has that size."""
    least, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (least, most))
