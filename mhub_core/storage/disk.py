"""How much room the disk has. A part of it is kept free for what runs and the database must write."""

from __future__ import annotations

import shutil

from mhub_core.errors import Unavailable
from mhub_core.storage import cache, stores
from mhub_core.storage.cache import reserve


def free_bytes() -> int:
    """Return the free bytes of the disk on which files come in. Raises Unavailable when there is no such folder."""
    return shutil.disk_usage(stores.current().incoming()).free


def require_room(num_bytes: int = 0) -> None:
    """Raise Unavailable when so many bytes more would touch what is kept free, also without the copies of files elsewhere."""
    if free_bytes() - num_bytes < reserve():
        cache.current().make_room(num_bytes)
    free = free_bytes()
    if free - num_bytes < reserve():
        raise Unavailable(
            f"The disk of the hub is nearly full: {in_words(max(0, free - reserve()))} left for new data.",
            mend="Delete datasets, models and runs that are no longer needed, or ask the administrator for a larger disk. "
            "Current runs continue.",
        )


def state() -> str:
    """Return "ok" or how little is left, in words."""
    free = free_bytes()
    return "ok" if free > 2 * reserve() else f"{'nearly full' if free > reserve() else 'full'}: {in_words(free)} free"


def in_words(num_bytes: int) -> str:
    """Return a size for people: 3.2 GB."""
    return f"{num_bytes / 1e9:,.1f} GB" if num_bytes >= 1e9 else f"{num_bytes / 1e6:,.0f} MB"
