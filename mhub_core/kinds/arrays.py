"""The arrays of a version as files, also of those that are not kept because they are made anew quicker than they are worth.

What a version does not keep is made of what it keeps when it is first asked for, and stays for a while on this machine, as copies
of files do that lie elsewhere (`storage.cache`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from cachetools import LRUCache

from mhub_core.data.records import DataSpec
from mhub_core.errors import NotFound
from mhub_core.kinds.pictures import kept, making
from mhub_core.kinds.tables import features
from mhub_core.sandbox import Beat
from mhub_core.storage import service as storage

_FORMAT = 1  # raised when something is made otherwise than before
_SHOWN_BYTES = 64 << 20  # of examples that were made to be shown, because people look at the same few
_shown: LRUCache[tuple[str, str, tuple[int, ...]], np.ndarray] = LRUCache(_SHOWN_BYTES, getsizeof=lambda some: some.nbytes)
_lock = Lock()


@dataclass(frozen=True)
class Maker:
    """How `x` is made of other arrays, which lie at paths by their names. `depends`: all of the spec that decides what it becomes
    beside these, as JSON. `some` makes a few examples without the others, where that can be done; it may write into a folder."""

    sources: Callable[[DataSpec], tuple[str, ...]]
    depends: Callable[[DataSpec], Any]
    num_bytes: Callable[[DataSpec], int]
    write: Callable[[DataSpec, Mapping[str, Path], Path, Beat | None], None]
    some: Callable[[DataSpec, Mapping[str, Path], Sequence[int], Path], np.ndarray] | None = None


MAKERS = {  # by kind, for those of which a version may lack `x`
    "table": Maker(features.sources, lambda data: data.input["encoder"], features.num_bytes, features.write),
    "images": Maker(kept.sources, making.depends, making.num_bytes, making.write, making.some),
}


def path_of(data: DataSpec, name: str) -> Path:
    """Return a local `.npy` file, fit for memory mapping. Open it soon: it may be a copy.

    Raises NotFound when it, or what it is made of, is missing or damaged; Unavailable when the store is away.
    """
    return storage.local_path(data.arrays[name]) if name in data.arrays else _made(data, name)


def verified(data: DataSpec, name: str) -> Path:
    """Return `path_of` after all bytes that are stored were checked."""
    return storage.verified_path(data.arrays[name]) if name in data.arrays else _made(data, name)


def borrow(data: DataSpec, name: str, folder: Path, beat: Beat | None = None) -> Path:
    """Return a file for long work, which stays as long as `folder`. `beat` is called often while it is made, as by a sandbox."""
    if name in data.arrays:
        return storage.borrow(data.arrays[name], folder)
    made, mine = _made(data, name, beat), folder / f"{name}.npy"
    try:
        mine.hardlink_to(made)
    except OSError:  # another disk
        shutil.copyfile(made, mine)
    return mine


def some(data: DataSpec, rows: Sequence[int]) -> np.ndarray:
    """Return some examples, of `x`. Where all are not made yet, only these are, if the kind can do that.

    Raises as `path_of`, and Busy while many others ask.
    """
    if "x" in data.arrays:
        return _rows(path_of(data, "x"), rows)
    make, (key, mark) = _maker(data, "x"), made_name(data, "x")
    path = storage.made_before(key, mark)
    if make.some is None or path is not None:
        return _rows(path or _made(data, "x"), rows)
    asked = (key, mark, tuple(int(row) for row in rows))
    with _lock:
        found = _shown.get(asked)
    if found is None:
        paths = {name: storage.local_path(data.arrays[name]) for name in make.sources(data)}
        with tempfile.TemporaryDirectory(prefix="examples-", dir=storage.incoming()) as folder:
            found = make.some(data, paths, asked[2], Path(folder))
        with _lock, suppress(ValueError):  # more than is held
            _shown[asked] = found
    return found


def _rows(path: Path, rows: Sequence[int]) -> np.ndarray:
    found: np.ndarray = np.load(path, mmap_mode="r")[np.asarray(rows, np.int64)]
    return found


def _maker(data: DataSpec, name: str) -> Maker:
    maker = MAKERS.get(data.kind)
    if name != "x" or maker is None or not maker.sources(data):
        raise NotFound(f"This version has no array {name[:40]!r}.")
    return maker


def made_name(data: DataSpec, name: str) -> tuple[str, str]:
    """Return the key of the blob of which an array is made, and what tells it from others that are made of it."""
    maker = _maker(data, name)
    keys = [data.arrays[source] for source in maker.sources(data)]
    told = json.dumps([_FORMAT, data.kind, maker.depends(data), *keys[1:]], sort_keys=True)
    return keys[0], hashlib.sha256(told.encode()).hexdigest()[:16]


def _made(data: DataSpec, name: str, beat: Beat | None = None) -> Path:
    maker = _maker(data, name)

    def write(path: Path) -> None:
        maker.write(data, {one: storage.verified_path(data.arrays[one]) for one in maker.sources(data)}, path, beat)

    return storage.made_of(*made_name(data, name), maker.num_bytes(data), write)
