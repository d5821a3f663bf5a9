"""Files of an archive become rows of a `.npy` file: decoded by all processors, with little in memory at a time."""

from __future__ import annotations

import errno
import os
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np

from mhub_core.data.records import Progress
from mhub_core.errors import Invalid
from mhub_core.kinds.pictures.archive import Archive, Content, File

Made = TypeVar("Made")
_AHEAD, _AHEAD_BYTES = 12, 48 << 20  # batches that were read and wait to be decoded or written
_AT_ONCE, _BATCH_BYTES = 16, 2 << 20


def each(
    archive: Archive, files: Sequence[File], work: Callable[[File, bytes], Made], progress: Progress, words: str
) -> Iterator[tuple[File, Made | Invalid]]:
    """Give what `work` makes of each file, or why it cannot, in the order of the archive. Raises what else `work` raises."""
    waiting: deque[tuple[Future[list[tuple[File, Made | Invalid]]], int]] = deque()
    held, done = 0, 0
    with ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        try:
            for some, size in _batches(archive.read(files)):
                waiting.append((pool.submit(_all_made, work, some), size))
                held += size
                while held > _AHEAD_BYTES or len(waiting) > _AHEAD:
                    future, size = waiting.popleft()
                    held -= size
                    progress(done, len(files), words)
                    made = future.result()
                    done += len(made)
                    yield from made
            while waiting:
                yield from waiting.popleft()[0].result()
        finally:
            for future, _ in waiting:
                future.cancel()


def _batches(contents: Iterator[tuple[File, Content]]) -> Iterator[tuple[list[tuple[File, Content]], int]]:
    """Give files several at a time, as handing over each by itself takes as long as decoding a small one; and their bytes."""
    some: list[tuple[File, Content]] = []
    size = 0
    for file, content in contents:
        some.append((file, content))
        size += 0 if isinstance(content, Invalid) else len(content)
        if len(some) == _AT_ONCE or size > _BATCH_BYTES:
            yield some, size
            some, size = [], 0
    yield some, size


def _all_made(work: Callable[[File, bytes], Made], some: list[tuple[File, Content]]) -> list[tuple[File, Made | Invalid]]:
    return [(file, _made(work, file, content)) for file, content in some]


def _made(work: Callable[[File, bytes], Made], file: File, content: Content) -> Made | Invalid:
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
        self._file.write(np.ascontiguousarray(values).data)

    def close(self, num_rows: int) -> None:
        """End the file behind so many rows."""
        with self._file as file:
            file.truncate(self._start + num_rows * self._row_bytes)
            _write_header(file, (num_rows, *self._shape))


@contextmanager
def placed(path: Path, shape: Sequence[int]) -> Iterator[Callable[[int, np.ndarray], None]]:
    """Write a `.npy` file of uint8: what this gives puts some rows at a place, from any thread."""
    row_bytes = int(np.prod(shape[1:]))
    with path.open("wb") as file:
        start = _write_header(file, tuple(shape))
        file.flush()

        def put(row: int, values: np.ndarray) -> None:
            whole = np.ascontiguousarray(values, np.uint8).data
            if os.pwrite(file.fileno(), whole, start + row * row_bytes) != whole.nbytes:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        yield put


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


class Files:
    """A `.npy` file of the bytes of files, one behind the other, and one that says where each ends."""

    def __init__(self, path: Path, ends: Path) -> None:
        self._path_of_ends, self._ends, self._at = ends, array("q"), 0
        self._file = path.open("wb")
        _write_header(self._file, (0,))

    def write(self, content: bytes) -> None:
        """Write a file behind the others."""
        self._file.write(content)
        self._at += len(content)
        self._ends.append(self._at)

    def close(self) -> None:
        """Write how many bytes there are, and where files end."""
        with self._file as file:
            _write_header(file, (self._at,))
        np.save(self._path_of_ends, np.array(self._ends, np.int64))


def keep_files(path: Path, ends: Path, rows: Sequence[int]) -> None:
    """Leave out of files what is not among `rows`, which ascend."""
    old = np.load(ends)
    starts, sizes = np.concatenate([[0], old[:-1]])[rows], np.diff(old, prepend=0)[rows]
    new = np.cumsum(sizes, dtype=np.int64)
    with path.open("r+b") as file:
        head = _write_header(file, (int(sizes.sum()),))
        for start, size, end in zip(starts.tolist(), sizes.tolist(), new.tolist(), strict=True):
            if start != end - size:
                file.seek(head + start)
                content = file.read(size)
                file.seek(head + end - size)
                file.write(content)
        file.truncate(head + int(sizes.sum()))
    np.save(ends, new)
