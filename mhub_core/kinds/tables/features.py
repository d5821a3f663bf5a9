"""The features of a table, float32 `(rows, features)`, written some rows at a time, when it is prepared or trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mhub_core.data import room
from mhub_core.data.records import DataSpec, Progress
from mhub_core.kinds.tables import encoding
from mhub_core.kinds.tables.held import File, Held

KEPT_BYTES = 64 << 20  # larger ones are made of the table when they are asked for: a second for each 100 MB or so
_BATCH, _BATCH_BYTES = 50_000, 32 << 20


def num_bytes(data: DataSpec) -> int:
    """Return how large the features of a version are."""
    return 4 * data.num_rows * data.input_shape[0]


def write(data: DataSpec, table: Path, path: Path) -> None:
    """Write the features of a version whose rows lie in a Parquet file."""
    encode(File(table), data.input["encoder"], path, lambda *_: None)


def encode(held: Held, encoder: dict[str, Any], path: Path, progress: Progress) -> None:
    """Write the features of tidy rows. Raises TooLarge when the disk has no room."""
    shape, done = (held.height, encoder["num_features"]), 0
    room.require_room(path.parent, shape[0] * shape[1] * 4)
    names = [part["name"] for part in encoder["columns"]]
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
        for piece in held.pieces(names, _batch(shape[1])):
            progress(done, held.height, "Encoding rows")
            arrays = {part["name"]: encoding.array_of(piece[part["name"]], part["kind"]) for part in encoder["columns"]}
            file.write(encoding.encode_columns(encoder, arrays, piece.height).data)
            done += piece.height


def _batch(num_features: int) -> int:
    """Return how many rows are encoded at a time."""
    return max(100, min(_BATCH, _BATCH_BYTES // (4 * num_features)))
