"""The one place that opens a zip from a stranger: checked before anything is unpacked, read one member at a time.

Nothing is ever written under a name from a zip. What a member is for, and which names may be there, is the caller's rule.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from mhub_core import settings
from mhub_core.errors import Invalid, TooLarge

_MAX_TIMES = 4  # unpacked, at most so many times the largest upload
_MAX_RATIO = 200
_RATIO_FROM = 50 * 1024 * 1024  # a smaller zip harms nobody, however tightly it is packed
_ENTRY_HEAD, _ZIP64_RECORDS = 46, 76  # bytes
_IS_UTF8 = 0x800  # the flag of a name
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # Python unpacks the others without a bound


@dataclass(frozen=True)
class Limits:
    """How much a zip may hold. `expected` says it to a person."""

    max_members: int
    max_table_bytes: int  # of the list of members, which Python reads into memory as a whole
    expected: str


@contextmanager
def opened(source: Path | bytes, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """Open a zip that passed every check. Raises Invalid or TooLarge. What goes wrong while it is in use is not its fault."""
    file = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    with file:
        _check_table(file, limits)
        try:
            archive = zipfile.ZipFile(file)
            for info in archive.infolist():
                _check_member(info)
            _check_sizes(archive.infolist())
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, struct.error) as error:
            raise _no_zip() from error
        with archive:
            yield archive


def read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, max_bytes: int) -> bytes:
    """Return the bytes of a member. Raises Invalid when it is too large or damaged; what it says of its size may be a lie."""
    large = Invalid(f"This file is larger than {max_bytes >> 20} MB.")
    if info.file_size > max_bytes:
        raise large
    try:
        with archive.open(info) as file:
            data = file.read(max_bytes + 1)
    except Exception as error:  # zlib, CRC, overlapping members: each has its own errors
        raise Invalid("This file is damaged inside the zip.") from error
    if len(data) > max_bytes:
        raise large
    return data


_private: Any = zipfile  # what finds the end of a zip has no public name


def _no_zip() -> Invalid:
    return Invalid("This is not a zip file, or it is damaged.", "The file must be a complete zip file.", "Create the zip again.")


def _check_table(file: BinaryIO | io.BytesIO, limits: Limits) -> None:
    """Python reads the whole list of members into memory, so count its entries first.

    Where it lies is found by Python's own function, so that a zip made for it cannot show us one list and Python another.
    """
    try:
        end = _private._EndRecData(file)
    except (zipfile.BadZipFile, struct.error, OSError) as error:
        raise _no_zip() from error
    if not end:
        raise _no_zip()
    if (size := end[_private._ECD_SIZE]) > limits.max_table_bytes:  # said first: to count so many entries takes a while
        raise TooLarge(
            f"The zip's list of files takes {size / 1e6:,.1f} MB.",
            f"At most {limits.max_table_bytes / 1e6:,.1f} MB. {limits.expected}",
            "Upload only some of the files, or give them shorter names.",
        )
    behind = _ZIP64_RECORDS if end[_private._ECD_SIGNATURE] == b"PK\x06\x06" else 0
    stop = end[_private._ECD_LOCATION] - behind
    num_entries = _count_entries(file, stop - size, stop, limits.max_members)
    if num_entries > limits.max_members:
        held = f"The zip contains {max(num_entries, end[_private._ECD_ENTRIES_TOTAL]):,} files."
        raise TooLarge(held, limits.expected, "Upload only some of them.")


def _count_entries(file: BinaryIO | io.BytesIO, at: int, stop: int, most: int) -> int:
    """Return how many entries lie between two places; what the zip itself says may be a lie. Counting ends behind `most`."""
    if at < 0:
        raise _no_zip()
    num_entries = 0
    while at < stop and num_entries <= most:
        file.seek(at)
        head = file.read(_ENTRY_HEAD)
        if len(head) < _ENTRY_HEAD:
            raise _no_zip()
        at += _ENTRY_HEAD + sum(struct.unpack_from("<3H", head, 28))  # name, extra field and comment follow
        num_entries += 1
    return num_entries


def name_of(info: zipfile.ZipInfo) -> str:
    """Return the name of a member, its folders separated by `/`. Some programs of Windows write `\\`; some of macOS write
    UTF-8 without saying so, which Python then reads as letters of the first PC."""
    name = info.orig_filename
    if not info.flag_bits & _IS_UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def check_name(name: str, container: str) -> None:
    """Raise Invalid for a name in a container, such as "zip", that is absolute, points outside of it or holds a NUL."""
    shown, folder = name[:80], f"Create the {container} from a folder."
    if name.startswith("/") or name[1:2] == ":":
        wanted = f"Names must be relative to the {container}."
        raise Invalid(f"The {container} contains an absolute name: {shown!r}.", wanted, folder)
    if ".." in name.split("/"):
        outside = f"The {container} contains a name that points outside it: {shown!r}."
        raise Invalid(outside, "Names must not contain `..`.", folder)
    if "\0" in name:
        told = f"The {container} contains a name that other programs read differently: {shown!r}."
        raise Invalid(told, "Names of letters and digits.", f"Make the {container} with another program.")


def _check_member(info: zipfile.ZipInfo) -> None:
    shown = info.orig_filename[:80]
    for name in (info.orig_filename.replace("\\", "/"), name_of(info)):
        check_name(name, "zip")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Invalid(f"The zip contains a link: {shown!r}.", "Files and folders only.", "Put the file itself into the zip.")
    if info.flag_bits & 1:
        raise Invalid("The zip is encrypted.", "A zip without a password.", "Create it again without one.")
    if info.compress_type not in _PACKINGS:
        told = f"The zip uses a compression method that cannot be read here: {shown!r}."
        raise Invalid(told, "The usual method, called Deflate, is needed.", "Create the zip again with the usual settings.")


def _check_sizes(infos: list[zipfile.ZipInfo]) -> None:
    check_total(sum(info.file_size for info in infos), sum(info.compress_size for info in infos), "zip")


def check_total(unpacked: int, packed: int, container: str) -> None:
    """Raise TooLarge when what a container holds takes too many bytes, or far more than the container itself."""
    limit = _MAX_TIMES * settings.number("MHUB_MAX_UPLOAD_MB") * 1_000_000
    if unpacked > limit or (unpacked > _RATIO_FROM and unpacked > _MAX_RATIO * max(1, packed)):
        raise TooLarge(
            f"Unpacked, the {container} would take {unpacked / 1e6:,.0f} MB out of {packed / 1e6:,.1f} MB.",
            f"At most {limit / 1e6:,.0f} MB, and at most {_MAX_RATIO} times its own size.",
            "Upload only a part of it, or use files that are already compressed, such as JPEG or PNG.",
        )
