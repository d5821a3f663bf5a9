"""A database that is locked for longer than a worker may be silent, on SQLite and on PostgreSQL: nobody is taken for dead."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from db.base import now
from db.engine import reading, writing
from db.tables.runs import RunRow
from jobs import sweep, train
from mhub_core.runs import worker_service as runs
from tests import factories, locks
from tests.services import wait_until


@pytest.fixture
def claim(hub, monkeypatch):
    """A run that a worker holds, and a sweeper that has just started."""
    monkeypatch.setattr(sweep, "watch", sweep.Watch())
    ada = factories.person("ada")
    factories.run_row(ada, factories.model(ada), factories.dataset())
    return runs.claim("here:1:training")


def row(run_id: int) -> RunRow:
    with reading() as session:
        return session.get_one(RunRow, run_id)


def let_expire(run_id: int) -> None:
    with writing() as session:
        session.execute(update(RunRow).where(RunRow.id == run_id).values(lease_until=now() - timedelta(seconds=1)))


def test_nobody_is_taken_for_dead_while_the_database_is_locked_nor_right_after(claim):
    let_expire(claim.run_id)

    with locks.held():
        sweep.sweep()
        assert row(claim.run_id).state == "starting"
    sweep.sweep()

    assert row(claim.run_id).state == "starting"
    assert runs.beat(claim.run_id, claim.attempt) == runs.GO


def test_a_run_whose_worker_stays_silent_is_taken_when_the_database_could_be_written_for_long_enough(claim, monkeypatch):
    monkeypatch.setenv("MHUB_LEASE_SECONDS", "1")
    let_expire(claim.run_id)

    def is_taken() -> bool:
        sweep.sweep()
        return row(claim.run_id).state == "queued"

    wait_until(is_taken)


def test_a_worker_goes_on_after_a_lock_that_was_longer_than_its_lease(claim, monkeypatch):
    monkeypatch.setenv("MHUB_LEASE_SECONDS", "2")
    with train.Heart(claim) as heart:
        with locks.held():
            end = row(claim.run_id).lease_until
            wait_until(lambda: now() > end + timedelta(seconds=1))
            sweep.sweep()
        wait_until(lambda: (sweep.sweep(), row(claim.run_id).lease_until > now())[1])

        assert (row(claim.run_id).attempt, row(claim.run_id).state) == (1, "starting")
        assert heart.verdict == runs.GO


def test_a_sweeper_that_was_not_looking_waits_as_one_that_has_just_started(claim, monkeypatch):
    monkeypatch.setenv("MHUB_LEASE_SECONDS", "1")
    wait_until(sweep.watch.is_sure)
    monkeypatch.setattr(sweep, "MOST_BETWEEN_LOOKS", -1.0)  # as if the machine had slept since the last look
    let_expire(claim.run_id)

    sweep.sweep()

    assert row(claim.run_id).state == "starting"
