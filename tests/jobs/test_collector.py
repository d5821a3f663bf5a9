"""Epochs on their way into the database: many in one transaction, and none lost on the way."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from db import engine
from jobs import collector
from mhub_core.errors import Unavailable
from mhub_core.runs import worker_service
from tests import factories


@pytest.fixture
def claim(hub):
    ada = factories.person("ada")
    factories.run_row(ada, factories.model(ada), factories.dataset())
    return worker_service.claim("here:1:training")


@contextmanager
def commits():
    """Count the transactions of this process that wrote."""
    seen: list[object] = []

    def note(connection: object) -> None:
        seen.append(connection)

    event.listen(engine.engine(), "commit", note)
    yield seen
    event.remove(engine.engine(), "commit", note)


def curve(claim, name: str = "loss") -> list[tuple[int, float]]:
    return factories.progress(None, claim.run_id).points.get(name, [])


def test_the_first_epoch_is_written_at_once_and_those_of_a_moment_together(claim, monkeypatch):
    monkeypatch.setattr(collector, "MOMENT_SECONDS", 3600.0)
    epochs = collector.Collector(claim)
    with commits() as seen:
        epochs.add(1, {"loss": 1.0})
        epochs.write_when_due()
        assert curve(claim) == [(1, 1.0)]
        for epoch in range(2, 301):
            epochs.add(epoch, {"loss": 1 / epoch, "val_loss": 2.0})
            epochs.write_when_due()
        epochs.say("Half of it.")
        epochs.write()

    assert len(seen) == 2
    assert curve(claim) == [(epoch, 1 / epoch) for epoch in range(1, 301)]
    assert curve(claim, "val_loss")[0] == (2, 2.0)
    assert [line.words for line in factories.progress(None, claim.run_id).log] == ["Half of it."]


def test_epochs_that_come_quicker_than_a_moment_do_not_pile_up(claim, monkeypatch):
    monkeypatch.setattr(collector, "MOMENT_SECONDS", 3600.0)
    epochs = collector.Collector(claim)
    for epoch in range(1, collector.MOST_POINTS + 2):
        epochs.add(epoch, {"loss": 1.0})
        epochs.write_when_due()

    assert factories.progress(None, claim.run_id).epoch == collector.MOST_POINTS + 1


def test_what_a_database_did_not_take_is_written_when_it_is_back(claim, monkeypatch):
    epochs = collector.Collector(claim)
    with monkeypatch.context() as away:
        away.setenv("DATABASE_URL", "postgresql://mhub@127.0.0.1:1/mhub")
        epochs.add(1, {"loss": 1.0})
        epochs.say("It begins.")
        epochs.write_when_due()
        with pytest.raises(Unavailable):
            epochs.write()
    epochs.add(2, {"loss": 0.5})
    epochs.write_when_due()

    assert curve(claim) == [(1, 1.0), (2, 0.5)]
    assert [line.words for line in factories.progress(None, claim.run_id).log] == ["It begins."]
