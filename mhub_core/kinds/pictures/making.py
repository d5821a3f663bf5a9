"""Images that are not kept as pixels are decoded in the sandbox: all of a version into a file, or some of them to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mhub_core import sandbox, settings
from mhub_core.data.records import DataSpec, Progress
from mhub_core.data.room import require_room
from mhub_core.errors import Invalid, MHubError, TooLarge, Unavailable
from mhub_core.kinds.pictures import kept
from mhub_core.sandbox import Beat

_ALL = {"cpu_seconds": 3_600, "stall_seconds": 60.0}
_SOME = {"cpu_seconds": 60, "wall_seconds": 60.0}
_showing = sandbox.Places(4, 20.0, "The hub is busy decoding images for other people.")


def depends(data: DataSpec) -> Any:
    """Return what decides which pixels there are, beside the files."""
    return [data.input[name] for name in ("shape", "fit", "raw", "recipe") if name in data.input]


def num_bytes(data: DataSpec) -> int:
    """Return how large the pixels of a version are."""
    return data.num_rows * int(np.prod(data.input_shape))


def write(data: DataSpec, paths: Mapping[str, Path], path: Path, beat: Beat | None) -> None:
    """Write the pixels of all images. Raises TooLarge when that takes too much, Unavailable when it was ended from outside."""
    _run(data, paths, path, None, _ALL, beat)


def some(data: DataSpec, paths: Mapping[str, Path], rows: Sequence[int], folder: Path) -> np.ndarray:
    """Return some images, uint8 `(images, height, width, channels)`; they pass through a file in a folder. Raises Busy while many
    others ask."""
    with _showing.taken():
        _run(data, paths, folder / "x.npy", [int(row) for row in rows], _SOME, None)
    images: np.ndarray = np.load(folder / "x.npy", allow_pickle=False)
    return images


def make_json(asked: dict[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Write the images that are asked for, as the sandbox runs it."""
    paths = {name: Path(path) for name, path in asked["paths"].items()}
    images = kept.opened(DataSpec.from_json(asked["data"]), paths)
    rows, path = asked["rows"], Path(asked["path"])
    require_room(path.parent, (len(images) if rows is None else len(rows)) * int(np.prod(images.shape[1:])))
    if rows is None:
        kept.write(images, path, progress, "Decoding images")
    else:
        np.save(path, images[rows])
    return {}


def _run(
    data: DataSpec, paths: Mapping[str, Path], path: Path, rows: list[int] | None, most: dict[str, Any], beat: Beat | None
) -> None:
    limits = sandbox.Limits(settings.number("MHUB_PREPARE_MEMORY_MB") * 1_000_000, **most)
    asked = {"data": data.to_json(), "paths": {name: str(one) for name, one in paths.items()}, "path": str(path), "rows": rows}
    try:
        sandbox.run("decode_images", asked, limits, beat)
    except sandbox.Broken as error:
        raise _in_words(error) from error
    found = np.load(path, mmap_mode="r", allow_pickle=False)
    if found.dtype != np.uint8 or found.shape != (data.num_rows if rows is None else len(rows), *data.input_shape):
        raise Invalid("The images of this version could not be decoded.")  # only a process that was taken over says so


def _in_words(error: sandbox.Broken) -> MHubError:
    if isinstance(error, sandbox.Died):
        mend = "Try again. If it stays so, upload the images again; the hub's log has the details."
        return Unavailable("The images of this version could not be decoded.", mend=mend)
    mend = "The person who runs the hub can allow more with MHUB_PREPARE_MEMORY_MB; smaller images take less."
    return TooLarge("Decoding the images of this version takes more memory or time than the hub allows.", mend=mend)
