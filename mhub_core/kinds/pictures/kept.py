"""The images of a version: kept as pixels where these are few, else as the files they came as, to be decoded when asked for.

`arrays` of a version names `x`; or `files` (uint8, the bytes of all files one behind the other) and `ends` (int64, where each of
them ends). What a recipe made is not kept either, unless it is small: it is made of what is kept of the upload, and the steps.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from mhub_core.data.records import DataSpec, Progress
from mhub_core.data.room import require_room
from mhub_core.kinds.pictures import decode, writing
from mhub_core.recipes import image_run

KEPT_BYTES = 16 << 20  # of pixels that are kept in any case: some hundred small images, which are then there at once
X, FILES, ENDS = "x", "files", "ends"
NAMES = (X, FILES, ENDS)
_CHUNK_BYTES = 2 << 20


class Pixels(Protocol):
    """Images uint8 `(images, height, width, channels)`, in memory or made when they are asked for."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of all, as of an array."""

    def __len__(self) -> int:
        """How many there are."""

    def __getitem__(self, rows: Any) -> np.ndarray:
        """Return those of a slice, or of row numbers."""


class Files:
    """Images that lie there as files. They were decoded once before, so no error is expected."""

    def __init__(self, files: np.ndarray, ends: np.ndarray, shape: Sequence[int], fit: str) -> None:
        self._files, self._ends, self._fit = files, ends, fit
        self.shape = (len(ends), *shape)

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, rows: Any) -> np.ndarray:
        wanted = range(*rows.indices(len(self))) if isinstance(rows, slice) else rows
        made = np.empty((len(wanted), *self.shape[1:]), np.uint8)
        for place, row in enumerate(wanted):
            made[place] = decode.decode(self.content(int(row)), self.shape[1:], self._fit)
        return made

    @property
    def num_bytes(self) -> int:
        """How many bytes the files have."""
        return len(self._files)

    def content(self, row: int) -> bytes:
        """Return the bytes of a file."""
        start = int(self._ends[row - 1]) if row else 0
        return self._files[start : int(self._ends[row])].tobytes()


class Changed:
    """Images after some steps."""

    def __init__(self, images: Pixels, recipe: Sequence[Mapping[str, Any]]) -> None:
        self._images, self._recipe = images, recipe
        self.shape = (len(images), *image_run.shape_after(images.shape[1:], recipe))

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, rows: Any) -> np.ndarray:
        return image_run.apply(np.asarray(self._images[rows]), self._recipe)


class Kept(NamedTuple):
    """Images, and the files in which they lie, by the names of the arrays."""

    images: Pixels
    arrays: dict[str, str]


def are_few(shape: Sequence[int]) -> bool:
    """Tell whether images `(images, height, width, channels)` are kept as pixels in any case."""
    return int(np.prod(shape, dtype=np.int64)) <= KEPT_BYTES


def opened(data: DataSpec, paths: Mapping[str, Path]) -> Pixels:
    """Return the images of a version, whose arrays lie at `paths`."""
    if X in data.arrays:
        return _pixels(paths[X])
    recipe = data.input.get("recipe", ())
    return Changed(uploaded(data, paths), recipe) if recipe else uploaded(data, paths)


def uploaded(data: DataSpec, paths: Mapping[str, Path]) -> Pixels:
    """Return the images at the root of a version, before any step."""
    if FILES not in data.arrays:
        return _pixels(paths[f"raw_{X}" if f"raw_{X}" in data.arrays else X])
    shape = (data.input.get("raw") or data.input)["shape"]
    return files_of(paths[FILES], paths[ENDS], shape, str(data.input.get("fit", decode.STRETCH)))


def files_of(files: Path, ends: Path, shape: Sequence[int], fit: str) -> Files:
    """Open images that lie there as files."""
    return Files(np.load(files, mmap_mode="r"), np.load(ends), shape, fit)


def sources(data: DataSpec) -> tuple[str, ...]:
    """Return the arrays of which `x` is made where a version has none."""
    return (FILES, ENDS) if FILES in data.arrays else (f"raw_{X}",) if f"raw_{X}" in data.arrays else ()


def in_folder(folder: Path, shape: Sequence[int], fit: str) -> Kept:
    """Return what was written into a folder."""
    names = {name: f"{name}.npy" for name in NAMES if (folder / f"{name}.npy").exists()}
    images = _pixels(folder / names[X]) if X in names else files_of(folder / names[FILES], folder / names[ENDS], shape, fit)
    return Kept(images, names)


def keep(images: Pixels, folder: Path, progress: Progress) -> Kept:
    """Write images that are made of others, unless they are many."""
    if not are_few(images.shape):
        return Kept(images, {})
    require_room(folder, int(np.prod(images.shape)))
    write(images, folder / "x.npy", progress, "Changing images")
    return Kept(_pixels(folder / "x.npy"), {X: "x.npy"})


def write(images: Pixels, path: Path, progress: Progress, words: str) -> None:
    """Write the pixels of all images as a `.npy` file, made by all processors."""
    step = max(1, _CHUNK_BYTES // int(np.prod(images.shape[1:])))
    starts = range(0, len(images), step)
    with writing.placed(path, images.shape) as put:
        for done, _ in enumerate(_each(lambda start: put(start, images[start : start + step]), starts)):
            progress(min(len(images), (done + 1) * step), len(images), words)


def join(images: Sequence[Pixels], folder: Path, fit: str, progress: Progress) -> Kept:
    """Write images of several versions one after the other: as files where some are kept so and all are many, else as pixels."""
    shape = (sum(map(len, images)), *images[0].shape[1:])
    if are_few(shape) or not any(isinstance(one, Files) for one in images):
        require_room(folder, int(np.prod(shape)))
        rows = writing.Rows(folder / "x.npy", shape[0], shape[1:])
        for row, image in enumerate(image for one in images for some in chunks(one) for image in some):
            rows.write(row, image)
        rows.close(shape[0])
    else:
        require_room(folder, sum(one.num_bytes if isinstance(one, Files) else int(np.prod(one.shape)) for one in images))
        files, done = writing.Files(folder / "files.npy", folder / "ends.npy"), 0
        for done, content in enumerate(content for one in images for content in _contents(one)):
            files.write(content)
            progress(done + 1, shape[0], "Adding images")
        files.close()
    return in_folder(folder, shape[1:], fit)


def _contents(images: Pixels) -> Iterator[bytes]:
    """Give images as files. PNG keeps pixels as they are, so that they are the same when it is decoded."""
    if isinstance(images, Files):
        return map(images.content, range(len(images)))
    return (decode.to_png(image) for some in chunks(images) for image in some)


def chunks(images: Pixels) -> Iterator[np.ndarray]:
    """Give all images, some at a time, made by all processors."""
    step = max(1, _CHUNK_BYTES // int(np.prod(images.shape[1:])))
    return _each(lambda start: np.asarray(images[start : start + step]), range(0, len(images), step))


def _each(work: Callable[[int], Any], starts: Sequence[int]) -> Iterator[Any]:
    """Give what `work` makes, in order, a few ahead."""
    num = max(2, os.cpu_count() or 2)
    waiting: deque[Future[Any]] = deque()
    with ThreadPoolExecutor(num) as pool:
        for start in starts:
            waiting.append(pool.submit(work, start))
            if len(waiting) > 2 * num:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _pixels(path: Path) -> np.ndarray:
    array: np.ndarray = np.load(path, mmap_mode="r")
    return array
