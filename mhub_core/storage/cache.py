"""Copies of blobs on this machine, for a store that lies elsewhere: fit for memory mapping, checked against their keys.

Any number of processes share the folder. A copy appears by a rename once all of its bytes were compared with its key, so it is
there as a whole or not at all. A lock for the keys that begin alike lets one process fetch what several wait for. When the copies
pass the limit, those go first that were used longest ago; one that a process holds open or mapped lives on for it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mhub_core import look, settings
from mhub_core.errors import TooLarge, Unavailable
from mhub_core.storage import troubles
from mhub_core.storage.backend import Backend, is_key

KEEP_SECONDS = 600  # who was told of a copy has that long to open it
_REMAINS_SECONDS = 3600
_away: tuple[float, Unavailable] | None = None  # when a store was last found to be away, and what it said


def work_folder() -> Path:
    """Return the folder for copies and unfinished files: the home, or a temporary one where that cannot be written."""
    home = settings.home()
    with suppress(OSError):
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return home if os.access(home, os.W_OK | os.X_OK) else Path(tempfile.gettempdir()) / f"mhub-{os.getuid()}"


def reserve() -> int:
    """Return how many bytes of the disk stay free for what runs and the database must write."""
    return settings.number("MHUB_DISK_RESERVE_MB") * 1_000_000


def current() -> Cache:
    """Return the copies of this machine. Raises Unavailable when the disk has no place for them."""
    folder = work_folder() / "cache"
    with troubles.disk_in_words():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Cache(folder, settings.number("MHUB_CACHE_MB") * 1_000_000)


def require_size(num_bytes: int) -> None:
    """Raise TooLarge for a file to be made of a version that would take more than all copies together may."""
    most = settings.number("MHUB_CACHE_MB") * 1_000_000
    if num_bytes > most:
        happened = f"The examples take {num_bytes / 1e6:,.0f} MB when they are unpacked for reading."
        mend = "Take fewer or smaller ones, or ask the administrator to raise MHUB_CACHE_MB."
        raise TooLarge(happened, f"At most {most / 1e6:,.0f} MB.", mend)


class Cache:
    """The copies in one folder, at most about `max_bytes` in all, and fewer where they would touch the reserve of the disk."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder, self._max_bytes = folder, max_bytes

    def get(self, key: str, store: Backend) -> Path:
        """Return the copy of a blob, fetched when it is not there. Raises NotFound (missing or damaged) and Unavailable."""
        path = self._folder / key
        if not _is_there(path):
            look.forget()  # no transaction of a page lasts while it waits
            began = time.monotonic()
            with troubles.disk_in_words(), self._lock(key[:2]):
                if not _is_there(path):
                    self._fetch_unless_away(key, store, began)
        return path

    def adopt(self, path: Path, key: str) -> None:
        """Take a file that was just stored as the copy of its blob, when it can be moved here. It was checked and flushed."""
        with suppress(OSError), self._lock(key[:2]):
            self.make_room(path.stat().st_size)
            _finish(path, self._folder / key)

    def make(self, name: str, num_bytes: int, write: Callable[[Path], None]) -> Path:
        """Return a file that `write` makes of a blob, unless it is there. `name`: the key of the blob, a point, and more.

        Raises TooLarge, before it is made, for one that would take more than all copies together may.
        """
        path = self._folder / name
        if not _is_there(path):
            look.forget()  # no transaction of a page lasts while it waits
            require_size(num_bytes)
            with troubles.disk_in_words(), self._lock(f"made-{name[:4]}"):  # making takes long: few others share the lock
                if not _is_there(path):
                    self.make_room(num_bytes)
                    self._make(path, write)
        return path

    def find(self, name: str) -> Path | None:
        """Return a file that was made, if it is there."""
        path = self._folder / name
        return path if _is_there(path) else None

    def _make(self, path: Path, write: Callable[[Path], None]) -> None:
        handle, name = tempfile.mkstemp(dir=self._folder, prefix="part-")
        os.close(handle)
        try:
            write(Path(name))
            _finish(Path(name), path)
        finally:
            Path(name).unlink(missing_ok=True)

    def drop(self, key: str) -> None:
        """Forget the copy of a blob, and what was made of it."""
        (self._folder / key).unlink(missing_ok=True)
        for made in self._folder.glob(f"{key}.*"):
            made.unlink(missing_ok=True)

    def _fetch_unless_away(self, key: str, store: Backend, began: float) -> None:
        """Fetch a blob. Who waited while the store was found to be away does not find that out once more, one after the other."""
        global _away
        if _away and _away[0] > began:
            raise Unavailable(_away[1].happened, _away[1].expected, _away[1].mend)
        try:
            self._fetch(key, store)
        except Unavailable as error:
            _away = time.monotonic(), error
            raise

    def _fetch(self, key: str, store: Backend) -> None:
        size, pieces = store.open(key)
        self.make_room(size)
        handle, name = tempfile.mkstemp(dir=self._folder, prefix="part-")
        digest = hashlib.sha256()
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in pieces:
                    digest.update(piece)
                    file.write(piece)
                    if file.tell() > size:  # more than was announced, for which no room was made
                        raise troubles.damaged(key)
                file.flush()
                os.fsync(file.fileno())
            if digest.hexdigest() != key:
                raise troubles.damaged(key)
            _finish(Path(name), self._folder / key)
        finally:
            Path(name).unlink(missing_ok=True)

    def make_room(self, size: int) -> None:
        """Remove what was used longest ago until `size` more bytes fit into the limit and onto the disk, above its reserve."""
        with self._lock("room"):
            copies = sorted(self._copies())
            total = sum(copy[1] for copy in copies)
            excess = max(total + size - self._max_bytes, size + reserve() - shutil.disk_usage(self._folder).free)
            for used, num_bytes, path in copies:
                if excess <= 0 or time.time() - used < KEEP_SECONDS:
                    return
                path.unlink(missing_ok=True)
                excess -= num_bytes

    def _copies(self) -> Iterator[tuple[float, int, Path]]:
        """Give when each copy was last used, its size and its path; remove what killed processes left half-fetched."""
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                facts = path.stat()
                if is_key(path.name.partition(".")[0]):
                    yield facts.st_mtime, facts.st_size, path
                elif path.name.startswith("part-") and time.time() - facts.st_mtime > _REMAINS_SECONDS:
                    path.unlink()

    @contextmanager
    def _lock(self, name: str) -> Iterator[None]:
        """Hold a lock that every thread and process on this folder feels. Of a process that dies, the system lets go of it."""
        locks = self._folder / "locks"
        locks.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (locks / name).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _is_there(path: Path) -> bool:
    """Tell whether there is a copy, and note in its time that it is used."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _finish(path: Path, target: Path) -> None:
    path.chmod(0o444)
    os.utime(path)
    path.replace(target)
