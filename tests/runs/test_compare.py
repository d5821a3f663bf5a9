"""Several runs beside each other: who sees which, and what of their curves. On SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from mhub_core.errors import Invalid
from mhub_core.runs import compare_service, worker_service
from tests import factories


def curved(owner, version: int, data: int, epochs: int = 3) -> int:
    """A run that told its worker's values of some epochs."""
    run_id = factories.run_row(owner, version, data, state="running", attempt=1)
    worker_service.record(run_id, 1, [(epoch, {"loss": 1 / epoch, "val_loss": 2 / epoch}) for epoch in range(1, epochs + 1)], [])
    return run_id


def test_runs_come_in_the_order_asked_for_each_once_with_their_curves(ada):
    version, data = factories.model(ada), factories.dataset()
    first, second = curved(ada, version, data), curved(ada, version, data, epochs=5)

    found = compare_service.compare(ada, [second, first, second])

    assert [run.id for run in found.runs] == [second, first] and found.missing == ()
    assert found.points[first]["val_loss"] == [(1, 2.0), (2, 1.0), (3, 2 / 3)]
    assert len(found.points[second]["loss"]) == 5


def test_a_private_run_of_another_is_missing_like_one_that_does_not_exist(ada):
    bob, data = factories.person("bob"), factories.dataset()
    private, public = curved(ada, factories.model(ada, "private"), data), curved(ada, factories.model(ada), data)

    for viewer in (bob, None):
        found = compare_service.compare(viewer, [private, public, 999_999])
        assert [run.id for run in found.runs] == [public]
        assert found.missing == (private, 999_999) and private not in found.points


def test_more_runs_than_can_be_drawn_are_refused_in_words(ada):
    with pytest.raises(Invalid, match="too many"):
        compare_service.compare(ada, range(1, compare_service.MAX_RUNS + 2))


def test_the_curves_of_many_long_runs_are_thinned_out_and_keep_their_ends(ada):
    version, data = factories.model(ada), factories.dataset()
    ids = [curved(ada, version, data, epochs=1500) for _ in range(15)]

    found = compare_service.compare(ada, ids)

    for run_id in ids:
        curve = found.points[run_id]["loss"]
        assert len(curve) <= compare_service.MAX_POINTS // len(ids)
        assert curve[0] == (1, 1.0) and curve[-1] == (1500, 1 / 1500)
