"""The arrays of a version as files, also of those that are not kept because they are made anew quicker than they are worth.

What a version does not keep is made of what it keeps when it is first asked for, and stays for a while on this machine, as copies
of files do that lie elsewhere (`storage.cache`).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mhub_core.data.records import DataSpec
from mhub_core.errors import NotFound
from mhub_core.kinds.tables import features
from mhub_core.storage import service as storage

_FORMAT = 1  # raised when something is made otherwise than before


@dataclass(frozen=True)
class Maker:
    """How `x` is made of another array. `depends`: all of the spec that decides what it becomes, as JSON."""

    source: str
    depends: Callable[[DataSpec], Any]
    num_bytes: Callable[[DataSpec], int]
    write: Callable[[DataSpec, Path, Path], None]  # from the source, to a file


MAKERS = {  # by kind, for those of which a version may lack `x`
    "table": Maker("parquet", lambda data: data.input["encoder"], features.num_bytes, features.write),
}


def path_of(data: DataSpec, name: str) -> Path:
    """Return a local `.npy` file, fit for memory mapping. Open it soon: it may be a copy.

    Raises NotFound when it, or what it is made of, is missing or damaged; Unavailable when the store is away.
    """
    return storage.local_path(data.arrays[name]) if name in data.arrays else _made(data, name)


def verified(data: DataSpec, name: str) -> Path:
    """Return `path_of` after all bytes that are stored were checked."""
    return storage.verified_path(data.arrays[name]) if name in data.arrays else _made(data, name)


def borrow(data: DataSpec, name: str, folder: Path) -> Path:
    """Return a file for long work, which stays as long as `folder`."""
    if name in data.arrays:
        return storage.borrow(data.arrays[name], folder)
    made, mine = _made(data, name), folder / f"{name}.npy"
    try:
        mine.hardlink_to(made)
    except OSError:  # another disk
        shutil.copyfile(made, mine)
    return mine


def _made(data: DataSpec, name: str) -> Path:
    maker = MAKERS.get(data.kind)
    if name != "x" or maker is None or maker.source not in data.arrays:
        raise NotFound(f"This version has no array {name[:40]!r}.")
    key = data.arrays[maker.source]
    told = json.dumps([_FORMAT, data.kind, maker.depends(data)], sort_keys=True)
    mark = hashlib.sha256(told.encode()).hexdigest()[:16]
    return storage.made_of(key, mark, maker.num_bytes(data), lambda path: maker.write(data, storage.verified_path(key), path))
