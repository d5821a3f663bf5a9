"""Live facts as the pages ask for them."""

import pytest

from mhub_core.errors import Invalid, Unavailable
from mhub_core.graphs import service
from tests.graphs.drawing import chain, dense, row


def test_without_a_worker_the_facts_are_said_to_be_away(hub_home):
    with pytest.raises(Unavailable):
        service.facts(chain(row(4), dense(31)), seconds=0.1)


def test_hostile_json_never_reaches_the_queue(hub_home):
    with pytest.raises(Invalid):
        service.facts({"format": 1, "nodes": "x", "edges": []})
