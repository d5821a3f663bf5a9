"""What people may do with runs, and what they see of them. On SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import update

from db.engine import reading, writing
from db.tables.datasets import DatasetRow
from db.tables.runs import RunRow
from mhub_core import queue
from mhub_core.errors import Conflict, Forbidden, Invalid, NotFound, SignInRequired
from mhub_core.models import service as models
from mhub_core.runs import course_service, worker_service
from mhub_core.runs import service as runs
from mhub_core.training import plan as plans
from tests import factories

KEY = "a-key-of-a-form"


@pytest.fixture
def plan() -> dict:
    return plans.defaults(factories.iris_spec())


def test_a_double_click_starts_one_run_even_when_both_arrive_at_once(ada, pair, plan):
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: runs.submit(ada, *pair, plan, KEY), range(8)))

    assert len(ids) == len(runs.list_runs(ada)) == 1


def test_a_submitted_run_wakes_a_worker_and_says_what_was_adapted(ada, plan):
    run_id = runs.submit(ada, factories.model(ada, graph=factories.chain(8, 2, shape=(9,))), factories.dataset(), plan, KEY)

    assert queue.lengths()["training"] == 1
    words = " ".join(line.words for line in factories.progress(ada, run_id).log)
    assert "(4)" in words or "4" in words
    assert runs.require_run(ada, run_id).spec["graph"]["nodes"][0]["config"]["shape"] == [4]


def test_a_run_waits_when_the_broker_is_away(ada, pair, plan, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")

    run_id = runs.submit(ada, *pair, plan, KEY)

    assert (factories.progress(ada, run_id).state, factories.progress(ada, run_id).queue_position) == ("queued", 1)


def test_a_visitor_is_asked_to_sign_in(pair, plan):
    with pytest.raises(SignInRequired):
        runs.submit(None, *pair, plan, KEY)


def test_nobody_trains_somebody_elses_model_or_on_a_hidden_dataset(ada, bob, pair, plan):
    secret = factories.dataset(bob, "private", "Secret")

    with pytest.raises(Forbidden):
        runs.submit(bob, *pair, plan, KEY)
    with pytest.raises(NotFound):
        runs.submit(ada, pair[0], secret, plan, KEY)
    assert runs.list_runs(ada) == []


def test_all_mistakes_of_a_plan_are_told_at_once(ada, pair, plan):
    with pytest.raises(Invalid) as told:
        runs.submit(ada, *pair, plan | {"epochs": 0, "learning_rate": -1, "batch_size": 1000}, KEY)

    assert set(told.value.problems) == {"epochs", "learning_rate", "batch_size"}


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "a/../key-of-form", None])
def test_a_form_without_a_proper_key_is_refused(ada, pair, plan, key):
    with pytest.raises(Invalid):
        runs.submit(ada, *pair, plan, key)


def test_somebody_elses_key_gives_nothing_away(ada, bob, pair, plan):
    runs.submit(ada, *pair, plan, KEY)

    with pytest.raises(Conflict):
        runs.submit(bob, factories.model(bob), pair[1], plan, KEY)


def test_one_person_cannot_fill_the_queue(ada, bob, pair, plan, monkeypatch):
    monkeypatch.setenv("MHUB_ACTIVE_RUNS_PER_USER", "2")
    for number in range(2):
        runs.submit(ada, *pair, plan, f"{KEY}-{number}")

    with pytest.raises(Conflict, match="At most 2"):
        runs.submit(ada, *pair, plan, KEY)
    runs.submit(bob, factories.model(bob), pair[1], plan, KEY)


def test_a_design_that_cannot_be_built_is_refused_before_it_waits(ada, pair, plan):
    graph = factories.chain(8, 3)
    graph["edges"] = []

    with pytest.raises(Invalid):
        runs.submit(ada, factories.model(ada, graph=graph), pair[1], plan, KEY)


def test_a_waiting_run_stops_at_once_and_a_running_one_when_its_worker_hears_of_it(ada, pair):
    waiting = factories.run_row(ada, *pair)
    runs.stop(ada, waiting)
    running = factories.run_row(ada, *pair)
    claim = worker_service.claim("w")
    runs.stop(ada, running)
    runs.stop(ada, running)

    assert [factories.progress(ada, run_id).state for run_id in (waiting, running)] == ["stopped", "stopping"]
    assert worker_service.beat(claim.run_id, claim.attempt) == "stop"


def test_only_its_owner_and_the_administrator_stop_or_delete_a_run(ada, bob, pair):
    run_id = factories.run_row(ada, *pair)

    for verb in (runs.stop, runs.delete):
        with pytest.raises(Forbidden):
            verb(bob, run_id)
        with pytest.raises(SignInRequired):
            verb(None, run_id)
    runs.stop(factories.person("root", is_admin=True), run_id)


def test_a_run_is_as_visible_as_its_model_and_its_dataset(ada, bob, pair):
    run_id = factories.run_row(ada, *pair)
    assert runs.require_run(None, run_id).may_edit is False
    with writing() as session:
        session.execute(update(DatasetRow).values(visibility="private"))

    for verb in (runs.require_run, factories.progress):
        with pytest.raises(NotFound):
            verb(bob, run_id)
    assert runs.list_runs(bob) == []
    assert runs.require_run(ada, run_id).may_edit


def test_a_deleted_run_is_gone_and_its_model_version_stays(ada, pair):
    run_id = factories.run_row(ada, *pair)
    factories.finish_run(run_id, {"accuracy": 0.9})
    version_id = runs.require_run(ada, run_id).trained_version_id

    runs.delete(ada, run_id)

    assert runs.list_runs(ada) == []
    assert models.require_version(ada, version_id).trained


def test_a_run_that_is_being_trained_is_not_deleted(ada, pair):
    run_id = factories.run_row(ada, *pair)
    worker_service.claim("w")

    with pytest.raises(Conflict, match="Stop it first"):
        runs.delete(ada, run_id)


def test_the_place_in_the_queue_is_the_order_in_which_workers_take(ada, bob, pair):
    first, second = (factories.run_row(ada, *pair) for _ in range(2))
    bobs = factories.run_row(bob, *pair)

    assert [factories.progress(ada, run_id).queue_position for run_id in (first, bobs, second)] == [1, 2, 3]


def test_progress_gives_only_points_after_the_cursor_and_all_of_a_new_attempt(ada, pair):
    run_id = factories.run_row(ada, *pair)
    claim = worker_service.claim("w")
    for epoch in (1, 2, 3):
        worker_service.record(run_id, claim.attempt, [(epoch, {"loss": 1 / epoch, "val_loss": 2.0})], [])

    with reading() as session:
        since = partial(course_service.progress, session, run_id)
        now = since(after_epoch=1, attempt=claim.attempt)
        assert now.points == {"loss": [(2, 1 / 2), (3, 1 / 3)], "val_loss": [(2, 2.0), (3, 2.0)]}
        assert (now.state, now.epoch) == ("running", 3)
        assert since(after_epoch=3, attempt=claim.attempt).points == {}
        assert len(since(after_epoch=3, attempt=claim.attempt + 1).points["loss"]) == 3


def test_what_is_left_of_a_run_is_told_from_the_time_of_its_epochs_so_far(ada, pair):
    run_id = factories.run_row(ada, *pair, epochs=100)
    claim = worker_service.claim("w")
    assert factories.progress(ada, run_id).seconds_left is None
    worker_service.record(run_id, claim.attempt, [(20, {"loss": 1.0})], [])
    with writing() as session:  # as if 20 epochs had taken 60 s
        row = session.get_one(RunRow, run_id)
        row.started = row.epoch_at - timedelta(seconds=60)

    assert 180 < factories.progress(ada, run_id).seconds_left <= 240  # 80 epochs, less the time since the last one


def test_a_long_curve_comes_thinned_with_its_peaks_and_its_last_point(ada, pair):
    run_id = factories.run_row(ada, *pair, epochs=5000)
    claim = worker_service.claim("w")
    for start in range(1, 5001, 50):
        values = [(epoch, {"loss": 99.0 if epoch == 1234 else 1.0}) for epoch in range(start, start + 50)]
        worker_service.record(run_id, claim.attempt, values, [])

    curve = factories.progress(ada, run_id).points["loss"]

    assert len(curve) <= 500
    assert (1234, 99.0) in curve and curve[-1] == (5000, 1.0)
    assert curve == sorted(curve)
