"""Images that somebody gives to a model in an archive."""

from __future__ import annotations

from pathlib import Path

from mhub_core.errors import Invalid, TooLarge
from mhub_core.kinds.kind import Opened
from mhub_core.kinds.pictures import archive, paths

_NAMED = 5


def opened(path: Path, file_name: str, most: int, most_bytes: int) -> Opened:
    """Return the bytes of the images in an archive, by their names. Raises Invalid for none, TooLarge for too many."""
    with archive.opened(path) as files:
        entries = sorted(paths.entries(files.files), key=lambda one: one.name)
        wanted = [one.file for one in entries if one.may_be_image]
        _require_some(len(wanted), sum(file.num_bytes for file in wanted), most, most_bytes)
        read = sorted(files.read(wanted), key=lambda one: one[0].name)
    found = [(file.name, content) for file, content in read if isinstance(content, bytes)]
    broken = [f"{file.name} was left out. {content}" for file, content in read if isinstance(content, Invalid)]
    others = [one.name for one in entries if not one.may_be_image]
    more = " ..." if len(others) > _NAMED else ""
    notes = [f"Not used, because they are not images: {', '.join(others[:_NAMED])}{more}."] if others else []
    return Opened([content for _, content in found], [name for name, _ in found], [*notes, *broken])


def _require_some(number: int, num_bytes: int, most: int, most_bytes: int) -> None:
    if not number:
        raise Invalid("There are no images in this file.", "A zip or tar of images.", "Upload images, or a zip of them.")
    if number > most or num_bytes > most_bytes:
        told = f"This file holds {number:,} images of {num_bytes / 1e6:,.1f} MB together."
        raise TooLarge(told, f"At most {most} images and {most_bytes / 1e6:.0f} MB.", "Upload fewer or smaller ones.")
