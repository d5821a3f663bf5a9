"""Files of an archive become rows of a `.npy` file: decoded by all processors, with little in memory at a time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np

from mhub_core.data.records import Progress
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures.archive import Archive, File

Made = TypeVar("Made")
_EVERY = 100
_AHEAD_FILES, _AHEAD_BYTES = 256, 48 << 20  # that were read and wait to be decoded


def each(
    archive: Archive, files: Sequence[File], work: Callable[[File, bytes], Made], progress: Progress, words: str
) -> Iterator[tuple[File, Made | Invalid]]:
    """Give what `work` makes of each file, or why it cannot, in the order of the archive. Raises what else `work` raises."""
    waiting: deque[tuple[File, Future[Made | Invalid], int]] = deque()
    held = 0
    with ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        try:
            for number, (file, content) in enumerate(archive.read(files)):
                if number % _EVERY == 0:
                    progress(number, len(files), words)
                size = 0 if isinstance(content, Invalid) else len(content)
                waiting.append((file, pool.submit(_made, work, file, content), size))
                held += size
                while len(waiting) > _AHEAD_FILES or held > _AHEAD_BYTES:
                    done, future, size = waiting.popleft()
                    held -= size
                    yield done, future.result()
            while waiting:
                done, future, _ = waiting.popleft()
                yield done, future.result()
        finally:
            for _, future, _ in waiting:
                future.cancel()


def _made(work: Callable[[File, bytes], Made], file: File, content: bytes | Invalid) -> Made | Invalid:
    if isinstance(content, Invalid):
        return content
    try:
        return work(file, content)
    except Invalid as error:
        return error


class Rows:
    """A `.npy` file of uint8 whose rows are written in any order."""

    def __init__(self, path: Path, num_rows: int, shape: Sequence[int]) -> None:
        self._shape = tuple(shape)
        self._row_bytes = int(np.prod(self._shape))
        self._file = path.open("wb")
        self._start = _write_header(self._file, (num_rows, *self._shape))

    def write(self, row: int, values: np.ndarray) -> None:
        """Write uint8 of the shape of a row."""
        self._file.seek(self._start + row * self._row_bytes)
        self._file.write(values.tobytes())

    def close(self, num_rows: int) -> None:
        """End the file behind so many rows."""
        with self._file as file:
            file.truncate(self._start + num_rows * self._row_bytes)
            _write_header(file, (num_rows, *self._shape))


def keep_rows(path: Path, rows: Sequence[int]) -> None:
    """Leave out of a file of rows what is not among `rows`, which ascend."""
    shape = np.load(path, mmap_mode="r").shape
    row_bytes = int(np.prod(shape[1:]))
    with path.open("r+b") as file:
        start = _write_header(file, (len(rows), *shape[1:]))
        for target, row in enumerate(rows):
            if row != target:
                file.seek(start + row * row_bytes)
                values = file.read(row_bytes)
                file.seek(start + target * row_bytes)
                file.write(values)
        file.truncate(start + len(rows) * row_bytes)


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> int:
    """Write the head of a `.npy` file and return its length: NumPy pads it so that it does not depend on the number of rows."""
    file.seek(0)
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return file.tell()
