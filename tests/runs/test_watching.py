"""What browsers are told of a run that goes on: once for all, only what is new, and only while they may see it."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import event
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db import engine
from mhub_core.accounts import service as accounts
from mhub_core.accounts.records import SESSION_COOKIE, User
from mhub_core.errors import MHubError, NotFound
from mhub_core.runs import service as runs
from mhub_core.runs import watch_service, worker_service
from mhub_core.server.answers import answer_error
from mhub_core.server.app import ROUTES
from mhub_core.ui import live_words
from mhub_core.ui.live_words import Known
from tests import factories


@pytest.fixture
def ada(database) -> User:
    return factories.person("ada")


@pytest.fixture
def run_id(ada) -> int:
    """A private run of Ada's that has done three epochs."""
    run_id = factories.run_row(ada, factories.model(ada, "private"), factories.dataset(), epochs=10)
    worker_service.claim("w")
    worker_service.record(run_id, 1, [], ["The data are loaded."])
    record(run_id, 1, 2, 3)
    return run_id


@pytest.fixture
def no_rest(monkeypatch) -> None:
    """Look at the database every time."""
    monkeypatch.setattr(watch_service, "FRESH_SECONDS", -1.0)


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=ROUTES, exception_handlers={MHubError: answer_error}))


def record(run_id: int, *epochs: int, attempt: int = 1) -> None:
    points = [(epoch, {"loss": 1 / epoch, "val_loss": 2 / epoch}) for epoch in epochs]
    assert worker_service.record(run_id, attempt, points, [])


def token_of(person: User) -> str:
    return accounts.redeem_ticket(accounts.issue_ticket(person.id), "test")


def known_from(told: dict) -> Known:
    return Known(told["attempt"], told["epoch"], told["log_number"], told["revision"])


def test_a_browser_gets_all_first_then_only_what_is_new_then_nothing(ada, run_id, no_rest):
    first = live_words.whole(watch_service.watch_as(ada, run_id))
    assert first["is_whole"] and [epoch for epoch, _ in first["points"]["loss"]] == [1, 2, 3]
    assert "Epoch 3 of 10 is done." in first["sentence"] and first["log"]

    record(run_id, 4)
    seen = watch_service.watch_as(ada, run_id)  # one look: on a slow machine the next one finds less time left
    more = json.loads(live_words.answer(seen, known_from(first)))
    assert more["points"] == {"loss": [[4, 0.25]], "val_loss": [[4, 0.5]]}
    assert not more["is_whole"] and more["log"] is None
    assert more["charts"][0]["best"] == ["val_loss", 4, 0.5]

    assert live_words.answer(seen, known_from(more)) == b""


def test_another_attempt_begins_the_curves_anew(ada, run_id, no_rest):
    first = live_words.whole(watch_service.watch_as(ada, run_id))
    worker_service.give_back(run_id, 1)
    worker_service.claim("w")
    record(run_id, 1, attempt=2)

    told = json.loads(live_words.answer(watch_service.watch_as(ada, run_id), known_from(first)))

    assert told["is_whole"] and told["points"]["loss"] == [[1, 1.0]]


def test_a_value_that_is_not_finite_is_a_gap_and_not_a_broken_answer(ada, run_id, no_rest):
    worker_service.record(run_id, 1, [(4, {"loss": float("nan"), "val_loss": float("inf")})], [])

    told = live_words.whole(watch_service.watch_as(ada, run_id))

    assert told["points"]["loss"][-1] == [4, None] and told["points"]["val_loss"][-1] == [4, None]


def test_a_long_curve_comes_thinned_and_is_not_held_for_ever(ada, run_id, no_rest):
    seen = watch_service.watch_as(ada, run_id)
    for start in range(4, 8004, 100):
        record(run_id, *range(start, start + 100))
        seen = watch_service.watch_as(ada, run_id)

    told = live_words.whole(seen)

    assert len(told["points"]["loss"]) <= 500 and told["points"]["loss"][-1][0] == 8003
    assert len(seen.points["loss"]) <= watch_service.MOST_POINTS + 100


