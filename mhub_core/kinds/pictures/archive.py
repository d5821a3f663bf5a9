"""A zip of images by class: which of its files are images, and of which class. `zips` refuses hostile ones."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mhub_core import settings, zips
from mhub_core.errors import Invalid, TooLarge

MAX_FILE = 100 * 1024 * 1024
_ENTRY_BYTES, _LEAST_TABLE = 200, 1 << 20  # for one file in the list of files: its name and what programs note beside it
_SPLIT_NAMES = {"train", "training", "test", "testing", "val", "valid", "validation"}
_IGNORED_NAMES = {"thumbs.db", "desktop.ini"}
# What files that tell about the data are called, without their endings.
_ABOUT = {"readme", "read_me", "license", "licence", "copying", "notice", "changelog", "citation", "authors"}
_ENDINGS = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".dib", ".webp", ".tif", ".tiff"}
_NAMED = 5  # of the files that were left out


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
    """Open a zip of images. Raises Invalid or TooLarge for one that is hostile or damaged."""
    most = settings.number("MHUB_MAX_IMAGES")
    # macOS puts a hidden file beside every file.
    limits = zips.Limits(2 * most, max(_LEAST_TABLE, 2 * most * _ENTRY_BYTES), _at_most())
    with zips.opened(path, limits) as archive:
        yield archive


def _at_most() -> str:
    return f"At most {settings.number('MHUB_MAX_IMAGES'):,} images."


def inspect(archive: zipfile.ZipFile) -> Contents:
    """Sort the members into classes. Raises Invalid or TooLarge for an archive that is hostile or has no classes."""
    infos = [info for info in archive.infolist() if not info.is_dir() and not _is_hidden(info.filename)]
    if len(infos) > settings.number("MHUB_MAX_IMAGES"):
        raise TooLarge(f"The zip contains {len(infos):,} files.", _at_most(), "Upload only some of them.")
    _check_format(infos)
    about = [info for info in infos if _tells_about(info.filename)]
    infos = [info for info in infos if not _tells_about(info.filename)]
    members, refused = _sort_by_class(infos)
    contents = Contents(tuple(members), tuple(refused), (*_split_warning(infos), *_about_warning(about)))
    if len(contents.classes) < 2:
        found = f"one class ({contents.classes[0][:80]!r})" if contents.classes else "no class folder"
        raise Invalid(
            f"The zip contains only {found}." if contents.classes else "The zip contains no class folder.",
            "Two or more folders of images are needed; the name of each folder is the name of its class.",
            "Sort the images into folders, such as cat/1.jpg and dog/1.jpg.",
        )
    return contents


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") and part != ".." or part == "__MACOSX" for part in parts) or (
        bool(parts) and parts[-1].lower() in _IGNORED_NAMES
    )


def _tells_about(name: str) -> bool:
    """Tell whether a file is one for people about the data, such as README.md."""
    path = PurePosixPath(name)
    return path.name.lower().partition(".")[0] in _ABOUT and path.suffix.lower() not in _ENDINGS


def _about_warning(about: list[zipfile.ZipInfo]) -> list[str]:
    names = [info.filename[:80] for info in about]
    more = [f"{len(names) - _NAMED:,} more"] if len(names) > _NAMED else []
    return [f"Not used, because they are not images: {', '.join([*names[:_NAMED], *more])}."] if names else []


def _check_format(infos: list[zipfile.ZipInfo]) -> None:
    names = {info.filename for info in infos}
    if "[Content_Types].xml" in names:
        raise Invalid(
            "This is an office document, not a zip of images.", "A CSV file, or a zip of images.", "Save the table as CSV."
        )


def _sort_by_class(infos: list[zipfile.ZipInfo]) -> tuple[list[Member], list[tuple[str, str]]]:
    images = [PurePosixPath(info.filename).parts[:-1] for info in infos if _may_be_image(info.filename)]
    depth = _depth_of_class(images or [PurePosixPath(info.filename).parts[:-1] for info in infos])
    classes = {folders[depth] for folders in images if len(folders) > depth}
    members, refused = [], []
    for info in infos:
        folders = PurePosixPath(info.filename).parts[:-1]
        if len(folders) <= depth:
            refused.append((info.filename[:200], "is not in a class folder"))
        elif images and folders[depth] not in classes:
            refused.append((info.filename[:200], "is in a folder without images"))
        else:
            members.append(Member(info, folders[depth][:80]))
    return members, refused


def _may_be_image(name: str) -> bool:
    """Tell whether a file may be an image by its name: some have no ending at all."""
    return PurePosixPath(name).suffix.lower() in _ENDINGS | {""}


def _depth_of_class(paths: list[tuple[str, ...]]) -> int:
    """Return which folder names the class, given those in which each image lies: the first that differs, after train and test.

    A folder that is alone on its level wraps the classes, unless most images lie right in it.
    """
    depth = 0
    while paths := [path for path in paths if len(path) > depth]:
        names = {path[depth] for path in paths}
        deeper = sum(len(path) > depth + 1 for path in paths)
        if not ({name.lower() for name in names} <= _SPLIT_NAMES and deeper) and (len(names) > 1 or 2 * deeper <= len(paths)):
            break
        depth += 1
    return depth


def _split_warning(infos: list[zipfile.ZipInfo]) -> list[str]:
    folders = {part.lower() for info in infos for part in PurePosixPath(info.filename).parts[:-1]}
    if not folders & _SPLIT_NAMES:
        return []
    return [
        "The zip has folders such as train and test. All images are used together; the hub chooses its own held-out test set."
    ]


def read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return the bytes of a member. Raises Invalid when it is too large or damaged."""
    return zips.read(archive, info, MAX_FILE)
