"""Writes the files of a folder into one uncompressed zip while they come in.

Python's own writer keeps a record of every file in memory until the end, some 40 MB for 100,000 files. Here the list of files
grows in a file of its own, so that memory stays flat. The format: APPNOTE.TXT 6.3.3 of PKWARE, 4.3.7 to 4.3.16.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
import zlib
from pathlib import Path

_LARGE, _MANY = 0xFFFFFFFF, 0xFFFF  # these say: look into the zip64 record
_VERSION, _UNIX, _UTF8_NAME, _FIRST_DAY = 45, 3, 0x800, 33  # the same folder always gives the same bytes, so no time of day
_READABLE = 0o600 << 16


class FolderZip:
    """A zip at `path` that takes one file after the other."""

    def __init__(self, path: Path) -> None:
        self._out = path.open("wb")
        self._list = tempfile.TemporaryFile(dir=path.parent, prefix="upload-list-")
        self._num_files = 0

    def begin(self, name: str) -> None:
        """Start a file under the name it was sent with."""
        self._name = name.encode("utf-8", "replace")
        self._at, self._size, self._sum = self._out.tell(), 0, 0
        self._out.write(self._head())

    def write(self, data: bytes) -> None:
        """Add bytes to the file."""
        self._size += len(data)
        self._sum = zlib.crc32(data, self._sum)
        self._out.write(data)

    def end(self) -> None:
        """Finish the file: now its size is known, and its place in the list."""
        end = self._out.tell()
        self._out.seek(self._at)
        self._out.write(self._head())
        self._out.seek(end)
        self._list.write(self._entry())
        self._num_files += 1

    def _head(self) -> bytes:
        sizes = struct.pack("<HHQQ", 1, 16, self._size, self._size)  # zip64: as long whatever the size will be
        fields = (_VERSION, _UTF8_NAME, 0, 0, _FIRST_DAY, self._sum, _LARGE, _LARGE, len(self._name), len(sizes))
        return struct.pack("<4s5H3L2H", b"PK\3\4", *fields) + self._name + sizes

    def _entry(self) -> bytes:
        large = [number for number in (self._size, self._size, self._at) if number >= _LARGE]
        extra = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""
        size, at = min(self._size, _LARGE), min(self._at, _LARGE)
        made = (_VERSION, _UNIX, _VERSION, _UTF8_NAME, 0, 0, _FIRST_DAY, self._sum, size, size)
        lengths = (len(self._name), len(extra), 0, 0, 0, _READABLE, at)
        return struct.pack("<4s2B5H3L", b"PK\1\2", *made) + struct.pack("<5H2L", *lengths) + self._name + extra

    def close(self) -> None:
        """Write the list of files behind them, and its end."""
        at, size, num = self._out.tell(), self._list.tell(), self._num_files
        self._list.seek(0)
        shutil.copyfileobj(self._list, self._out)
        self._out.write(struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, _VERSION, _VERSION, 0, 0, num, num, size, at))
        self._out.write(struct.pack("<4sLQL", b"PK\6\7", 0, at + size, 1))
        few = min(num, _MANY)
        self._out.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, few, few, min(size, _LARGE), min(at, _LARGE), 0))
        self.release()

    def release(self) -> None:
        """Close the files, whatever is in them."""
        try:
            self._out.close()
        finally:
            self._list.close()