def test_however_many_watch_the_database_is_asked_once_in_a_moment(ada, run_id, client, monkeypatch):
    monkeypatch.setattr(watch_service, "FRESH_SECONDS", 60.0)
    monkeypatch.setattr(watch_service, "ALLOWED_SECONDS", 60.0)
    client.cookies.set(SESSION_COOKIE, token_of(ada))
    assert client.get(f"/api/runs/{run_id}/live").status_code == 200
    asked = []
    event.listen(engine.engine(False), "before_cursor_execute", lambda *told: asked.append(told[2]))

    answers = [client.get(f"/api/runs/{run_id}/live") for _ in range(20)]

    assert {answer.status_code for answer in answers} == {200} and len({answer.content for answer in answers}) == 1
    assert not asked


def test_a_run_that_has_ended_is_found_as_it_was(ada, run_id, no_rest):
    moving = watch_service.watch_as(ada, run_id)
    assert watch_service.watch_as(ada, run_id) is not moving
    worker_service.fail(run_id, 1, NotFound("Gone."))
    ended = watch_service.watch_as(ada, run_id)
    assert ended.progress.state == "failed" and ended.points == moving.points
    assert watch_service.watch_as(ada, run_id) is ended


def test_who_knows_all_gets_an_empty_answer(ada, run_id, client):
    client.cookies.set(SESSION_COOKIE, token_of(ada))
    told = client.get(f"/api/runs/{run_id}/live").json()
    known = {"attempt": told["attempt"], "epoch": told["epoch"], "log": told["log_number"], "revision": told["revision"]}

    again = client.get(f"/api/runs/{run_id}/live", params=known)

    assert again.status_code == 204 and again.content == b""


def test_a_private_run_is_hidden_from_visitors_and_others(run_id, client):
    assert client.get(f"/api/runs/{run_id}/live").status_code == 404
    client.cookies.set(SESSION_COOKIE, token_of(factories.person("bob")))
    assert client.get(f"/api/runs/{run_id}/live").status_code == 404


def test_signing_out_everywhere_ends_the_watching(ada, run_id, client, monkeypatch):
    client.cookies.set(SESSION_COOKIE, token_of(ada))
    assert client.get(f"/api/runs/{run_id}/live").status_code == 200
    accounts.sign_out_everywhere(ada)
    watch_service._allowed.expire(watch_service._allowed.timer() + watch_service.ALLOWED_SECONDS + 1)

    assert client.get(f"/api/runs/{run_id}/live").status_code == 404


def test_a_run_that_was_deleted_is_no_longer_there(ada, run_id, no_rest):
    worker_service.fail(run_id, 1, NotFound("Gone."))
    watch_service.watch_as(ada, run_id)
    runs.delete(ada, run_id)

    with pytest.raises(NotFound):
        watch_service.watch(token_of(ada), run_id)


@pytest.mark.parametrize("query", ["epoch=-1", "epoch=1e3", "attempt=%C2%B2", "revision=99999999999999", "log=x"])
def test_what_is_no_number_is_refused_in_words(run_id, client, query):
    answer = client.get(f"/api/runs/{run_id}/live?{query}")

    assert answer.status_code == 400 and "number" in answer.json()["error"]["happened"]


def test_a_run_that_was_deleted_is_gone_for_those_who_watched_it(ada, run_id, client, no_rest):
    client.cookies.set(SESSION_COOKIE, token_of(ada))
    assert client.get(f"/api/runs/{run_id}/live").status_code == 200
    worker_service.fail(run_id, 1, NotFound("Stopped."))
    runs.delete(ada, run_id)
    again = factories.run_row(ada, factories.model(ada, "private"), factories.dataset(), epochs=10)

    assert again != run_id and client.get(f"/api/runs/{run_id}/live").status_code == 404
