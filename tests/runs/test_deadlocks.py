"""Runs that end while their people do something else, on PostgreSQL: whoever holds what the other one needs comes first."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from db.engine import reading
from db.tables.datasets import DatasetRow
from mhub_core.accounts.records import User
from mhub_core.datasets import service as datasets
from mhub_core.people import leaving_service
from mhub_core.runs import line_service, service, tag_service, worker_service
from mhub_core.sharing import service as sharing
from mhub_core.training.records import Outcome
from tests import factories
from tests.services import wait_until

pytestmark = pytest.mark.slow
SCORES = {"accuracy": 0.9}
OUTCOME = Outcome("finished", Path("model.keras"), 67, 1.5, 5, {"task": "classification", "scores": SCORES}, SCORES)


@pytest.fixture
def ada(large_hub) -> User:
    return factories.person("ada", is_admin=True)


@pytest.fixture
def bob(ada) -> User:
    return factories.person("bob")


def finish() -> int | None:
    claim = worker_service.claim("worker")
    return worker_service.finish(claim.run_id, claim.attempt, OUTCOME, "0" * 64)


def somebody_waits() -> bool:
    with reading() as session:
        return session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")) > 0


def while_it_ends(monkeypatch: pytest.MonkeyPatch, step: str, other: Callable[[], Any]) -> Any:
    """End a run; after or before one step of that, let somebody do something else until they wait. Returns what they got."""
    kept = getattr(line_service, step)

    def slow(*given: Any, **named: Any) -> None:
        monkeypatch.setattr(line_service, step, kept)
        if step == "hold":
            kept(*given, **named)
        asked.append(pool.submit(other))
        wait_until(lambda: somebody_waits() or asked[0].done())
        if step != "hold":
            kept(*given, **named)

    asked: list[Any] = []
    monkeypatch.setattr(line_service, step, slow)
    with ThreadPoolExecutor(1) as pool:
        assert finish() is not None
        return asked[0].result()


def test_a_person_starts_a_run_while_another_one_of_the_same_line_ends(ada, monkeypatch):
    pair = factories.model(ada), factories.dataset()
    first = service.submit(ada, *pair, {"epochs": 3, "seed": 1}, "the-first-run")

    second = while_it_ends(monkeypatch, "hold", lambda: service.submit(ada, *pair, {"epochs": 3, "seed": 2}, "another-seed"))

    [card] = service.list_runs(ada)
    assert (card.id, card.line.num_runs, second > first) == (first, 2, True)


def test_a_dataset_is_published_while_a_run_of_a_line_ends(ada, monkeypatch):
    version = factories.dataset(ada, "private", "Flowers")
    service.submit(ada, factories.model(ada), version, {"epochs": 3, "seed": 1}, "two-seeds", num_seeds=2)
    finish()
    with reading() as session:
        dataset_id = session.scalar(select(DatasetRow.id).where(DatasetRow.name == "Flowers"))

    while_it_ends(monkeypatch, "arrange", lambda: datasets.update(ada, dataset_id, "Flowers", "", "", "", "public"))

    [card] = service.list_runs(None)
    assert card.line.num_finished == 2


def test_a_person_leaves_while_one_of_several_seeds_ends(ada, bob, monkeypatch):
    version = factories.model(ada)
    sharing.grant(ada, sharing.MODEL, 1, bob.id, "edit")
    service.submit(bob, version, factories.dataset(), {"epochs": 3, "seed": 1}, "five-seeds", num_seeds=5)

    while_it_ends(monkeypatch, "arrange", lambda: leaving_service.leave(bob, "", leaving_service.WORD, "here"))

    assert service.list_runs(ada, folded=False) == []


def test_tags_that_are_set_at_once_are_set_one_after_the_other(ada):
    run_id = factories.run_row(ada, factories.model(ada), factories.dataset())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: tag_service.change_tags(ada, run_id, [f"tag {number}", "good"]), range(8)))

    with reading() as session:
        assert len(tag_service.tags_of(session, [run_id])[run_id]) == 9
