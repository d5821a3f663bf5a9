"""Places the layers of a design automatically: one row for each step from the input, branches side by side."""

from __future__ import annotations

from mhub_core.graphs import walk
from mhub_core.graphs.editing.common import STEP
from mhub_core.graphs.editing.layers import set_positions
from mhub_core.graphs.walk import Graph

ROW = STEP
COLUMN = 240


def arrange(graph: Graph) -> Graph:
    """Return the design with new positions. Layers in a circle go below the rest."""
    rows = _rows(graph)
    columns: dict[str, float] = {}
    positions: dict[str, list[float]] = {}
    feeding = walk.incoming(graph)
    for number in sorted(set(rows.values())):
        row = [node["id"] for node in graph["nodes"] if rows[node["id"]] == number]
        # A layer stands where those that feed it stand on average, so that lines cross less.
        row.sort(key=lambda node_id: _mean([columns.get(edge["source"], 0.0) for edge in feeding[node_id]]))
        for place, node_id in enumerate(row):
            columns[node_id] = (place - (len(row) - 1) / 2) * COLUMN
            positions[node_id] = [columns[node_id], float(number * ROW)]
    return set_positions(graph, positions)


def _rows(graph: Graph) -> dict[str, int]:
    """Return the row of each node: the longest way to it from an input."""
    feeding = walk.incoming(graph)
    rows: dict[str, int] = {}
    for node_id in walk.topological(graph):
        rows[node_id] = max((rows[edge["source"]] + 1 for edge in feeding[node_id]), default=0)
    last = max(rows.values(), default=-1) + 1
    return {node["id"]: rows.get(node["id"], last) for node in graph["nodes"]}


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
