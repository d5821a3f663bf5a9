"""How many designs the quick worker measures and repairs at once, so that its threads and its processor stay free for others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from mhub_core.graphs import design
from mhub_core.graphs.walk import Graph
from mhub_core.sandbox import Places

MOST_AT_ONCE, MOST_LARGE = 4, 2
LARGE = 60  # layers: one costs 5 to 40 ms
# Nobody waits here, in a thread: who finds no place is sent back at once, and asked again after a moment (`queue.ask`).
_BUSY = "The hub is busy with other people's diagrams."
_all, _large = Places(MOST_AT_ONCE, 0.0, _BUSY), Places(MOST_LARGE, 0.0, _BUSY)


@contextmanager
def turn(graph: Graph) -> Iterator[None]:
    """Take a place for work on a design. Raises Busy when there is none."""
    with ExitStack() as taken:
        if design.num_layers(graph) > LARGE:
            taken.enter_context(_large.taken())
        taken.enter_context(_all.taken())
        yield
