"""The quick job that says what a design becomes: shapes, parameters and errors of every node."""

from __future__ import annotations

from typing import Any

from jobs import designs
from jobs.broker import actor
from mhub_core import settings
from mhub_core.graphs.engine import facts


@actor("graph_facts", seconds=60, answers=True)
def graph_facts(graph: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a design, see `mhub_core.graphs.engine.facts.facts`."""
    with designs.turn(graph):
        return facts.facts(graph, settings.number("MHUB_MAX_PARAMETERS"))
