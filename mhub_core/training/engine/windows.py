"""Cuts a long list of rows into windows: some batches that are copied out of the memory map and handed over together.

Where the windows are cut changes only the pace, never the result: each is a whole number of batches.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from mhub_core.training.engine.rows import Rows

LONGEST_SECONDS = 0.4  # A person who presses Stop waits for the end of a window.
MOST_BYTES = 32_000_000


class Windows:
    """Gives windows that grow until one takes about 0.4 seconds: Python is called rarely, and Stop works soon."""

    def __init__(self, rows: Rows, batch_size: int) -> None:
        self._rows = rows
        self._batch_size = batch_size
        self._batches = 1
        bytes_per_batch = batch_size * rows.bytes_per_row
        self._most_batches = max(1, MOST_BYTES // bytes_per_batch)
        self._reader = ThreadPoolExecutor(1)

    def over(self, order: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Give inputs and targets of all rows in this order. The next window is read while the caller works on one."""
        start = 0
        coming = self._reader.submit(self._rows.take, order[: self._size()])
        while start < len(order):
            x, y = coming.result()
            start += len(x)
            coming = self._reader.submit(self._rows.take, order[start : start + self._size()])
            began = time.perf_counter()
            yield x, y
            self._adjust(time.perf_counter() - began)

    def _size(self) -> int:
        return self._batches * self._batch_size

    def _adjust(self, seconds: float) -> None:
        if seconds > LONGEST_SECONDS:
            self._batches = max(1, self._batches // 2)
        elif seconds < LONGEST_SECONDS / 4:
            self._batches = min(self._most_batches, self._batches * 4)
