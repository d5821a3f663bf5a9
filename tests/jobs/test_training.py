"""A training carried out by a real worker process: from the click to the scores."""

from __future__ import annotations

import pytest

from mhub_core import queue
from mhub_core.errors import Unavailable
from mhub_core.graphs import design
from mhub_core.runs import service as runs
from mhub_core.runs import worker_service
from tests import factories
from tests.jobs.workers import worker
from tests.services import wait_until

PLAN = {"epochs": 4, "batch_size": 16, "optimizer": "adam", "learning_rate": 0.01, "validation_share": 0.2, "seed": 1}


def submit(user, key: str = "key-00000001", graph: dict | None = None, **plan) -> int:  # noqa: ANN001
    model, data = factories.model(user, graph=graph), factories.dataset()
    return runs.submit(user, model, data, {**plan_of(), **plan}, key)


def plan_of() -> dict:
    from mhub_core.training import plan as plans

    return plans.defaults(factories.iris_spec()) | PLAN


@pytest.fixture
def ada(hub):
    return factories.person("ada")


def test_a_run_is_trained_tested_on_hidden_rows_and_saved_as_a_version(ada):
    run_id = submit(ada)
    with worker("training"):
        wait_until(lambda: runs.require_run(ada, run_id).state == "finished", 60)

    run = runs.require_run(ada, run_id)
    progress = runs.progress(None, run_id)
    assert 0 <= run.result["scores"]["accuracy"] <= 1
    assert [epoch for epoch, _ in progress.points["val_loss"]] == [1, 2, 3, 4]
    assert run.trained_version_id
    assert worker_service.list_workers() == []  # it said goodbye


def test_stopping_keeps_what_was_learned(ada):
    run_id = submit(ada, epochs=10_000)
    with worker("training"):
        wait_until(lambda: runs.progress(ada, run_id).epoch > 2, 60)
        runs.stop(ada, run_id)
        wait_until(lambda: runs.require_run(ada, run_id).state == "stopped", 20)

    run = runs.require_run(ada, run_id)
    assert 2 < run.epoch < 10_000
    assert run.trained_version_id and "accuracy" in run.result["scores"]


def test_a_worker_that_is_shut_down_hands_its_run_to_the_next(ada):
    run_id = submit(ada, epochs=300)
    with worker("training"):
        wait_until(lambda: runs.progress(ada, run_id).epoch > 2, 60)
    assert runs.require_run(ada, run_id).state == "queued"

    with worker("training"):
        wait_until(lambda: runs.require_run(ada, run_id).state == "finished", 60)
    assert "starts again" in " ".join(line.words for line in runs.progress(ada, run_id).log)


def test_a_loss_that_explodes_fails_in_words_and_the_worker_takes_the_next_run(ada):
    bad = submit(ada, optimizer="sgd", learning_rate=10.0, epochs=500, graph=factories.chain(*[64] * 8, 3))
    good = submit(ada, key="key-00000002")
    with worker("training"):
        wait_until(lambda: runs.require_run(ada, good).state == "finished", 60)

    assert runs.require_run(ada, bad).state == "failed"
    assert runs.require_run(ada, bad).error["happened"]


def test_the_quick_worker_answers_and_says_in_words_what_is_wrong(hub):
    with worker("quick"):
        wait_until(lambda: ask(factories.chain(8, 3)), 60)
        facts = ask(factories.chain(8, 3))

    assert facts["totals"]["parameters"] == (4 * 8 + 8) + (8 * 3 + 3)


def ask(graph: dict) -> dict | None:
    try:
        return queue.ask("graph_facts", design.require_valid(graph), seconds=1)
    except Unavailable:
        return None
