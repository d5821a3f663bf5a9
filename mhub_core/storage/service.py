"""Put and get blobs by key, wherever STORAGE_URL has them kept. A blob is stored before the row that names it."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import IO

from mhub_core.errors import NotFound, TooLarge
from mhub_core.storage import blob_service, cache, stores, troubles
from mhub_core.storage.backend import is_key
from mhub_core.storage.folder import key_of, pieces

Admit = Callable[[str, int], None]  # gets the key of a blob and its size


def put_pieces(pieces: Iterable[bytes], max_bytes: int | None = None) -> str:
    """Store a stream of bytes and return its key. Raises TooLarge after `max_bytes`, Unavailable when the store is away or full.

    Nothing is left behind then.
    """
    with troubles.disk_in_words():
        handle, name = tempfile.mkstemp(dir=incoming())
    try:
        with troubles.disk_in_words(), os.fdopen(handle, "wb") as file:
            key = _write(pieces, file, max_bytes)
        return _keep(Path(name), key)
    finally:
        Path(name).unlink(missing_ok=True)


def _write(pieces: Iterable[bytes], file: IO[bytes], max_bytes: int | None) -> str:
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        size += len(piece)
        if max_bytes is not None and size > max_bytes:
            raise TooLarge(
                "The file is too large.",
                f"At most {max_bytes // 1_000_000} MB.",
                "Upload a smaller file, or ask for a higher limit.",
            )
        digest.update(piece)
        file.write(piece)
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest()


def _keep(path: Path, key: str, sender_id: int | None = None) -> str:
    """Give a finished file to the store. What goes elsewhere stays as a copy, because this machine will soon want it."""
    blob_service.record(key, path.stat().st_size, sender_id)
    store = stores.current()
    store.put(path, key)
    if store.local_path(key) is None:
        cache.current().adopt(path, key)
    return key


def put_bytes(data: bytes) -> str:
    """Store bytes and return their key."""
    return put_pieces([data])


def put_file(path: Path) -> str:
    """Store a copy of a file and return its key."""
    return put_pieces(pieces(path))


def take_file(path: Path, sender_id: int | None = None, admit: Admit | None = None) -> str:
    """Store a file by moving it, without a copy when it lies below `incoming()`. Returns its key. `sender_id`: who uploaded it.

    `admit` is asked before anything is stored; what it raises is passed on. Raises Unavailable when the store is away or full;
    the file is still there then.
    """
    key = key_of(path)
    if admit:
        admit(key, path.stat().st_size)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    _keep(path, key, sender_id)
    path.unlink(missing_ok=True)
    return key


def incoming() -> Path:
    """Return the folder for files that are still being written, on a disk of this machine."""
    return stores.current().incoming()


def clear_incoming(grace: timedelta) -> int:
    """Remove unfinished files to which nobody has written for so long: who wrote them was killed. Returns how many."""
    return clear_remains(incoming().iterdir(), grace)


def clear_remains(paths: Iterable[Path], grace: timedelta) -> int:
    """Remove files and folders to which nobody has written for so long; what cannot be removed stays. Returns how many went."""
    left = [path for path in paths if time.time() - _last_written(path) > grace.total_seconds()]
    for path in left:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink(missing_ok=True)
    return len(left)


def _last_written(path: Path) -> float:
    """Return when something in a folder was last written, or a file; now for one that has just gone."""
    times = [time.time()]
    with suppress(OSError):
        times = [path.lstat().st_mtime, *(one.lstat().st_mtime for one in path.rglob("*"))]
    return max(times)


def local_path(key: str) -> Path:
    """Return a local, read-only file with the bytes of a blob, fit for memory mapping. Open it soon: it may be a copy.

    Raises NotFound when the blob is missing or damaged, Unavailable when the store is away.
    """
    _require_key(key)
    store = stores.current()
    return store.local_path(key) or cache.current().get(key, store)


def borrow(key: str, folder: Path) -> Path:
    """Return a file with the bytes of a blob for long work: a copy gets a second name in `folder`, and stays as long as that."""
    path = local_path(key)
    if stores.current().local_path(key) is not None:
        return path
    mine = folder / key
    if mine.exists():
        return mine
    with troubles.disk_in_words():
        try:
            mine.hardlink_to(path)
        except OSError:  # another disk
            shutil.copyfile(path, mine)
    return mine


def made_of(key: str, mark: str, num_bytes: int, write: Callable[[Path], None]) -> Path:
    """Return a local file that `write` makes of a blob, made unless it is there still. Open it soon. It goes when the blob goes.

    `mark` tells it from others that are made of the same blob; `num_bytes`: how large it is, about.
    """
    _require_key(key)
    return cache.current().make(f"{key}.{mark}", num_bytes, write)


def made_before(key: str, mark: str) -> Path | None:
    """Return what `made_of` would, if it is there. Open it soon."""
    _require_key(key)
    return cache.current().find(f"{key}.{mark}")


def verified_path(key: str) -> Path:
    """Return `local_path` after all bytes were compared with the key. Raises NotFound when it is missing or damaged, Unavailable.

    For what is trusted as a whole: the data of a run, a model. A disk that lost some bytes says nothing by itself.
    """
    path = local_path(key)
    if key_of(path) == key:
        return path
    if stores.current().local_path(key) is None:
        cache.current().drop(key)  # the copy went bad; the blob may still be good
        path = local_path(key)
        if key_of(path) == key:
            return path
    raise troubles.damaged(key)


def read_bytes(key: str) -> bytes:
    """Return all bytes of a blob, verified against its key. Raises NotFound when it is missing or damaged, and Unavailable."""
    return verified_path(key).read_bytes()


def num_bytes(key: str) -> int:
    """Return the size of a blob. Raises NotFound."""
    _require_key(key)
    size = stores.current().num_bytes(key)
    if size is None:
        raise troubles.missing(key)
    return size


def list_keys() -> Iterator[str]:
    """Give the key of every blob, in no order; those of a bucket come by and by."""
    return stores.current().list_keys()


def delete(key: str) -> None:
    """Remove a blob; one that is not there is no error. Who has it open or mapped keeps it; copies on other machines fade."""
    _require_key(key)
    store = stores.current()
    store.delete(key)
    cache.current().drop(key)


def where() -> str:
    """Return where the files lie, without secrets."""
    return stores.current().where()


def check() -> None:
    """Raise Unavailable when files can be neither read nor written now."""
    stores.current().check()


def _require_key(key: str) -> None:
    if not is_key(key):
        raise NotFound("There is no file with that key.")
