"""The files of an archive of images, whatever packs it: a zip or a tar. `zips` and `tars` refuse hostile ones."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from mhub_core import settings, tars, zips
from mhub_core.errors import Invalid, TooLarge
from mhub_core.zips import Limits

_LOOKED_AT = 32  # files of a kind in a preview
MAX_FILE = 100 * 1024 * 1024
_ENTRY_BYTES, _LEAST_TABLE = 200, 1 << 20  # for one file in the list of files: its name and what programs note beside it
_ABOVE = Invalid(f"This file is larger than {MAX_FILE >> 20} MB.")


@dataclass(frozen=True, order=True)
class File:
    """One file of an archive: where it stands in it, its name with folders separated by `/`, its size.

    `check` is a checksum where the archive tells one; two files of one size with the same are taken for copies.
    """

    place: int
    name: str = field(compare=False)
    num_bytes: int = field(compare=False)
    check: int | None = field(default=None, compare=False)


Content = bytes | Invalid  # of one file, or why it cannot be read


class Archive(Protocol):
    """An archive that was checked."""

    files: tuple[File, ...]  # in their order, without folders
    folders: tuple[str, ...]  # those that are named for themselves

    def read(self, wanted: Iterable[File]) -> Iterator[tuple[File, Content]]:
        """Give the bytes of some files in the order of the archive, or why one of them cannot be read."""


class Zip:
    """A zip: each file is read by itself."""

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._opened, self._infos = opened, opened.infolist()
        names = list(map(zips.name_of, self._infos))
        self.folders = tuple(name.rstrip("/") for name in names if name.endswith("/"))
        self.files = tuple(
            File(place, name, info.file_size, info.CRC)
            for place, (name, info) in enumerate(zip(names, self._infos, strict=True))
            if not name.endswith("/")
        )

    def read(self, wanted: Iterable[File]) -> Iterator[tuple[File, Content]]:
        """Give the bytes of some files."""
        for file in sorted(wanted):
            try:
                yield file, zips.read(self._opened, self._infos[file.place], MAX_FILE)
            except Invalid as error:
                yield file, error


class Tar:
    """A tar: read from its beginning each time, since what gzip packed has no places to go to."""

    folders: tuple[str, ...] = ()

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path, self._limits = path, limits
        self.files = tuple(File(place, member.name, member.num_bytes) for place, (member, _) in enumerate(self._members()))

    def read(self, wanted: Iterable[File]) -> Iterator[tuple[File, Content]]:
        """Give the bytes of some files."""
        by_place = {file.place: file for file in wanted}
        for place, (member, reader) in enumerate(self._members()):
            if not by_place:
                return
            if file := by_place.pop(place, None):
                yield file, _ABOVE if member.num_bytes > MAX_FILE else reader.read()

    def _members(self) -> Iterator[tuple[tars.Member, tars.Reader]]:
        with tars.opened(self._path, self._limits) as reader:
            while member := reader.next():
                yield member, reader


@contextmanager
def opened(path: Path, expected: str = "At most {:,} images.") -> Iterator[Archive]:
    """Open an archive of images, or of other files. Raises Invalid or TooLarge for one that is hostile or damaged, or holds more
    than is `expected`."""
    most = settings.number("MHUB_MAX_IMAGES")
    # macOS puts a hidden file beside every file, and a mask may belong to each image.
    limits = Limits(2 * most, max(_LEAST_TABLE, 2 * most * _ENTRY_BYTES), expected.format(most))
    if tars.is_tar(path):
        yield Tar(path, limits)
        return
    with zips.opened(path, limits) as archive:
        yield Zip(archive)


def at_most() -> str:
    """Tell how many images are allowed."""
    return f"At most {settings.number('MHUB_MAX_IMAGES'):,} images."


def require_few(num_files: int) -> None:
    """Raise TooLarge for too many images."""
    if num_files > settings.number("MHUB_MAX_IMAGES"):
        raise TooLarge(f"The archive contains {num_files:,} images.", at_most(), "Upload only some of them.")


def some(files: Sequence[File]) -> list[File]:
    """Return files from all over the archive."""
    return list(files[:: max(1, len(files) // _LOOKED_AT)][:_LOOKED_AT])
