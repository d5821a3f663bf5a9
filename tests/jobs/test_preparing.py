"""Preparing datasets leaves the quick worker room for people who wait."""

from __future__ import annotations

from jobs import prepare_dataset as job
from mhub_core.accounts.records import User
from mhub_core.datasets import service, worker_service
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
        job.room.acquire()

    job.prepare_dataset.fn(version.id)

    assert worker_service.list_unprepared() == [version.id]
    for _ in range(job.MOST_AT_ONCE):
        job.room.release()
    job.prepare_dataset.fn(version.id)
    assert service.require_version(ada, version.id).state == "ready"
