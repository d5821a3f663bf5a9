"""What a file store must be able to do. A new kind of store is one file that does this, and one line in `stores.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

_KEY = re.compile(r"[0-9a-f]{64}")


def is_key(text: str) -> bool:
    """Tell whether a text has the form of a key: the sha256 of a blob in hexadecimal."""
    return _KEY.fullmatch(text) is not None


def name_of(key: str) -> str:
    """Return the name of a blob below the root of a store. It is the same in each: a plain copy moves all to another."""
    return f"{key[:2]}/{key[2:4]}/{key}"


class Backend(Protocol):
    """A place for blobs. Its verbs get keys that were checked, and raise MHubError in words that a person can read."""

    def where(self) -> str:
        """Return where the files lie, without secrets."""

    def check(self) -> None:
        """Raise Unavailable when the store cannot be used now."""

    def incoming(self) -> Path:
        """Return a folder of this machine for files that are still being written. It exists."""

    def put(self, path: Path, key: str) -> None:
        """Keep a finished file of `incoming` under a key: all of it or nothing. The file may be moved away.

        Raises Unavailable when the store is away or full.
        """

    def local_path(self, key: str) -> Path | None:
        """Return the blob's own file when the store lies on a disk of this machine; else None, and `open` serves a copy.

        Raises NotFound.
        """

    def open(self, key: str) -> tuple[int, Iterator[bytes]]:
        """Return the number of bytes of a blob and its pieces. Raises NotFound, and Unavailable also midway."""

    def num_bytes(self, key: str) -> int | None:
        """Return the size of a blob, or None when it is not there."""

    def list_keys(self) -> Iterator[str]:
        """Give the key of every blob, in no order."""

    def delete(self, key: str) -> None:
        """Remove a blob. One that is not there is no error."""
