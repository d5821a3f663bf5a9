"""The quick job that finds what mends a broken design."""

from __future__ import annotations

from typing import Any

from jobs import designs
from jobs.broker import actor
from mhub_core import settings
from mhub_core.graphs.engine.repairs import repairs


@actor("graph_repairs", seconds=60, answers=True)
def graph_repairs(graph: dict[str, Any]) -> list[dict[str, Any]]:
    """Return up to three repairs that build, see `mhub_core.graphs.engine.repairs`."""
    with designs.turn(graph):
        return repairs(graph, settings.number("MHUB_MAX_PARAMETERS"))
