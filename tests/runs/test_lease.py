"""Whoever holds the lease writes; nobody else does. On SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from db.base import now
from db.engine import reading, writing
from db.tables.models import ModelVersionRow
from db.tables.runs import MetricChunkRow, RunLogRow, RunRow, RunScoreRow
from mhub_core.errors import Invalid
from mhub_core.models import service as models
from mhub_core.runs import worker_service as runs
from mhub_core.training.records import Outcome
from tests import factories


@pytest.fixture
def place(hub) -> dict:
    ada = factories.person("ada")
    return {"ada": ada, "model": factories.model(ada), "data": factories.dataset()}


def queue_run(place: dict, owner=None, **columns) -> int:  # noqa: ANN001
    return factories.run_row(owner or place["ada"], place["model"], place["data"], **columns)


def row(run_id: int) -> RunRow:
    with reading() as session:
        return session.get_one(RunRow, run_id)


def words(run_id: int) -> list[str]:
    with reading() as session:
        return list(session.scalars(select(RunLogRow.words).where(RunLogRow.run_id == run_id).order_by(RunLogRow.id)))


def let_expire(run_id: int) -> None:
    with writing() as session:
        session.execute(update(RunRow).where(RunRow.id == run_id).values(lease_until=now() - timedelta(seconds=1)))


def count(table) -> int:  # noqa: ANN001
    with reading() as session:
        return session.scalar(select(func.count()).select_from(table))


OUTCOME = Outcome(
    "finished", Path("model.keras"), 67, 1.5, 5, {"scores": {"loss": float("nan")}}, {"accuracy": 0.9, "loss": float("nan")}
)
KEY = "0" * 64


def test_a_run_is_given_to_one_worker_even_when_twenty_ask_at_once(place):
    ids = {queue_run(place) for _ in range(10)}

    with ThreadPoolExecutor(20) as pool:
        claims = [claim for claim in pool.map(lambda n: runs.claim(f"worker {n}"), range(30)) if claim]

    assert sorted(claim.run_id for claim in claims) == sorted(ids)


def test_nobodys_second_run_stands_before_somebodys_first(place):
    bob = factories.person("bob")
    ada_first, ada_second = queue_run(place), queue_run(place)
    bobs = queue_run(place, owner=bob)

    assert [runs.claim("w").run_id for _ in range(3)] == [ada_first, bobs, ada_second]
    assert runs.claim("w") is None


def test_a_worker_that_was_given_up_writes_nothing(place):
    run_id = queue_run(place)
    dead = runs.claim("dead")
    let_expire(run_id)
    assert runs.sweep() == [run_id]
    alive = runs.claim("alive")

    assert runs.beat(run_id, dead.attempt) == runs.LOST
    assert not runs.record(run_id, dead.attempt, [(1, {"loss": 9.0})], ["I am still here"])
    assert runs.finish(run_id, dead.attempt, OUTCOME, KEY) is None
    assert not runs.fail(run_id, dead.attempt, Invalid("no"))
    assert runs.beat(run_id, alive.attempt) == runs.GO
    assert row(run_id).state == "starting"
    assert "I am still here" not in words(run_id)


def test_a_finished_run_is_one_model_version_with_its_scores_and_finishing_again_changes_nothing(place):
    run_id = queue_run(place)
    claim = runs.claim("w")

    version_id = runs.finish(run_id, claim.attempt, OUTCOME, KEY)

    assert runs.finish(run_id, claim.attempt, OUTCOME, KEY) is None
    assert (count(ModelVersionRow), count(RunScoreRow)) == (2, 1)  # a loss that is no number is no score
    assert (row(run_id).state, row(run_id).trained_version_id) == ("finished", version_id)
    with reading() as session:
        version = session.get_one(ModelVersionRow, version_id)
    assert (version.number, version.run_id, version.model_key) == (2, run_id, KEY)
    assert version.serving["num_parameters"] == 67


def test_a_run_whose_worker_died_starts_again_without_the_old_curve_and_says_why(place):
    run_id = queue_run(place)
    claim = runs.claim("w")
    runs.record(run_id, claim.attempt, [(epoch, {"loss": 1.0}) for epoch in range(1, 7)], [])
    let_expire(run_id)

    runs.sweep()

    assert (row(run_id).state, row(run_id).epoch, count(MetricChunkRow)) == ("queued", 0, 0)
    assert words(run_id) == ["The worker stopped answering during epoch 7; the run starts again (attempt 2 of 3)."]


def test_a_run_that_costs_three_workers_is_given_up_in_words(place):
    run_id = queue_run(place)
    for _ in range(3):
        assert runs.claim("w")
        let_expire(run_id)
        runs.sweep()

    assert row(run_id).state == "failed"
    assert "3 times" in row(run_id).error["happened"]
    assert runs.claim("w") is None


def test_a_run_keeps_the_versions_of_what_trained_it(place):
    run_id = queue_run(place)

    assert runs.claim("w", {"keras": "3.15.1"}).spec["versions"] == {"keras": "3.15.1"}
    assert row(run_id).spec["versions"] == {"keras": "3.15.1"}


def test_a_worker_that_answers_in_time_keeps_its_run(place):
    run_id = queue_run(place)
    claim = runs.claim("w")

    assert runs.sweep() == []
    assert runs.beat(run_id, claim.attempt) == runs.GO


def test_a_worker_shut_down_in_order_costs_the_run_no_attempt(place):
    run_id = queue_run(place)
    for _ in range(5):
        runs.give_back(run_id, runs.claim("w").attempt)

    assert (row(run_id).state, row(run_id).deaths) == ("queued", 0)


def test_a_run_to_be_stopped_whose_worker_died_is_stopped_not_trained_again(place):
    run_id = queue_run(place)
    runs.claim("w")
    with writing() as session:
        session.execute(update(RunRow).values(state="stopping", stop_requested=True))
    let_expire(run_id)

    assert runs.sweep() == []
    assert row(run_id).state == "stopped"


def test_workers_are_known_while_they_answer_and_forgotten_when_they_leave(hub):
    runs.worker_seen("host:1:training", "training", {"python": "3.11"})
    runs.worker_seen("host:1:training", "training", {"python": "3.11"})

    [worker] = runs.list_workers()
    assert worker.alive
    runs.worker_gone("host:1:training")
    assert runs.list_workers() == []


def test_a_run_that_ends_and_its_model_that_is_deleted_do_not_wait_for_each_other(place):
    for _ in range(8):
        version_id = factories.model(place["ada"])
        model_id = models.require_version(place["ada"], version_id).model_id
        run_id = factories.run_row(place["ada"], version_id, place["data"], state="running", attempt=1)
        gate = threading.Barrier(2)

        def ends(run_id: int = run_id, gate: threading.Barrier = gate) -> None:
            gate.wait()
            runs.finish(run_id, 1, OUTCOME, KEY)

        def goes(model_id: int = model_id, gate: threading.Barrier = gate) -> None:
            gate.wait()
            models.delete(place["ada"], model_id)

        with ThreadPoolExecutor(2) as pool:
            for told in [pool.submit(ends), pool.submit(goes)]:
                told.result()
    assert count(ModelVersionRow) == 1  # that of the place


def test_a_run_whose_row_somebody_holds_is_not_taken_from_its_worker(place):
    run_id = queue_run(place)
    runs.claim("w1")
    let_expire(run_id)

    with writing() as session:
        if session.get_bind().dialect.name == "sqlite":
            return  # which has one writer at a time: nobody sweeps meanwhile
        session.execute(select(RunRow).where(RunRow.id == run_id).with_for_update())
        with ThreadPoolExecutor(1) as pool:
            pool.submit(runs.sweep).result(timeout=60)
    assert row(run_id).attempt == 1 and row(run_id).state == "starting"
