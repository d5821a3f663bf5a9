"""A zip of images by class: looked at without unpacking, and refused when it is hostile.

Nothing is ever written under a name from the archive: members are read one by one, as bytes, with a limit.
"""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from mhub_core import settings
from mhub_core.errors import Invalid, TooLarge

MAX_FILE = 100 * 1024 * 1024
_MAX_TIMES = 4  # unpacked, at most so many times the largest upload
_MAX_RATIO = 200
_RATIO_FROM = 50 * 1024 * 1024
_ENTRY_HEAD, _ZIP64_RECORDS = 46, 76  # bytes
_SPLIT_NAMES = {"train", "training", "test", "testing", "val", "valid", "validation"}
_IGNORED_NAMES = {"thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Member:
    """One file of the archive that may be an image of a class."""

    info: zipfile.ZipInfo
    class_name: str


@dataclass(frozen=True)
class Contents:
    """What an archive holds: members with a class, files that have none and why, and what a person should know."""

    members: tuple[Member, ...]
    refused: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes in alphabetical order."""
        return tuple(sorted({member.class_name for member in self.members}))


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip after its table of contents was found to be of a sane size. Raises Invalid or TooLarge."""
    _check_table_of_contents(path)
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise _no_zip() from error


def _no_zip() -> Invalid:
    return Invalid(
        "This is not a zip file, or it is damaged.", "A zip with one folder of images per class.", "Make the zip again."
    )


def _check_table_of_contents(path: Path) -> None:
    """Python reads the whole table of contents into memory, so count its entries first.

    Where it lies is found by Python's own function, so that a zip made for it cannot show us one table and Python another.
    """
    most = 2 * settings.number("MHUB_MAX_IMAGES")
    with path.open("rb") as file:
        try:
            end = zipfile._EndRecData(file)
        except (zipfile.BadZipFile, struct.error, OSError) as error:
            raise _no_zip() from error
        if not end:
            raise _no_zip()
        behind = _ZIP64_RECORDS if end[zipfile._ECD_SIGNATURE] == b"PK\x06\x06" else 0
        stop = end[zipfile._ECD_LOCATION] - behind
        num_entries = _count_entries(file, stop - end[zipfile._ECD_SIZE], stop, most)
    if num_entries > most:
        raise _too_many(max(num_entries, end[zipfile._ECD_ENTRIES_TOTAL]))


def _count_entries(file: BinaryIO, at: int, stop: int, most: int) -> int:
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


def _too_many(num_entries: int) -> TooLarge:
    return TooLarge(
        f"The zip holds {num_entries:,} files.",
        f"At most {settings.number('MHUB_MAX_IMAGES'):,} images.",
        "Send a part of them.",
    )


def inspect(archive: zipfile.ZipFile) -> Contents:
    """Sort the members into classes. Raises Invalid or TooLarge for an archive that is hostile or has no classes."""
    infos = [info for info in archive.infolist() if not info.is_dir() and not _is_hidden(info.filename)]
    for info in infos:
        _check_name(info)
    _check_sizes(infos)
    _check_format(infos)
    members, refused = _sort_by_class(infos)
    contents = Contents(tuple(members), tuple(refused), tuple(_split_warning(infos)))
    if len(contents.classes) < 2:
        found = f"one class ({contents.classes[0][:80]!r})" if contents.classes else "no class folder"
        raise Invalid(
            f"The zip holds {found} only." if contents.classes else "The zip holds no class folder.",
            "Two or more folders of images; the name of a folder is the name of its class.",
            "Sort the images into folders, such as cat/1.jpg and dog/1.jpg.",
        )
    return contents


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") and part != ".." or part == "__MACOSX" for part in parts) or (
        bool(parts) and parts[-1].lower() in _IGNORED_NAMES
    )


def _check_name(info: zipfile.ZipInfo) -> None:
    name, shown = info.orig_filename, info.orig_filename[:80]
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        raise Invalid(f"The zip holds an absolute name: {shown!r}.", "Names within the zip.", "Make the zip of a folder.")
    if ".." in name.replace("\\", "/").split("/"):
        raise Invalid(
            f"The zip holds a name that leads out of it: {shown!r}.", "Names without `..`.", "Make the zip of a folder."
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Invalid(f"The zip holds a link: {shown!r}.", "Files and folders only.", "Put the file itself into the zip.")
    if info.flag_bits & 1:
        raise Invalid("The zip is encrypted.", "A zip without a password.", "Make it again without one.")


def _check_sizes(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > settings.number("MHUB_MAX_IMAGES"):
        raise _too_many(len(infos))
    unpacked, packed = sum(info.file_size for info in infos), sum(info.compress_size for info in infos)
    limit = _MAX_TIMES * settings.number("MHUB_MAX_UPLOAD_MB") * 1_000_000
    if unpacked > limit or (unpacked > _RATIO_FROM and unpacked > _MAX_RATIO * max(1, packed)):
        raise TooLarge(
            f"Unpacked, the zip would take {unpacked / 1e6:,.0f} MB out of {packed / 1e6:,.1f} MB.",
            f"At most {limit / 1e6:,.0f} MB, and at most {_MAX_RATIO} times its own size.",
            "Send the images as JPEG or PNG.",
        )


def _check_format(infos: list[zipfile.ZipInfo]) -> None:
    names = {info.filename for info in infos}
    if "[Content_Types].xml" in names:
        raise Invalid("This is an office file, not a zip of images.", "A CSV file, or a zip of images.", "Save the table as CSV.")


def _sort_by_class(infos: list[zipfile.ZipInfo]) -> tuple[list[Member], list[tuple[str, str]]]:
    depth = _depth_of_class([PurePosixPath(info.filename).parts for info in infos])
    members, refused = [], []
    for info in infos:
        folders = PurePosixPath(info.filename).parts[:-1]
        if len(folders) > depth:
            members.append(Member(info, folders[depth][:80]))
        else:
            refused.append((info.filename[:200], "lies in no class folder"))
    return members, refused


def _depth_of_class(paths: list[tuple[str, ...]]) -> int:
    """Return which folder names the class: the first after those that all images share and after train/test folders."""
    folders = [path[:-1] for path in paths if len(path) > 1]
    depth = 0
    while folders and all(len(path) > depth + 1 for path in folders):
        names = {path[depth] for path in folders}
        if len(names) > 1 and not {name.lower() for name in names} <= _SPLIT_NAMES:
            break
        depth += 1
    return depth


def _split_warning(infos: list[zipfile.ZipInfo]) -> list[str]:
    folders = {part.lower() for info in infos for part in PurePosixPath(info.filename).parts[:-1]}
    if not folders & _SPLIT_NAMES:
        return []
    return ["The zip has folders such as train and test. All images are used together; the hub draws its own hidden test split."]


def read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return the bytes of a member. Raises Invalid when it is too large or damaged."""
    if info.file_size > MAX_FILE:
        raise Invalid(f"larger than {MAX_FILE >> 20} MB")
    try:
        with archive.open(info) as file:
            return file.read(MAX_FILE)
    except Exception as error:  # zlib, lzma, bz2, CRC, encryption: each decompressor has its own errors
        raise Invalid("damaged within the zip") from error
