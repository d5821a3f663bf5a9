"""Copies of S3 files: bounded, shared by processes, and safe for who reads them."""

from __future__ import annotations

import hashlib
import mmap
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mhub_core import settings
from mhub_core.errors import TooLarge, Unavailable
from mhub_core.storage import cache, disk
from mhub_core.storage import service as storage
from mhub_core.storage.s3 import Bucket
from tests.storage.conftest import age, forget_copies, no_file_larger_than

MB = 1_000_000


@pytest.fixture(autouse=True)
def small_cache(hub_home, on_s3, monkeypatch) -> None:
    """A cache of 3 MB on S3."""
    monkeypatch.setenv("MHUB_CACHE_MB", "3")


def put(letter: bytes, num_bytes: int = MB) -> str:
    return storage.put_bytes(letter * num_bytes)


def copies() -> set[str]:
    return {path.name for path in (cache.work_folder() / "cache").iterdir() if path.is_file()}


def test_what_was_just_stored_need_not_be_fetched(monkeypatch):
    key = put(b"a")
    monkeypatch.setenv("STORAGE_URL", "s3://mhub-tests?endpoint=http://127.0.0.1:9")

    assert storage.read_bytes(key) == b"a" * MB


def test_what_was_used_longest_ago_goes_first():
    keys = [put(letter) for letter in (b"a", b"b", b"c")]
    for key in keys:
        age(key, 2 * cache.KEEP_SECONDS)
    storage.local_path(keys[0])  # which is thereby the newest

    fourth = put(b"d")

    assert copies() == {keys[0], keys[2], fourth}
    assert storage.read_bytes(keys[1]) == b"b" * MB


def test_what_was_used_a_moment_ago_stays_beyond_the_limit():
    keys = {put(letter) for letter in (b"a", b"b", b"c", b"d")}

    assert copies() == keys


def test_a_copy_that_somebody_has_mapped_stays_usable_when_it_goes():
    array = np.arange(MB // 4, dtype=np.int32)
    np.save(storage.incoming() / "x.npy", array)
    key = storage.take_file(storage.incoming() / "x.npy")
    mapped = np.load(storage.local_path(key), mmap_mode="r")
    age(key, 2 * cache.KEEP_SECONDS)

    put(b"b", 3 * MB)

    assert key not in copies() and np.array_equal(mapped, array) and isinstance(mapped.base, mmap.mmap)


def test_what_is_borrowed_for_long_work_stays_when_its_copy_goes(tmp_path):
    key = put(b"a")
    path = storage.borrow(key, tmp_path)
    age(key, 2 * cache.KEEP_SECONDS)

    put(b"b", 3 * MB)

    assert key not in copies() and path.read_bytes() == b"a" * MB


def test_a_blob_larger_than_the_whole_cache_still_works():
    old, key = put(b"a"), put(b"b", 5 * MB)
    age(old, 2 * cache.KEEP_SECONDS)
    forget_copies()

    assert storage.local_path(key).stat().st_size == 5 * MB
    age(key, 2 * cache.KEEP_SECONDS)
    storage.local_path(old)
    assert copies() == {old}


@pytest.mark.slow
def test_many_processes_on_a_small_cache_all_get_their_files(monkeypatch):
    keys = [put(bytes([65 + number])) for number in range(8)]
    forget_copies()
    code = f"""
import random, sys
from mhub_core.storage import cache, service
cache.KEEP_SECONDS = 1
keys = {keys!r}
for _ in range(40):
    number = random.randrange(8)
    assert service.local_path(keys[number]).read_bytes() == bytes([65 + number]) * {MB}
"""
    children = [subprocess.Popen([sys.executable, "-c", code], cwd=settings.ROOT) for _ in range(3)]

    assert [child.wait(120) for child in children] == [0, 0, 0]
    assert all(hashlib.sha256((cache.work_folder() / "cache" / key).read_bytes()).hexdigest() == key for key in copies())


def test_a_blob_is_fetched_once_for_all_who_wait_for_it(monkeypatch):
    fetched: list[str] = []
    fetch = Bucket.open
    key = put(b"a")
    forget_copies()
    monkeypatch.setattr(Bucket, "open", lambda bucket, key: (fetched.append(key), time.sleep(0.2), fetch(bucket, key))[2])

    with ThreadPoolExecutor(8) as threads:
        paths = set(threads.map(storage.local_path, [key] * 8))

    assert fetched == [key] and len(paths) == 1


def test_what_a_killed_process_left_half_fetched_is_removed():
    part = cache.work_folder() / "cache" / "part-of-somebody-dead"
    put(b"a")
    part.write_bytes(b"half")
    put(b"b")
    assert part.exists()  # it may still be fetched
    os.utime(part, (time.time() - 7200,) * 2)

    put(b"c")

    assert not part.exists()


def test_a_full_disk_of_this_machine_is_told_as_such():
    key = put(b"a", 2 * MB)
    forget_copies()
    with no_file_larger_than(MB), pytest.raises(Unavailable, match="disk of the hub is full"):
        storage.local_path(key)

    assert copies() == set() and storage.local_path(key).stat().st_size == 2 * MB


def test_a_home_that_cannot_be_written_is_replaced_by_a_temporary_folder(monkeypatch, tmp_path):
    key = put(b"a")
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MHUB_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    assert storage.read_bytes(key) == b"a" * MB and tmp_path in storage.local_path(key).parents


def test_copies_leave_the_reserve_of_the_disk_free_and_make_room_for_new_data(monkeypatch):
    keys = [put(letter) for letter in (b"a", b"b", b"c")]
    for key in keys[:2]:
        age(key, 2 * cache.KEEP_SECONDS)
    free = shutil.disk_usage(cache.work_folder()).free
    monkeypatch.setattr(cache, "reserve", lambda: free + 10 * MB)  # as on a disk that copies have filled
    monkeypatch.setattr(disk, "reserve", lambda: 0)

    disk.require_room()
    assert copies() == set(keys), "there is room"

    monkeypatch.setattr(disk, "reserve", lambda: free + 10 * MB)
    with pytest.raises(Unavailable, match="nearly full"):
        disk.require_room()
    assert copies() == {keys[2]}, "whatever nobody uses now went before new data were refused"


def test_what_would_take_more_than_all_copies_may_is_not_made():
    key = put(b"a")
    written: list[object] = []

    with pytest.raises(TooLarge, match="4 MB"):
        cache.current().make(f"{key}.x", 4 * MB, written.append)

    assert not written and copies() == {key}
