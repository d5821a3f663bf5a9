"""Blobs in a folder: of this machine, or one that several machines share.

A blob is written to a temporary file in the same folder, flushed, made read-only and renamed, so that a reader sees all of it or
nothing, and so that two writers of the same bytes do not disturb each other.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlparse

from mhub_core.errors import Unavailable
from mhub_core.storage import troubles
from mhub_core.storage.backend import is_key, name_of

_PIECE = 1 << 20


class Folder:
    """The file store at `file:///folder`."""

    def __init__(self, url: str) -> None:
        parts = urlparse(url)
        if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
            raise Unavailable(f"{url} is not a folder on this machine.", "STORAGE_URL=file:///folder, with three slashes.")
        self._root = Path(unquote(parts.path))

    def where(self) -> str:
        """Return the folder."""
        return str(self._root)

    def check(self) -> None:
        """Raise Unavailable when nothing can be written."""
        if not os.access(self.incoming(), os.W_OK | os.X_OK):
            raise Unavailable(
                "The hub does not have permission to write to its file folder.", str(self._root), "Tell the administrator."
            )

    def incoming(self) -> Path:
        """Return the folder for unfinished files, on the same disk as the blobs, so that a rename finishes them."""
        folder = self._root / "incoming"
        with troubles.disk_in_words():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def put(self, path: Path, key: str) -> None:
        """Move a flushed file to its place and make that last. What lies there already stays, unless it is damaged."""
        target = self._path(key)
        if target.exists() and key_of(target) == key:
            return
        with troubles.disk_in_words():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.chmod(0o444)
            path.replace(target)
            folder = os.open(target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def local_path(self, key: str) -> Path:
        """Return the file itself. Raises NotFound."""
        path = self._path(key)
        if not path.is_file():
            raise troubles.missing(key)
        return path

    def open(self, key: str) -> tuple[int, Iterator[bytes]]:
        """Return the size and the pieces of a blob. Raises NotFound."""
        path = self.local_path(key)
        return path.stat().st_size, pieces(path)

    def num_bytes(self, key: str) -> int | None:
        """Return the size of a blob, or None."""
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            return None

    def list_keys(self) -> Iterator[str]:
        """Give every key."""
        return (path.name for path in self._root.glob("??/??/*") if is_key(path.name))

    def delete(self, key: str) -> None:
        """Remove a blob; who has it open or mapped keeps it."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._root / name_of(key)


def key_of(path: Path) -> str:
    """Return the key of the bytes that a file holds."""
    digest = hashlib.sha256()
    for piece in pieces(path):
        digest.update(piece)
    return digest.hexdigest()


def pieces(path: Path) -> Iterator[bytes]:
    """Give a file in pieces of a megabyte."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
