"""Places the layers of a design automatically: one row for each step from the input, branches side by side.

After Sugiyama, Tagawa and Toda 1981, Methods for visual understanding of hierarchical system structures: rows by the
longest way from an input; a lane is kept free in every row that a long connection passes; each row is ordered by the
mean place of its neighbours, up and down, and the order with the fewest crossings is kept; then every layer goes as
near to the middle of its neighbours as the others in its row leave room. Where layers stand before does not matter.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from itertools import pairwise

from mhub_core.graphs import walk
from mhub_core.graphs.editing.common import STEP
from mhub_core.graphs.editing.layers import set_positions
from mhub_core.graphs.walk import Graph

ROW = STEP
COLUMN = 260  # Between the middles of two layers of a row; a lane needs less.
BESIDE_LANE, BETWEEN_LANES = 250, 60
MOST_LANES = 5_000
SWEEPS = 8

Item = str | tuple[str, int]  # A node, or the lane of what leaves a node, in one row.
Rows = list[list[Item]]
Links = dict[Item, list[Item]]


def arrange(graph: Graph) -> Graph:
    """Return the design with new positions. Layers in a circle go below the rest."""
    numbers = _numbers(graph)
    rows, above, below = _with_lanes(graph, numbers)
    rows = _ordered(rows, above, below)
    columns = _columns(rows, above, below)
    left = columns[graph["nodes"][0]["id"]] if graph["nodes"] else 0.0  # The first layer stands at 0.
    places = {node_id: [float(round(columns[node_id] - left)), float(row * ROW)] for node_id, row in numbers.items()}
    return set_positions(graph, places)


def _numbers(graph: Graph) -> dict[str, int]:
    """Return the row of each node: the longest way to it from an input."""
    feeding = walk.incoming(graph)
    found: dict[str, int] = {}
    for node_id in walk.topological(graph):
        found[node_id] = max((found[edge["source"]] + 1 for edge in feeding[node_id]), default=0)
    last = max(found.values(), default=-1) + 1
    return {node["id"]: found.get(node["id"], last) for node in graph["nodes"]}


def _with_lanes(graph: Graph, numbers: dict[str, int]) -> tuple[Rows, Links, Links]:
    """Return the rows with lanes for long connections, and what each item is joined to above and below it."""
    rows: Rows = [[] for _ in range(max(numbers.values(), default=-1) + 1)]
    for node_id, row in numbers.items():
        rows[row].append(node_id)
    above: Links = {node_id: [] for node_id in numbers}
    below: Links = {node_id: [] for node_id in numbers}
    pairs = {(edge["source"], edge["target"]): None for edge in graph["edges"]}
    spans = {(source, target): numbers[target] - numbers[source] for source, target in pairs}
    num_lanes = 0
    for source, target in sorted(pairs, key=lambda pair: spans[pair]):
        num_lanes += max(spans[source, target] - 1, 0)
        if spans[source, target] < 1 or num_lanes > MOST_LANES:
            continue  # In a circle, or so long among so many that lanes would be all there is.
        last: Item = source
        for row in range(numbers[source] + 1, numbers[target]):
            lane = (source, row)
            if lane not in above:
                above[lane], below[lane] = [last], []
                below[last].append(lane)
                rows[row].append(lane)
            last = lane
        above[target].append(last)
        below[last].append(target)
    return rows, above, below


def _ordered(rows: Rows, above: Links, below: Links) -> Rows:
    """Return the rows so ordered that few connections cross."""
    rows = [list(row) for row in rows]
    best, fewest = [list(row) for row in rows], _crossings(rows, below)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        is_down = sweep % 2 == 0
        links = above if is_down else below
        order = range(1, len(rows)) if is_down else range(len(rows) - 2, -1, -1)
        for number in order:
            _sort(rows[number], rows[number - 1 if is_down else number + 1], links)
        crossings = _crossings(rows, below)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _sort(row: list[Item], beside: list[Item], links: Links) -> None:
    """Order a row by the mean place of what each item is joined to in the row beside it; others keep their place."""
    places = {item: place for place, item in enumerate(beside)}
    means = {item: _mean([places[other] for other in links[item]], place) for place, item in enumerate(row)}
    row.sort(key=lambda item: means[item])


def _crossings(rows: Rows, below: Links) -> int:
    count = 0
    for row, beside in pairwise(rows):
        places = {item: place for place, item in enumerate(beside)}
        seen: list[int] = []
        for item in row:
            ends = [places[other] for other in below[item]]
            count += sum(len(seen) - bisect_left(seen, end + 1) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


def _columns(rows: Rows, above: Links, below: Links) -> dict[Item, float]:
    """Return how far right each item stands: as near to the middle of its neighbours as its row leaves room."""
    gaps = [[_gap(left, right) for left, right in pairwise(row)] for row in rows]
    found: dict[Item, float] = {}
    for row, between in zip(rows, gaps):
        found |= zip(row, _spread([0.0] * len(row), between))
    both = {item: above[item] + below[item] for item in above}
    for links, order in [(above, 1), (below, -1)] * 4 + [(both, 1), (both, -1)] * 2:
        for row, between in list(zip(rows, gaps))[::order]:
            wanted = [_mean([found[other] for other in links[item]], found[item]) for item in row]
            found |= zip(row, _spread(wanted, between))
    return found


def _gap(left: Item, right: Item) -> int:
    lanes = isinstance(left, tuple) + isinstance(right, tuple)
    return (COLUMN, BESIDE_LANE, BETWEEN_LANES)[lanes]


def _spread(wanted: list[float], gaps: list[int]) -> list[float]:
    """Return the places nearest to those wanted that keep the order and the gaps.

    The least squares of it: pooling neighbours that want to pass each other (Ayer et al. 1955, isotonic regression).
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    groups: list[tuple[float, int]] = []  # The mean place of a group's first item, were it at 0, and its size.
    for want, offset in zip(wanted, offsets):
        place, size = want - offset, 1
        while groups and groups[-1][0] > place:
            other, count = groups.pop()
            place, size = (place * size + other * count) / (size + count), size + count
        groups.append((place, size))
    places = [place for place, size in groups for _ in range(size)]
    return [place + offset for place, offset in zip(places, offsets)]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
