"""The one place that opens a tar from a stranger, plain or packed by gzip: read in one pass, nothing written, sizes bounded."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from mhub_core import zips
from mhub_core.errors import Invalid, TooLarge
from mhub_core.zips import Limits

_BLOCK = tarfile.BLOCKSIZE
_PIECE = 1 << 20
_GZIP, _USTAR, _USTAR_AT = b"\x1f\x8b", b"ustar", 257
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_LINKS = (tarfile.SYMTYPE, tarfile.LNKTYPE)
_NAMES = (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE)  # blocks before a file that tell its name
_SKIPPED = (tarfile.DIRTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGLINK)
_MAX_NAME_BLOCK = 64 * 1024


@dataclass(frozen=True)
class Member:
    """One file of a tar, as its head tells of it. `name` has its folders separated by `/`."""

    name: str
    num_bytes: int


def is_tar(path: Path) -> bool:
    """Tell whether a file begins as a tar or as something that gzip packed."""
    with path.open("rb") as file:
        head = file.read(_USTAR_AT + len(_USTAR))
    return head.startswith(_GZIP) or head[_USTAR_AT:] == _USTAR


class Reader:
    """The members of a tar from its beginning: `next` goes to one, `read` returns its bytes."""

    def __init__(self, file: IO[bytes], limits: Limits, packed: int) -> None:
        self._file, self._limits, self._packed = file, limits, packed
        self._left = self._padding = self._num_read = self._num_members = 0

    def next(self) -> Member | None:
        """Return the next file, None at the end. Raises Invalid or TooLarge for what no tar of files should hold."""
        self._skip(self._left + self._padding)
        self._left = self._padding = 0
        name = ""
        while (head := self._head()) is not None:
            size, padding = head.size, -head.size % _BLOCK
            if head.type in _NAMES:
                if size > _MAX_NAME_BLOCK:
                    raise _no_tar()
                block = self._take(size)
                self._skip(padding)
                name = _long_name(block, head.type == tarfile.XHDTYPE) or name
            elif head.type in _SKIPPED:
                self._skip(size + padding)
            else:
                self._left, self._padding = size, padding
                return self._member(name or head.name, head)
        return None

    def read(self) -> bytes:
        """Return the bytes of the member that `next` returned."""
        size, self._left = self._left, 0
        return self._take(size)

    def _member(self, name: str, head: tarfile.TarInfo) -> Member:
        name = name.replace("\\", "/").removeprefix("./")
        zips.check_name(name, "tar")
        if head.type in _LINKS:
            told = f"The tar contains a link: {name[:80]!r}."
            raise Invalid(told, "Files and folders only.", "Put the file itself into the tar.")
        if head.type not in _FILES:
            told = f"The tar contains what is no file: {name[:80]!r}."
            raise Invalid(told, "Files and folders only.", "Create the tar from a folder.")
        self._num_members += 1
        if self._num_members > self._limits.max_members:
            told = f"The tar contains more than {self._limits.max_members:,} files."
            raise TooLarge(told, self._limits.expected, "Upload only some of them.")
        return Member(name, head.size)

    def _head(self) -> tarfile.TarInfo | None:
        block = self._take(_BLOCK, may_end=True)
        if not block.strip(b"\0"):
            return None
        try:
            head = tarfile.TarInfo.frombuf(block, "utf-8", "replace")
        except (tarfile.HeaderError, ValueError) as error:
            raise _no_tar() from error
        if head.size < 0:
            raise _no_tar()
        return head

    def _skip(self, num_bytes: int) -> None:
        while num_bytes > 0:
            num_bytes -= len(self._take(min(num_bytes, _PIECE)))

    def _take(self, num_bytes: int, may_end: bool = False) -> bytes:
        try:
            data = self._file.read(num_bytes)
        except (OSError, EOFError, zlib.error) as error:
            raise _no_tar() from error
        self._num_read += len(data)
        zips.check_total(self._num_read, self._packed, "tar")
        if len(data) < num_bytes and not (may_end and not data):
            raise _no_tar()
        return data


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[Reader]:
    """Open a tar at its beginning. Its bytes are checked while they are read."""
    with path.open("rb") as raw:
        is_packed = raw.read(2) == _GZIP
        raw.seek(0)
        file: IO[bytes] = cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if is_packed else raw
        with file:
            yield Reader(file, limits, path.stat().st_size)


def _long_name(block: bytes, is_pax: bool) -> str:
    """Return the name that a block tells of the file behind it: the whole block, or the record `path` of several."""
    if not is_pax:
        return block.rstrip(b"\0").decode("utf-8", "replace")
    while block:
        length, _, rest = block.partition(b" ")
        if not length.isdigit() or not 0 < int(length) <= len(block):
            break
        key, _, value = block[len(length) + 1 : int(length)].partition(b"=")
        if key == b"size":
            raise Invalid("The tar holds a file of more than 8 GB.", mend="Upload smaller files.")
        if key == b"path":
            return value.rstrip(b"\n").decode("utf-8", "replace")
        block = block[int(length) :]
    return ""


def _no_tar() -> Invalid:
    wanted = "The file must be a complete tar file, plain or packed by gzip."
    return Invalid("This is not a tar file, or it is damaged.", wanted, "Create the tar again.")
