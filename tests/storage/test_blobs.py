"""A blob is all there or not at all."""

from __future__ import annotations

import pytest

from mhub_core.errors import NotFound, TooLarge
from mhub_core.storage import service as storage


def test_bytes_come_back_as_they_went_in(hub_home):
    key = storage.put_bytes(b"hello")

    assert storage.read_bytes(key) == b"hello"
    assert storage.put_bytes(b"hello") == key


def test_a_stream_over_the_limit_is_refused_and_leaves_nothing(hub_home):
    with pytest.raises(TooLarge):
        storage.put_pieces((b"x" * 100 for _ in range(100)), max_bytes=1000)

    assert [path for path in storage.root().rglob("*") if path.is_file()] == []


def test_a_damaged_blob_is_noticed(hub_home):
    key = storage.put_bytes(b"weights")
    path = storage.local_path(key)
    path.chmod(0o644)
    path.write_bytes(b"wxights")

    with pytest.raises(NotFound, match="damaged"):
        storage.read_bytes(key)


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "a" * 63, "A" * 64])
def test_a_key_is_never_a_path(hub_home, key):
    with pytest.raises(NotFound):
        storage.local_path(key)
