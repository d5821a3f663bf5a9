"""A training carried out by a real worker process: from the click to the scores."""

from __future__ import annotations

import psutil
import pytest

from mhub_core import queue
from mhub_core.errors import Invalid, Unavailable
from mhub_core.graphs import design
from mhub_core.runs import service as runs
from mhub_core.runs import worker_service
from mhub_core.training import plan as plans
from tests import factories
from tests.jobs.workers import worker
from tests.services import wait_until

pytestmark = pytest.mark.slow

PLAN = {"epochs": 4, "batch_size": 16, "optimizer": "adam", "learning_rate": 0.01, "validation_share": 0.2, "seed": 1}


def submit(user, key: str = "key-00000001", graph: dict | None = None, **plan) -> int:  # noqa: ANN001
    model, data = factories.model(user, graph=graph), factories.dataset()
    return runs.submit(user, model, data, {**plan_of(), **plan}, key)


def plan_of() -> dict:
    return plans.defaults(factories.iris_spec()) | PLAN


@pytest.fixture
def ada(database, broker):
    return factories.person("ada")


def test_a_run_is_trained_tested_on_hidden_rows_and_saved_as_a_version(hub):
    ada = factories.person("ada")
    run_id = submit(ada)
    with worker("training"):
        wait_until(lambda: runs.require_run(ada, run_id).state == "finished", 120)

    run = runs.require_run(ada, run_id)
    progress = factories.progress(None, run_id)
    confusion = run.result["confusion"]
    assert sum(map(sum, confusion)) == 30  # the hidden irises, and no others
    assert run.result["scores"]["accuracy"] == pytest.approx(sum(confusion[i][i] for i in range(3)) / 30)
    assert [epoch for epoch, _ in progress.points["val_loss"]] == [1, 2, 3, 4]
    assert run.trained_version_id
    assert worker_service.list_workers() == []  # it said goodbye


def test_whatever_happens_to_a_run_the_worker_takes_the_next_one(ada):
    bad = submit(ada, optimizer="sgd", learning_rate=10.0, epochs=500, graph=factories.chain(*[64] * 8, 3))
    killed = submit(ada, key="key-00000002", epochs=10_000)
    stopped = submit(ada, key="key-00000003", epochs=10_000)
    with worker("training") as process:
        for attempt in (1, 2, 3):  # it starts again twice, and is given up then
            wait_until(lambda attempt=attempt: is_under_way(ada, killed, attempt), 120)
            kill_the_busy_child_of(process.pid)
        wait_until(lambda: factories.progress(ada, stopped).epoch > 2, 120)
        runs.stop(ada, stopped)
        wait_until(lambda: runs.require_run(ada, stopped).state == "stopped", 60)

    assert runs.require_run(ada, bad).state == "failed"
    assert runs.require_run(ada, bad).error["mend"]
    assert runs.require_run(ada, killed).state == "failed"
    assert "memory" in runs.require_run(ada, killed).error["happened"]
    kept = runs.require_run(ada, stopped)
    assert 2 < kept.epoch < 10_000
    assert kept.trained_version_id and "accuracy" in kept.result["scores"]


def is_under_way(ada, run_id: int, attempt: int) -> bool:
    """Tell whether an attempt at a run has trained some epochs."""
    progress = factories.progress(ada, run_id)
    return progress.attempt == attempt and progress.epoch > 2


def kill_the_busy_child_of(process_id: int) -> None:
    """Kill the training's process, as the kernel does when memory runs out."""
    family = psutil.Process(process_id).children(recursive=True)
    max(family, key=lambda child: sum(child.cpu_percent(0.2) for _ in range(3))).kill()


def test_a_worker_that_is_shut_down_hands_its_run_to_the_next(ada):
    run_id = submit(ada, epochs=10_000)
    with worker("training"):
        wait_until(lambda: factories.progress(ada, run_id).epoch > 2, 120)

    assert factories.progress(ada, run_id).state == "queued"
    assert "starts again" in factories.progress(ada, run_id).log[-1].words


def test_the_quick_worker_answers_what_a_design_becomes(database, broker):
    with worker("quick"):
        wait_until(lambda: ask(factories.chain(8, 3)), 120)
        facts = ask(factories.chain(8, 3))

    assert facts["totals"]["parameters"] == (4 * 8 + 8) + (8 * 3 + 3)


def test_a_batch_that_no_worker_can_hold_is_refused_when_it_is_submitted(ada):
    wide = factories.chain(100_000, 3)
    worker_service.worker_seen("train-1", "training", {"memory_gb": 0.01, "processors": 2, "gpus": []})
    with worker("quick"):
        wait_until(lambda: ask(factories.chain(8, 3)), 120)
        with pytest.raises(Invalid, match="Choose a batch size of 8 or less"):
            submit(ada, graph=wide, batch_size=96)
        assert submit(ada, graph=wide, batch_size=8)


def ask(graph: dict) -> dict | None:
    try:
        return queue.ask("graph_facts", design.require_valid(graph), seconds=1)
    except Unavailable:
        return None
