"""Large designs hold few threads of the quick worker, and small ones are measured meanwhile."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from jobs import designs
from mhub_core.errors import Busy
from mhub_core.graphs import edit
from tests import factories

SMALL = factories.chain(3)
LARGE = factories.chain(*[4] * designs.LARGE)


def test_large_designs_leave_places_for_small_ones_and_give_them_back():
    with ExitStack() as held:
        for _ in range(designs.MOST_LARGE):
            held.enter_context(designs.turn(LARGE))
        with pytest.raises(Busy, match="diagrams"), designs.turn(LARGE):
            pass
        for _ in range(designs.MOST_AT_ONCE - designs.MOST_LARGE):
            held.enter_context(designs.turn(SMALL))
        with pytest.raises(Busy), designs.turn(SMALL):
            pass
    with ExitStack() as held:
        for _ in range(designs.MOST_AT_ONCE):
            held.enter_context(designs.turn(SMALL))


def test_layers_inside_sub_models_count():
    nested, _ = edit.insert_design(SMALL, LARGE, "inside")
    with ExitStack() as held:
        for _ in range(designs.MOST_LARGE):
            held.enter_context(designs.turn(nested))
        with pytest.raises(Busy), designs.turn(LARGE):
            pass
