"""What can go wrong with stored files, in words."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from mhub_core.errors import NotFound, Unavailable

_FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def missing(key: str) -> NotFound:
    """Return the error for a blob that a row names and that is gone."""
    return NotFound("A stored file is missing.", f"The blob {key[:12]} in the file store.", "Restore it from a backup.")


def damaged(key: str) -> NotFound:
    """Return the error for a blob whose bytes are not those that its key stands for."""
    return NotFound("A stored file is damaged.", f"The blob {key[:12]} as it was written.", "Restore it from a backup.")


def disk(error: OSError) -> Unavailable:
    """Return what it means for a person that the disk refused."""
    if error.errno in _FULL_DISK:
        return Unavailable("The disk of the hub is full.", "", "Tell the administrator; none of your data is lost.")
    words = f"The system reports: {error.strerror or type(error).__name__}."
    return Unavailable("The hub could not store the file.", words, "Try again, and tell the administrator if it happens again.")


@contextmanager
def disk_in_words() -> Iterator[None]:
    """Raise Unavailable in words where the disk refuses. A file of ours that is not there is a mistake of ours, and passes."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise disk(error) from error
