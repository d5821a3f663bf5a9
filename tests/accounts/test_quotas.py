"""How much of the file store a person may fill, and what the disk keeps free."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from mhub_core.accounts import people_service
from mhub_core.accounts import quota_service as quotas
from mhub_core.errors import Forbidden, Invalid, NotFound, TooLarge, Unavailable
from mhub_core.storage import disk
from mhub_core.storage import service as storage
from tests import factories


def sent(person, content: bytes) -> str:
    """Store bytes as an upload of a person."""
    path = storage.incoming() / "upload-test"
    path.write_bytes(content)
    return storage.take_file(path, person.id)


@pytest.fixture
def people(hub, monkeypatch):
    """An administrator and somebody else, each with a megabyte."""
    monkeypatch.setenv("MHUB_QUOTA_MB", "1")
    return factories.person("root", is_admin=True), factories.person("ada")


def test_what_a_person_sent_counts_until_the_quota_is_met(people):
    _, ada = people
    quotas.require_room(ada, 900_000)
    sent(ada, b"a" * 600_000)
    sent(ada, b"a" * 600_000)

    assert quotas.usage(ada).num_bytes == 600_000
    with pytest.raises(TooLarge, match="Your files already take 1 MB, and 0 MB more do not fit") as told:
        quotas.require_room(ada, 500_000)
    assert "Delete datasets" in told.value.mend


def test_the_same_bytes_count_for_who_sent_them_first(people):
    root, ada = people
    sent(root, b"shared")
    sent(ada, b"shared")

    assert (quotas.usage(root).num_bytes, quotas.usage(ada).num_bytes) == (6, 0)


def test_an_administrator_has_no_quota_and_may_allow_somebody_more_or_less(people):
    root, ada = people
    quotas.require_room(root, 5_000_000)
    quotas.set_quota(root, " Ada@Example.org ", 3)
    quotas.require_room(ada, 2_900_000)
    quotas.set_quota(root, ada.email, None)
    with pytest.raises(TooLarge):
        quotas.require_room(ada, 2_900_000)


def test_nobody_else_sets_quotas_and_none_is_impossible(people):
    root, ada = people
    with pytest.raises(Forbidden):
        quotas.set_quota(ada, ada.email, 99)
    with pytest.raises(Invalid):
        quotas.set_quota(root, ada.email, -1)
    with pytest.raises(NotFound):
        quotas.set_quota(root, "nobody@example.org", 1)


def test_an_administrator_lists_everyone_with_what_they_fill_and_nobody_else_may(people):
    root, ada = people
    quotas.set_quota(root, ada.email, 3)
    sent(ada, b"a" * 600_000)

    newest, first = people_service.list_people(root)
    assert (newest.user, newest.usage.num_bytes, newest.usage.quota_bytes) == (ada, 600_000, 3_000_000)
    assert (first.user, first.usage.quota_bytes) == (root, None)
    assert [person.user for person in people_service.list_people(root, "ADA example")] == [ada]
    assert people_service.list_people(root, "ada_example") == people_service.list_people(root, offset=2) == []
    for nobody in (ada, None):
        with pytest.raises(Forbidden):
            people_service.list_people(nobody)


def test_a_disk_that_is_nearly_full_takes_no_new_data(people, monkeypatch):
    _, ada = people
    monkeypatch.setattr(disk, "free_bytes", lambda: 1_005_000_000)
    quotas.require_room(ada, 100_000)
    assert disk.state() == "nearly full: 1.0 GB free"
    with pytest.raises(Unavailable, match="The disk of the hub is nearly full: 5 MB left for new data"):
        quotas.require_room(ada, 9_000_000)
    monkeypatch.setattr(disk, "free_bytes", lambda: 400_000_000)
    assert disk.state() == "full: 400 MB free"
    with pytest.raises(Unavailable, match="0 MB left.*Current runs continue"):
        disk.require_room()
    monkeypatch.setattr(disk, "free_bytes", lambda: 90_000_000_000)
    assert disk.state() == "ok"


def test_what_comes_at_once_to_several_web_processes_does_not_find_the_same_room(people):
    _, ada = people
    keys = [f"{number:064x}" for number in range(12)]

    def admitted(key: str) -> bool:
        try:
            quotas.admit(ada, key, 400_000)
        except TooLarge:
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(admitted, keys)) == 2
    assert quotas.usage(ada).num_bytes == 800_000


def test_a_file_that_is_not_admitted_is_not_stored(people):
    _, ada = people
    path = storage.incoming() / "upload-test"
    path.write_bytes(b"a" * 1_200_000)

    with pytest.raises(TooLarge, match="At most 1 MB"):
        storage.take_file(path, ada.id, partial(quotas.admit, ada))

    assert list(storage.list_keys()) == [] and quotas.usage(ada).num_bytes == 0
