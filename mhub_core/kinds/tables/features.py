"""The features of a table, float32 `(rows, features)`, written some rows at a time, when it is prepared or trained on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from mhub_core.data import room
from mhub_core.data.records import DataSpec, Progress
from mhub_core.kinds.tables import encoding
from mhub_core.kinds.tables.held import File, Held
from mhub_core.sandbox import Beat

KEPT_BYTES = 64 << 20  # larger ones are made of the table when they are asked for: a second for each 200 MB or so
_AT_ONCE = 2  # spans of rows that are encoded at the same time
_SPAN_ROWS, _SPAN_BYTES = 125_000, 32 << 20
_BLOCK_ROWS, _BLOCK_BYTES = 4_096, 8 << 20  # rows that are written at a time: small enough to stay in the cache of a processor
_SOURCE = "parquet"


def num_bytes(data: DataSpec) -> int:
    """Return how large the features of a version are."""
    return 4 * data.num_rows * data.input_shape[0]


def sources(data: DataSpec) -> tuple[str, ...]:
    """Return the arrays of which they are made."""
    return (_SOURCE,) if _SOURCE in data.arrays else ()


def write(data: DataSpec, paths: Mapping[str, Path], path: Path, beat: Beat | None) -> None:
    """Write the features of a version whose rows lie in a Parquet file."""
    encode(File(paths[_SOURCE]), data.input["encoder"], path, lambda *_: None)


def encode(held: Held, encoder: dict[str, Any], path: Path, progress: Progress) -> None:
    """Write the features of tidy rows. Raises TooLarge when the disk has no room."""
    shape, done = (held.height, encoder["num_features"]), 0
    room.require_room(path.parent, shape[0] * shape[1] * 4)
    with path.open("wb") as file, ThreadPoolExecutor(_AT_ONCE) as pool:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
        file.flush()
        spans = _Spans(held, encoder, file.fileno(), file.tell())
        for rows in pool.map(spans.write, held.spans(_most(_SPAN_ROWS, _SPAN_BYTES, shape[1]))):
            progress(done, held.height, "Encoding rows")
            done += rows


def _most(rows: int, num_bytes: int, num_features: int) -> int:
    """Return how many rows are taken at a time."""
    return max(100, min(rows, num_bytes // (4 * num_features)))


class _Spans:
    """Writes spans of rows into an open file, each at its place."""

    def __init__(self, held: Held, encoder: dict[str, Any], file: int, first_byte: int) -> None:
        self._held, self._encoder, self._file, self._first_byte = held, encoder, file, first_byte
        self._width = encoder["num_features"]
        self._names = [part["name"] for part in encoder["columns"]]

    def write(self, span: range) -> int:
        """Encode the rows of a span and return how many there are."""
        frame = self._held.rows(self._names, span)
        arrays = {part["name"]: encoding.array_of(frame[part["name"]], part["kind"]) for part in self._encoder["columns"]}
        columns = encoding.ready(self._encoder, arrays)
        block = np.empty((_most(_BLOCK_ROWS, _BLOCK_BYTES, self._width), self._width), np.float32)
        for first in range(0, len(span), len(block)):
            rows = block[: len(span) - first]
            rows.fill(0.0)
            encoding.put(columns, rows, first)
            self._put(rows, (span.start + first) * self._width * 4)
        return len(span)

    def _put(self, rows: np.ndarray, at: int) -> None:
        left, at = rows.data.cast("B"), self._first_byte + at
        while left:
            written = os.pwrite(self._file, left, at)
            left, at = left[written:], at + written
