"""Which stock architectures this hub can train by itself."""

from __future__ import annotations

from mhub_core.graphs.stock import Stock
from mhub_core.kinds.registry import KINDS
from mhub_core.tasks.registry import TASKS


def trains_here(item: Stock) -> bool:
    """Tell whether the hub has data and a task for an architecture."""
    return item.task in TASKS and not KINDS.keys().isdisjoint(item.fed_by)
