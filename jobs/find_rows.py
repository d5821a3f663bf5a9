"""The quick job that finds the rows of a large table that somebody asks for."""

from __future__ import annotations

from typing import Any

from jobs.broker import actor
from mhub_core.exploring import service as exploring
from mhub_core.sandbox import Places

MOST_AT_ONCE = 2  # of 10 million rows each takes half a gigabyte for a moment
_places = Places(MOST_AT_ONCE, 0.0, "The hub is busy with other people's tables.")


@actor("find_rows", seconds=30, answers=True)
def find_rows(asked: dict[str, Any], offset: int, limit: int) -> tuple[int, list[int]]:
    """Return how many rows fit and which are on a page, see `mhub_core.exploring.service.find_rows`."""
    with _places.taken():
        return exploring.find_rows(asked, offset, limit)
