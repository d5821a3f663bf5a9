"""A blob is all there or not at all, in every kind of store."""

from __future__ import annotations

import mmap
import subprocess
import sys

import pytest

from mhub_core import settings
from mhub_core.errors import NotFound, TooLarge, Unavailable
from mhub_core.storage import service as storage
from tests.storage.conftest import forget_copies, left_over, no_file_larger_than

pytestmark = pytest.mark.slow

ABSENT = "0" * 64


def test_bytes_come_back_as_they_went_in(store):
    key = storage.put_bytes(b"hello")
    forget_copies()

    assert storage.read_bytes(key) == b"hello"
    assert storage.put_bytes(b"hello") == key


def test_an_empty_blob_is_a_blob(store):
    key = storage.put_bytes(b"")
    forget_copies()

    assert storage.read_bytes(key) == b"" and storage.num_bytes(key) == 0


def test_a_file_of_many_parts_comes_back_whole(store, tmp_path):
    data = b"".join(number.to_bytes(4, "big") for number in range(5_000_000))  # 20 MB, which no two pieces of are the same
    (tmp_path / "large").write_bytes(data)

    key = storage.put_file(tmp_path / "large")
    forget_copies()

    assert storage.num_bytes(key) == len(data) and storage.local_path(key).read_bytes() == data
    assert (tmp_path / "large").exists() and left_over() == []


def test_a_file_that_is_taken_is_gone_where_it_was(store):
    path = storage.incoming() / "model"
    path.write_bytes(b"weights")

    key = storage.take_file(path)

    assert not path.exists() and storage.read_bytes(key) == b"weights"


def test_a_local_file_is_read_only_and_can_be_mapped(store):
    key = storage.put_bytes(b"0123456789")
    forget_copies()
    path = storage.local_path(key)

    assert path.stat().st_mode & 0o777 == 0o444
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert mapped[3:5] == b"34"


def test_a_borrowed_file_is_the_blob(store, tmp_path):
    key = storage.put_bytes(b"weights")
    forget_copies()

    assert storage.borrow(key, tmp_path).read_bytes() == b"weights"


def test_a_stream_over_the_limit_is_refused_and_leaves_nothing(store):
    with pytest.raises(TooLarge):
        storage.put_pieces((b"x" * 100 for _ in range(100)), max_bytes=1000)

    assert list(storage.list_keys()) == [] and left_over() == []


def test_keys_are_listed_and_what_is_deleted_is_gone(store):
    keys = {storage.put_bytes(str(number).encode()) for number in range(5)}
    gone = keys.pop()

    storage.delete(gone)
    storage.delete(gone)

    assert set(storage.list_keys()) == keys
    for verb in (storage.local_path, storage.read_bytes, storage.num_bytes):
        with pytest.raises(NotFound, match="missing"):
            verb(gone)


def test_who_has_a_file_open_keeps_it_when_the_blob_is_deleted(store):
    key = storage.put_bytes(b"still here")

    with storage.local_path(key).open("rb") as file:
        storage.delete(key)

        assert file.read() == b"still here"


def test_a_blob_that_is_gone_is_told_in_words(store):
    with pytest.raises(NotFound, match="missing.*blob 000000000000.*backup"):
        storage.local_path(ABSENT)


def test_a_damaged_blob_is_noticed(store):
    key = storage.put_bytes(b"weights")
    damage(key)
    if store == "folder":
        with pytest.raises(NotFound, match="damaged"):
            storage.read_bytes(key)
    else:  # only this machine's copy is damaged: the blob itself comes again
        assert storage.read_bytes(key) == storage.local_path(key).read_bytes() == b"weights"


def test_a_damaged_blob_is_whole_again_when_the_right_bytes_come_again(store):
    key = storage.put_bytes(b"weights")
    damage(key)
    assert storage.put_bytes(b"weights") == key
    assert storage.read_bytes(key) == b"weights"


def damage(key: str) -> None:
    path = storage.local_path(key)
    path.chmod(0o644)
    path.write_bytes(b"wxights")


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "a" * 63, "A" * 64])
def test_a_key_is_never_a_path(store, key):
    for verb in (storage.local_path, storage.num_bytes, storage.delete):
        with pytest.raises(NotFound):
            verb(key)


def test_a_store_that_is_well_says_where_it_is_and_nothing_secret(store):
    storage.check()

    assert str(settings.home()) in storage.where() or storage.where().startswith("s3://")
    assert not settings.text("AWS_SECRET_ACCESS_KEY") or settings.text("AWS_SECRET_ACCESS_KEY") not in storage.where()


def test_several_processes_store_and_fetch_the_same_blob_at_once(store):
    key = storage.put_bytes(b"x" * 3_000_000)
    forget_copies()
    code = f"from mhub_core.storage import service as s; assert len(s.read_bytes({key!r})) == 3_000_000\n"
    code += f"assert s.put_bytes(b'x' * 3_000_000) == {key!r}"

    children = [subprocess.Popen([sys.executable, "-c", code], cwd=settings.ROOT) for _ in range(4)]

    assert [child.wait(60) for child in children] == [0, 0, 0, 0]
    assert list(storage.list_keys()) == [key] and left_over() == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://host/folder", "names a kind of store that this hub does not know"),
        ("/srv/mhub", "names a kind of store that this hub does not know"),
        ("file://host/folder", "three slashes"),
        ("s3:///prefix", "does not name an S3 bucket"),
        ("s3://bucket?endpiont=http://host", "does not name an S3 bucket"),
        ("s3://bucket?endpoint=host:9000", "not a server address"),
        ("s3://me:secret@bucket", "holds a secret"),
        ("s3://bucket?endpoint=http://me:secret@host", "holds a secret"),
        ("s3://bucket/prefix", "no credentials"),
    ],
)
def test_a_wrong_address_is_told_in_words(hub_home, monkeypatch, url, words):
    monkeypatch.setenv("STORAGE_URL", url)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(Unavailable, match=words) as told:
        storage.put_bytes(b"hello")

    assert "me:secret" not in str(told.value)


def test_a_full_disk_is_told_and_nothing_is_half_written(store):
    with no_file_larger_than(1_000_000), pytest.raises(Unavailable, match="disk of the hub is full.*none of your data is lost"):
        storage.put_bytes(b"x" * 3_000_000)

    assert list(storage.list_keys()) == [] and left_over() == []
