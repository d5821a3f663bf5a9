"""Put and get blobs by key. Today a local folder (or one that machines share); the URL decides.

A blob is written to a temporary file in the same folder, flushed, made read-only and renamed, so that a reader sees all of it or
nothing, and so that two writers of the same bytes do not disturb each other. It is written before the row that names it.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlparse

from mhub_core import settings
from mhub_core.errors import NotFound, TooLarge, Unavailable

_KEY = re.compile(r"[0-9a-f]{64}")
_PIECE = 1 << 20


def root() -> Path:
    """Return the folder of the blobs. Raises Unavailable for a URL that this version cannot use."""
    url = urlparse(settings.storage_url())
    if url.scheme != "file":
        raise Unavailable(
            f"Files cannot be kept at {url.scheme}://.", "STORAGE_URL is file:///folder in this version.", "Use a shared folder."
        )
    return Path(unquote(url.path))


def _path(key: str) -> Path:
    if not _KEY.fullmatch(key):
        raise NotFound("There is no file with that key.")
    return root() / key[:2] / key[2:4] / key


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def put_pieces(pieces: Iterable[bytes], max_bytes: int | None = None) -> str:
    """Store a stream of bytes and return its key. Raises TooLarge after `max_bytes`; nothing is left behind then."""
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(dir=incoming())
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                size += len(piece)
                if max_bytes is not None and size > max_bytes:
                    raise TooLarge(
                        "The file is too large.",
                        f"At most {max_bytes // 1_000_000} MB.",
                        "Send a smaller file, or ask for a higher limit.",
                    )
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        return _keep(Path(name), digest.hexdigest())
    finally:
        Path(name).unlink(missing_ok=True)


def _keep(temporary: Path, key: str) -> str:
    target = _path(key)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary.chmod(0o444)
        temporary.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return key


def put_bytes(data: bytes) -> str:
    """Store bytes and return their key."""
    return put_pieces([data])


def put_file(path: Path) -> str:
    """Store a copy of a file and return its key."""
    return put_pieces(_pieces(path))


def take_file(path: Path) -> str:
    """Store a file by moving it, without a copy when it lies below `incoming()`. Returns its key."""
    digest = hashlib.sha256()
    for piece in _pieces(path):
        digest.update(piece)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    key = _keep(path, digest.hexdigest())
    path.unlink(missing_ok=True)
    return key


def incoming() -> Path:
    """Return the folder for files that are still being written, on the same disk as the blobs."""
    folder = root() / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def local_path(key: str) -> Path:
    """Return a local, read-only file with the bytes of a blob, fit for memory mapping. Raises NotFound."""
    path = _path(key)
    if not path.is_file():
        raise NotFound("A stored file is missing.", f"The blob {key[:12]} in the file store.", "Restore it from a backup.")
    return path


def read_bytes(key: str) -> bytes:
    """Return all bytes of a blob, verified against its key. Raises NotFound when it is missing or damaged."""
    data = local_path(key).read_bytes()
    if hashlib.sha256(data).hexdigest() != key:
        raise NotFound("A stored file is damaged.", f"The blob {key[:12]} as it was written.", "Restore it from a backup.")
    return data
