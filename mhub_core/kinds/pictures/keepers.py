"""What is written of the images of an archive while they are looked at: their pixels, or the files as they came."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from mhub_core.kinds.pictures import decode, kept, writing
from mhub_core.kinds.pictures.records import Example
from mhub_core.storage.cache import require_size

_WORTH_IT = 2  # files that take less than pixels by so much are kept instead: decoding them again and again costs time


class Looked(NamedTuple):
    """The (height, width) that an image had, what decoding it loses in words, and what is written of it."""

    size: tuple[int, int]
    change: str | None
    content: np.ndarray | bytes


class Keeper(Protocol):
    """Writes images into a folder, one after the other."""

    num_bytes: int  # that it will write, at most

    def look(self, data: bytes) -> Looked:
        """Look at a file, in any thread. Raises Invalid for one that cannot be used."""

    def write(self, made: Looked) -> None:
        """Write what is kept of it."""

    def close(self) -> None:
        """Be done with all."""

    def leave(self, rows: Sequence[int]) -> None:
        """Leave out what is not among `rows`, which ascend, after all are written."""


def of(examples: Sequence[Example], shape: Sequence[int], fit: str, size: tuple[int, int] | None, folder: Path) -> Keeper:
    """Return what keeps some images. With `size`, the only (height, width) that is good.

    Raises TooLarge when they would be kept as files whose pixels this machine could not hold, as those of one color may be.
    """
    fit = decode.STRETCH if size else fit
    file_bytes = sum(example.image.num_bytes for example in examples)
    pixels = (len(examples), *shape)
    if kept.are_few(pixels) or _WORTH_IT * file_bytes > int(np.prod(pixels)):
        return OfPixels(len(examples), shape, fit, size, folder)
    require_size(int(np.prod(pixels)))
    return OfFiles(file_bytes, shape, fit, size, folder)


class OfPixels:
    """Keeps `x`."""

    def __init__(self, number: int, shape: Sequence[int], fit: str, size: tuple[int, int] | None, folder: Path) -> None:
        self.num_bytes = number * int(np.prod(shape))
        self._asked, self._path = (tuple(shape), fit, size), folder / "x.npy"
        self._rows, self._next = writing.Rows(self._path, number, shape), 0

    def look(self, data: bytes) -> Looked:
        """Decode it."""
        shape, fit, size = self._asked
        made = decode.decode_measured(data, shape, fit, size=size)
        return Looked(made.size, made.change, made.pixels)

    def write(self, made: Looked) -> None:
        """Write its pixels."""
        self._rows.write(self._next, np.asarray(made.content))
        self._next += 1

    def close(self) -> None:
        """Shorten the file to what was written."""
        self._rows.close(self._next)

    def leave(self, rows: Sequence[int]) -> None:
        """Move the others together."""
        writing.keep_rows(self._path, rows)


class OfFiles:
    """Keeps `files` and `ends`."""

    def __init__(self, num_bytes: int, shape: Sequence[int], fit: str, size: tuple[int, int] | None, folder: Path) -> None:
        self.num_bytes = num_bytes
        self._asked, self._folder = (tuple(shape), fit, size), folder
        self._files = writing.Files(folder / "files.npy", folder / "ends.npy")

    def look(self, data: bytes) -> Looked:
        """See whether it can be decoded."""
        return Looked(*decode.checked(data, *self._asked), data)

    def write(self, made: Looked) -> None:
        """Write its bytes."""
        self._files.write(bytes(made.content))

    def close(self) -> None:
        """Write the head, and where each file ends."""
        self._files.close()

    def leave(self, rows: Sequence[int]) -> None:
        """Move the others together."""
        writing.keep_files(self._folder / "files.npy", self._folder / "ends.npy", rows)
