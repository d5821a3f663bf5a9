"""A run that no worker can carry out is refused in words with a way out; a run that one may is not."""

from __future__ import annotations

import pytest

from mhub_core.errors import Invalid
from mhub_core.graphs import stock
from mhub_core.graphs.engine import facts
from mhub_core.kinds.registry import require_kind
from mhub_core.training import cost
from mhub_core.training.learners.registry import require_learner
from tests.training import real

pytestmark = pytest.mark.usefixtures("hub_home")
ROW = ("image", "images")
SMALL = {"processors": 2, "memory_gb": 16.0, "gpus": []}
TOTALS = {"weight_bytes": 4_000_000, "activation_bytes": 50_000_000, "multiply_adds": 1_000_000_000}


def test_a_batch_that_does_not_fit_is_refused_with_the_largest_usual_one_that_does():
    machine = cost.largest([SMALL, {**SMALL, "memory_gb": 8.0}])

    with pytest.raises(Invalid) as refused:
        cost.require_memory(TOTALS, 512, machine, ROW)

    assert "batch size of 512" in str(refused.value) and "25.6 GB" in str(refused.value) and "has 16.0 GB" in str(refused.value)
    assert refused.value.mend == "Choose a batch size of 256 or less."
    cost.require_memory(TOTALS, 256, machine, ROW)


def test_a_model_that_is_too_large_for_one_example_is_told_as_such():
    with pytest.raises(Invalid, match="cannot take one image"):
        cost.require_memory({**TOTALS, "activation_bytes": 17_000_000_000}, 1, cost.largest([SMALL]), ROW)


def test_a_run_far_beyond_the_limit_is_refused_with_the_epochs_that_fit(monkeypatch):
    monkeypatch.setenv("MHUB_MAX_RUN_HOURS", "10")
    machine = cost.largest([SMALL])  # at most 2e11 multiply-adds a second

    with pytest.raises(Invalid) as refused:
        cost.require_time(TOTALS, 60_000, 80, machine)

    assert "20 hours or more" in str(refused.value) and "after 10 hours" in str(refused.value)
    assert refused.value.mend.startswith("Choose 40 epochs or fewer")
    cost.require_time(TOTALS, 60_000, 40, machine)


def test_nothing_is_refused_where_the_machine_is_not_known():
    assert cost.largest([]) is None
    for facts_of_workers in ([{**SMALL, "gpus": ["0"]}], [SMALL, {"gpus": []}]):
        machine = cost.largest(facts_of_workers)
        assert machine is not None and machine.memory is None
        cost.require_memory(TOTALS, 100_000, machine, ROW)


def test_every_stock_model_can_be_trained_on_a_small_machine_at_its_defaults():
    for data in (real.iris(), real.digits(), real.diabetes()):
        for item in stock.list_stock(data.kind, data.task):
            graph, _ = real.fitted(item.graph(), data)
            learner, totals = require_learner("keras"), facts.facts(graph, 10**9)["totals"]
            machine = cost.largest([{**SMALL, "memory_gb": 4.0}])
            assert machine is not None and require_kind(data.kind)
            learner.require_affordable(learner.defaults(data, graph), data, totals, machine)
