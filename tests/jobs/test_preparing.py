"""Preparing datasets leaves the quick worker room for people who wait."""

from __future__ import annotations

import pytest

from jobs import prepare_dataset as job
from mhub_core.accounts.records import User
from mhub_core.datasets import service, worker_service
from mhub_core.errors import Conflict, Invalid
from mhub_core.storage import service as storage
from mhub_core.storage import uploads
from tests import factories
from tests.datasets.conftest import CARS


def sent_by(person: User) -> int:
    """Make a dataset that waits for a worker, and return its id."""
    token = uploads.seal(person.id, storage.put_bytes(CARS.encode()), "cars.csv", len(CARS))
    return service.create(person, token, "Cars", "", "table", "price", "regression")


def test_a_dataset_without_room_waits_for_the_sweeper_and_is_prepared_then(database):
    ada = factories.person("ada")
    dataset_id = sent_by(ada)
    [version] = service.require_dataset(ada, dataset_id).versions
    for _ in range(job.MOST_AT_ONCE):
        job.room.free.acquire()

    job.prepare_dataset.fn(version.id)

    assert worker_service.list_unprepared() == [version.id]
    for _ in range(job.MOST_AT_ONCE):
        job.room.free.release()
    job.prepare_dataset.fn(version.id)
    assert service.require_version(ada, version.id).state == "ready"


def test_datasets_of_one_person_leave_room_for_those_of_others(database):
    ada, bob = factories.person("ada"), factories.person("bob")
    hers = [service.require_dataset(ada, sent_by(ada)).versions[0].id for _ in range(worker_service.MOST_OF_ONE + 1)]
    [his] = [version.id for version in service.require_dataset(bob, sent_by(bob)).versions]
    claimed = [worker_service._claim(version_id) for version_id in [*hers, his]]

    assert [claim is not None for claim in claimed] == [True] * worker_service.MOST_OF_ONE + [False, True]
    assert worker_service.list_unprepared() == [hers[-1]]
    assert claimed[0] is not None
    worker_service._refuse(claimed[0][0], Invalid("It is no table."))
    assert worker_service._claim(hers[-1]) is not None


def test_one_person_cannot_let_any_number_of_datasets_wait(database, monkeypatch):
    ada, bob = factories.person("ada"), factories.person("bob")
    monkeypatch.setattr(service, "MAX_UNPREPARED", 2)
    first, _ = sent_by(ada), sent_by(ada)

    with pytest.raises(Conflict, match="still being prepared"):
        sent_by(ada)
    sent_by(bob)
    service.delete(ada, first)
    sent_by(ada)
